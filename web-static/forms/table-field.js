/**
 * An array of objects as a table: a row per item, a column per member. Long tables are built in
 * pages, because a thousand selects at once would stall the page; rows not built yet keep their value.
 */

import { h, replace } from '../lib/dom.js';
import { plural } from '../lib/format.js';
import { Field } from './field.js';
import { ObjectField } from './object-field.js';
import { problem } from './scalar-fields.js';

const PAGE_ROWS = 50;

export class TableField extends Field {
  #build;
  #body = h('tbody');
  #foot = h('div', { class: 'table-actions' });

  constructor(schema, value, context, build) {
    super(schema, context);
    this.#build = build;
    this.columns = Object.entries(schema.items.properties);
    this.rows = (Array.isArray(value) ? value : []).map((item) => ({ value: item }));
    this.builtRows = Math.min(PAGE_ROWS, this.rows.length);
    this.element = h('fieldset', { class: 'field group' },
      h('legend', {}, this.label),
      schema.description && h('p', { class: 'field-hint' }, schema.description),
      h('div', { class: 'table-scroll', role: 'region', tabindex: '0', 'aria-label': this.label },
        h('table', { class: 'edit-table' },
          h('thead', {}, h('tr', {},
            this.columns.map(([name, column]) => h('th', { scope: 'col' }, labelOf(name, column))),
            this.#mayRemove() && h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, 'Remove')))),
          this.#body)),
      this.#foot,
      this.errorElement);
    this.#render();
  }

  read() {
    const items = this.rows.map((row) => (row.field ? row.field.read() : row.value));
    return items.length === 0 && !this.required && (this.schema.minItems ?? 0) > 0 ? undefined : items;
  }

  problems() {
    const { minItems = 0, maxItems = Infinity } = this.schema;
    const found = this.rows.flatMap((row, index) => (row.field?.problems() ?? [])
      .map(({ pointer, message }) => ({ pointer: [String(index), ...pointer], message })));
    if (this.read() !== undefined && this.rows.length < minItems) found.push(problem(`At least ${plural(minItems, 'row')}.`));
    if (this.rows.length > maxItems) found.push(problem(`At most ${plural(maxItems, 'row')}.`));
    return found;
  }

  locate([index, ...rest]) {
    const position = Number(index);
    if (index === undefined || !(position < this.rows.length)) return this;
    if (position >= this.builtRows) {
      this.builtRows = Math.min(this.rows.length, position + PAGE_ROWS);
      this.#render();
    }
    return this.rows[position].field.locate(rest);
  }

  clearErrors() {
    super.clearErrors();
    this.rows.forEach((row) => row.field?.clearErrors());
  }

  focus() { this.element.querySelector('input, select, textarea, button')?.focus(); }

  raw() {
    return this.rows.map((row) => (row.field ? { value: row.field.rest, raw: row.field.raw() } : { value: row.value }));
  }

  restore(raw) {
    this.rows = raw.map((row) => ({ value: row.value, raw: row.raw }));
    this.builtRows = Math.min(Math.max(PAGE_ROWS, raw.findLastIndex((row) => row.raw) + 1), this.rows.length);
    this.#render();
  }

  #render() {
    for (const row of this.rows.slice(0, this.builtRows)) row.field ??= this.#rowField(row);
    replace(this.#body, this.rows.slice(0, this.builtRows).map((row) => row.element));
    const hidden = this.rows.length - this.builtRows;
    replace(this.#foot,
      hidden > 0 && h('button', { type: 'button', class: 'quiet', onClick: () => this.#more() },
        `Show ${Math.min(hidden, PAGE_ROWS)} more of ${plural(hidden, 'row')}`),
      this.rows.length < (this.schema.maxItems ?? Infinity)
        && h('button', { type: 'button', class: 'quiet', onClick: () => this.#add() }, 'Add a row'));
  }

  #rowField(row) {
    const field = new ObjectField(this.schema.items, row.value, { compact: true }, this.#build);
    if (row.raw !== undefined) field.restore(row.raw);
    const remove = h('button', {
      type: 'button', class: 'quiet icon', 'aria-label': 'Remove this row', onClick: () => this.#remove(row),
    }, '×');
    row.element = h('tr', {},
      field.members.map(([name, member]) => h('td', { dataset: { label: labelOf(name, member.schema) } }, member.element)),
      this.#mayRemove() && h('td', { class: 'row-action' }, remove));
    return field;
  }

  #mayRemove() {
    return !(this.schema.minItems !== undefined && this.schema.minItems === this.schema.maxItems);
  }

  #more() {
    this.builtRows = Math.min(this.rows.length, this.builtRows + PAGE_ROWS);
    this.#render();
  }

  #add() {
    this.rows.push({ value: undefined });
    this.builtRows = this.rows.length;
    this.#render();
    this.rows[this.rows.length - 1].field.focus();
    this.#changed();
  }

  #remove(row) {
    this.rows = this.rows.filter((other) => other !== row);
    this.builtRows = Math.min(this.rows.length, this.builtRows);
    this.#render();
    this.focus();
    this.#changed();
  }

  #changed() {
    this.element.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

function labelOf(name, schema) {
  return schema.title ?? new Field(schema, { name }).label;
}
