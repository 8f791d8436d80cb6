/** `<sb-assets>`: the inventory: searched and filtered by the server, read page by page. */

import { h, replace, setText } from '../lib/dom.js';
import { count, label, plural } from '../lib/format.js';
import { call, explain } from '../lib/http.js';
import './shown-value.js';

const PAGE = 50;
const SEARCH_DELAY_MS = 250;
/** Columns in the order people look for them; an export decides which of them exist. */
const PREFERRED = ['name', 'hostname', 'ip_address', 'type', 'asset_type', 'environment', 'operating_system', 'owner', 'location',
  'fqdn', 'business_unit', 'application', 'status', 'criticality'];
const HIDDEN = new Set(['id', 'key', 'flow', 'flow_id', 'source_row', 'created_at']);
/** Attributes that say the same as a member of the asset itself. */
const REPEATS = { hostname: 'name', asset_type: 'type' };
const MAX_COLUMNS = 7;

export class AssetList extends HTMLElement {
  #items = []; #cursor; #total; #request; #timer;
  #seen = { environment: new Set(), type: new Set() };
  #filters = {
    q: h('input', { type: 'search', placeholder: 'Search names, addresses, owners', 'aria-label': 'Search assets' }),
    environment: filter('environment', 'Any environment'),
    type: filter('type', 'Any type'),
  };
  #summary = h('p', { class: 'muted', role: 'status' });
  #flowNote = h('p', { class: 'notice info', hidden: true });
  #head = h('tr');
  #body = h('tbody');
  #table = h('table', { class: 'value-table cards assets' }, h('thead', {}, this.#head), this.#body);
  #empty = h('div', { class: 'empty', hidden: true });
  #more = h('button', { type: 'button', hidden: true, onClick: () => this.#load(false) }, 'Load more');

  connectedCallback() {
    document.title = 'Assets · Signalbox';
    this.#flowNote.hidden = !this.getAttribute('flow');
    replace(this.#flowNote, 'Only assets of one flow. ', h('a', { href: '#/assets' }, 'Show all'));
    const form = h('form', { class: 'toolbar', role: 'search' }, Object.values(this.#filters));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#load(true);
    });
    form.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#load(true), SEARCH_DELAY_MS);
    });
    replace(this, h('section', { class: 'page' },
      h('div', { class: 'page-head' }, h('div', {}, h('h1', { tabindex: '-1' }, 'Assets'), this.#summary)),
      this.#flowNote, form, h('div', { class: 'table-scroll panel flush' }, this.#table), this.#empty, this.#more));
    this.#load(true);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#request?.abort();
  }

  async #load(fresh) {
    // A newer question makes the older one pointless, and its late answer wrong.
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    const query = new URLSearchParams({ limit: PAGE });
    for (const [name, input] of Object.entries(this.#filters)) {
      if (input.value.trim() !== '') query.set(name, input.value.trim());
    }
    if (this.getAttribute('flow')) query.set('flow', this.getAttribute('flow'));
    if (!fresh && this.#cursor) query.set('cursor', this.#cursor);
    this.#more.disabled = true;
    if (fresh && this.#items.length === 0) setText(this.#summary, 'Loading…');
    try {
      const page = await call('GET', `/v1/assets?${query}`, { signal: request.signal });
      this.#items = fresh ? page.items : [...this.#items, ...page.items];
      this.#cursor = page.next_cursor;
      this.#total = page.total ?? (fresh ? undefined : this.#total);
      this.#render();
    } catch (error) {
      if (error.name !== 'AbortError') setText(this.#summary, explain(error));
    } finally {
      if (this.#request === request) this.#more.disabled = false;
    }
  }

  #render() {
    const rows = this.#items.map((asset) => ({ asset, flat: flatten(asset) }));
    const columns = columnsOf(rows.map(({ flat }) => flat));
    replace(this.#head, columns.map((column) => h('th', { scope: 'col' }, label(column))),
      h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, 'Details')));
    replace(this.#body, rows.map((row) => assetRow(row, columns)));
    const empty = this.#items.length === 0;
    this.#table.hidden = empty;
    this.#table.parentElement.hidden = empty;
    this.#empty.hidden = !empty;
    setText(this.#empty, this.#filtered() ? 'No asset fits this search.' : 'No assets yet. A finished discovery flow fills the inventory.');
    this.#more.hidden = !this.#cursor;
    const shown = plural(this.#items.length, 'asset');
    const soFar = this.#cursor ? `${shown} so far` : shown;
    setText(this.#summary, typeof this.#total === 'number' ? `${shown} of ${count(this.#total)}` : soFar);
    this.#suggest(rows.map(({ flat }) => flat));
  }

  #filtered() {
    return Object.values(this.#filters).some((input) => input.value !== '');
  }

  /** The filters offer the values seen so far. */
  #suggest(rows) {
    for (const [name, values] of Object.entries(this.#seen)) {
      const select = this.#filters[name];
      for (const row of rows) {
        const value = row[name];
        if (typeof value !== 'string' || values.has(value)) continue;
        values.add(value);
        select.append(h('option', { value }, label(value)));
      }
    }
  }
}

function filter(name, any) {
  return h('select', { 'aria-label': label(name) }, h('option', { value: '' }, any));
}

/** The asset's own members and its attributes side by side, as far as they fit a cell. */
function flatten(asset) {
  const all = { ...asset.attributes?.attributes, ...asset.attributes, ...asset };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== '' && typeof value !== 'object'));
}

function columnsOf(rows) {
  const present = new Set(rows.flatMap((row) => Object.keys(row)));
  for (const [name, original] of Object.entries(REPEATS)) {
    if (present.has(original)) present.delete(name);
  }
  const first = PREFERRED.filter((name) => present.has(name));
  const others = [...present].filter((name) => !PREFERRED.includes(name) && !HIDDEN.has(name));
  return [...first, ...others].slice(0, MAX_COLUMNS);
}

function assetRow({ asset, flat }, columns) {
  const button = h('button', {
    type: 'button', class: 'quiet small', 'aria-label': `Details of ${flat[columns[0]] ?? asset.id}`, onClick: () => showDetails(asset),
  }, 'Details');
  return h('tr', { dataset: { testid: 'asset-row', assetId: asset.id } },
    columns.map((column) => h('td', { dataset: { label: label(column) } }, text(flat[column]))),
    h('td', { class: 'row-action' }, button));
}

function text(value) {
  return value === undefined ? h('span', { class: 'muted' }, '—') : String(value);
}

function showDetails(asset) {
  const value = h('sb-value');
  value.show(asset);
  const dialog = h('dialog', { class: 'dialog wide', 'aria-labelledby': 'asset-title' },
    h('h2', { id: 'asset-title' }, asset.name ?? 'Asset'), value,
    h('form', { method: 'dialog', class: 'dialog-actions' }, h('button', { autofocus: true }, 'Close')));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

customElements.define('sb-assets', AssetList);
