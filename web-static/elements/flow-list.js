/** `<sb-flow-list>`: all flows, live; filtered by status and searched on this side. */

import { h, oncePerFrame, reconcile, replace, setAttribute, setText } from '../lib/dom.js';
import { count, label, plural } from '../lib/format.js';
import { lamp, statusLabel } from '../lib/lamp.js';
import { routeTo } from '../lib/router.js';
import { session } from '../lib/session.js';
import { openNewFlow } from './new-flow-dialog.js';
import './relative-time.js';

const STATUSES = ['running', 'waiting', 'pending', 'succeeded', 'failed', 'cancelled'];
const PAGE_ROWS = 100;

export class FlowList extends HTMLElement {
  #subscription;
  #items;
  #live = false;
  #status = '';
  #limit = PAGE_ROWS;
  #search = h('input', { type: 'search', placeholder: 'Search title, type or id', 'aria-label': 'Search flows' });
  #chips = h('div', { class: 'chips', role: 'group', 'aria-label': 'Filter by status' });
  #list = h('ul', { class: 'rows', dataset: { testid: 'flow-list' } });
  #empty = h('div', { class: 'empty' });
  #more = h('button', { type: 'button', class: 'quiet', hidden: true }, 'Show more');
  #summary = h('p', { class: 'muted', role: 'status' });
  #schedule = oncePerFrame(() => this.#render());

  connectedCallback() {
    document.title = 'Flows · Signalbox';
    const mayStart = session.is('operator', 'admin');
    const start = () => openNewFlow();
    replace(this, h('section', { class: 'page' },
      h('div', { class: 'page-head' },
        h('div', {}, h('h1', { tabindex: '-1' }, 'Flows'), this.#summary),
        mayStart && h('button', { type: 'button', class: 'primary', dataset: { testid: 'new-flow' }, onClick: start },
          'New discovery flow')),
      h('div', { class: 'toolbar' }, this.#search, this.#chips),
      this.#list, this.#empty, this.#more));
    this.#search.addEventListener('input', this.#schedule);
    this.#more.addEventListener('click', () => {
      this.#limit += PAGE_ROWS;
      this.#render();
    });
    if (mayStart) this.#acceptDrops();
    this.#subscription = session.client.subscribe('flows', {
      onDocument: (document) => {
        this.#items = document.items ?? {};
        this.#schedule();
      },
      onStatus: ({ live, error }) => {
        this.#live = live;
        if (error) setText(this.#summary, `The list cannot be shown: ${error.message}`);
        else this.#schedule();
      },
    });
    this.#render();
  }

  disconnectedCallback() {
    this.#subscription.close();
  }

  #render() {
    const all = Object.values(this.#items ?? {});
    this.#renderChips(all);
    const text = this.#search.value.trim().toLowerCase();
    const shown = all
      .filter((flow) => this.#status === '' || flow.status === this.#status)
      .filter((flow) => [flow.title, flow.type, flow.id].some((part) => part?.toLowerCase().includes(text)))
      .sort((a, b) => (b.created_at ?? '').localeCompare(a.created_at ?? '') || b.id.localeCompare(a.id));
    reconcile(this.#list, shown.slice(0, this.#limit).map((flow) => ({ key: flow.id, flow })), createRow, updateRow);
    this.#more.hidden = shown.length <= this.#limit;
    const freshness = this.#live ? 'live' : 'as last seen';
    setText(this.#summary, this.#items ? `${plural(all.length, 'flow')}, ${freshness}` : 'Loading…');
    this.#empty.hidden = shown.length > 0 || !this.#items;
    setText(this.#empty, all.length === 0
      ? 'No flows yet. Start one with an export from your CMDB: a CSV file is enough.'
      : 'No flow fits this search.');
  }

  #renderChips(all) {
    const counts = new Map([['', all.length]]);
    for (const { status } of all) counts.set(status, (counts.get(status) ?? 0) + 1);
    const chips = ['', ...STATUSES].filter((status) => counts.has(status) || status === this.#status);
    reconcile(this.#chips, chips.map((status) => ({ key: status || 'all', status })), ({ status }) => h('button', {
      type: 'button', class: 'chip',
      onClick: () => {
        this.#status = status;
        this.#limit = PAGE_ROWS;
        this.#render();
      },
    }), (chip, { status }) => {
      setText(chip, `${status ? label(status) : 'All'} ${count(counts.get(status) ?? 0)}`);
      setAttribute(chip, 'aria-pressed', String(status === this.#status));
    });
  }

  #acceptDrops() {
    this.addEventListener('dragover', (event) => event.preventDefault());
    this.addEventListener('drop', (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length > 0) openNewFlow(event.dataTransfer.files[0]);
    });
  }
}

function createRow({ flow }) {
  const element = h('li', { dataset: { testid: 'flow-row', flowId: flow.id } });
  element.parts = {
    lamp: h('span', { class: 'row-lamp' }),
    title: h('span', { class: 'row-title' }),
    detail: h('span', { class: 'row-detail' }),
    status: h('span', { class: 'row-status' }),
    time: h('sb-time'),
  };
  const { lamp: light, title, detail, status, time } = element.parts;
  element.append(h('a', { class: 'row', href: routeTo('flows', flow.id) },
    light, h('span', { class: 'row-text' }, title, detail), status, time));
  return element;
}

function updateRow(element, { flow }) {
  const { lamp: light, title, detail, status, time } = element.parts;
  if (element.dataset.status !== flow.status) {
    element.dataset.status = flow.status;
    replace(light, lamp(flow.status));
  }
  setText(title, flow.title || label(flow.type ?? 'flow'));
  const waiting = flow.open_prompts > 0 && plural(flow.open_prompts, 'open prompt');
  setText(detail, [label(flow.type ?? ''), flow.phase && label(flow.phase), waiting].filter(Boolean).join(' · '));
  setText(status, statusLabel(flow.status));
  setAttribute(time, 'datetime', flow.created_at);
}

customElements.define('sb-flow-list', FlowList);
