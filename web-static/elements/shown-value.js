/** `<sb-value>`: any JSON value, readably: tables for lists of objects, names and values for objects. */

import { h, replace } from '../lib/dom.js';
import { isContainer } from '../client/json/pointer.js';
import { stringifyExact } from '../client/json/text.js';
import { brief, count, label, plural } from '../lib/format.js';

const PAGE_ROWS = 25;
const MAX_COLUMNS = 12;
const MAX_DEPTH = 4;
/** Columns are collected from this many rows; ragged tails do not widen the table. */
const SAMPLED_ROWS = 200;

export class ShownValue extends HTMLElement {
  /** @param {unknown} value @param {string} [name] what it is, for the table's accessible name */
  show(value, name = 'Values') {
    replace(this, render(value, name, 0));
  }
}

function render(value, name, depth) {
  if (!isContainer(value)) return scalar(value);
  if (depth >= MAX_DEPTH) return h('code', {}, brief(value, 200));
  if (Array.isArray(value)) return list(value, name, depth);
  const entries = Object.entries(value);
  if (entries.length === 0) return h('span', { class: 'muted' }, 'none');
  const fact = ([key, member]) => h('div', { class: isWide(member) ? 'wide' : '' },
    h('dt', {}, label(key)), h('dd', {}, render(member, label(key), depth + 1)));
  return h('dl', { class: depth === 0 ? 'facts' : 'facts nested' }, entries.map(fact));
}

function scalar(value) {
  if (value === null) return h('span', { class: 'muted' }, '—');
  switch (typeof value) {
    case 'boolean': return h('span', {}, value ? 'yes' : 'no');
    case 'number': return h('span', { class: 'number' }, Number.isInteger(value) ? grouped(value) : String(value));
    case 'bigint':
    case 'object': return h('span', { class: 'number' }, String(value));
    case 'string': return value === '' ? h('span', { class: 'muted' }, 'empty') : h('span', { class: 'text' }, value);
    default: return h('span', { class: 'muted' }, '—');
  }
}

/** Thousands are set apart in amounts; four digits may be a year or a port. */
function grouped(integer) {
  return Math.abs(integer) >= 10_000 ? count(integer) : String(integer);
}

function list(items, name, depth) {
  if (items.length === 0) return h('span', { class: 'muted' }, 'none');
  if (items.every((item) => isContainer(item) && !Array.isArray(item))) return table(items, name, depth);
  return h('ul', { class: 'values' }, items.slice(0, PAGE_ROWS).map((item) => h('li', {}, render(item, name, depth + 1))),
    items.length > PAGE_ROWS && h('li', { class: 'muted' }, `and ${count(items.length - PAGE_ROWS)} more`));
}

function table(rows, name, depth) {
  const columns = [...new Set(rows.slice(0, SAMPLED_ROWS).flatMap((row) => Object.keys(row)))].slice(0, MAX_COLUMNS);
  const body = h('tbody');
  const more = h('button', { type: 'button', class: 'quiet small' });
  let shown = 0;
  const grow = () => {
    const next = rows.slice(shown, shown + PAGE_ROWS);
    body.append(...next.map((row) => h('tr', {}, columns.map((column) => h('td', { dataset: { label: label(column) } },
      Object.hasOwn(row, column) ? render(row[column], label(column), depth + 2) : h('span', { class: 'muted' }, '—'))))));
    shown += next.length;
    more.hidden = shown >= rows.length;
    more.textContent = `Show more (${plural(rows.length - shown, 'row')} left)`;
  };
  more.addEventListener('click', grow);
  grow();
  return h('div', {},
    h('div', { class: 'table-scroll', role: 'region', tabindex: '0', 'aria-label': name },
      h('table', { class: 'value-table' },
        h('thead', {}, h('tr', {}, columns.map((column) => h('th', { scope: 'col' }, label(column))))), body)),
    more);
}

function isWide(value) {
  return isContainer(value) && stringifyExact(value).length > 60;
}

customElements.define('sb-value', ShownValue);
