/**
 * The base of all form fields: a label, a control, a hint and a place for what is wrong with it.
 *
 * A field reads its value with {@link Field#read}; {@link Field#raw} and {@link Field#restore} carry
 * what was typed, valid or not, through a reload. Pointers in errors are relative to the form's value.
 */

import { h } from '../lib/dom.js';
import { label as toLabel } from '../lib/format.js';

let nextId = 1;

export class Field {
  /** @type {HTMLElement} */ element;

  /**
   * @param {object} schema
   * @param {{name?: string, label?: string, required?: boolean, compact?: boolean}} context `label`: when
   *   the name is data and must stay as it is; `compact`: in a table cell, where the column heads name the field
   */
  constructor(schema, { name, label, required = false, compact = false } = {}) {
    this.schema = schema;
    this.required = required;
    this.compact = compact;
    this.label = schema.title ?? label ?? (name === undefined ? 'Answer' : toLabel(name));
    this.id = `field-${nextId}`;
    nextId += 1;
    this.errorElement = h('p', { class: 'field-error', id: `${this.id}-error`, hidden: true });
  }

  /** Whether null may stand for "no value". */
  get nullable() {
    return (Array.isArray(this.schema.type) && this.schema.type.includes('null'))
      || this.schema.enum?.includes(null) || false;
  }

  /** The value, undefined when the member is to be left out. */
  read() {
    throw new Error('a field must say how it is read');
  }

  /** What is wrong with the present input. @returns {Array<{pointer: string[], message: string}>} */
  problems() {
    return [];
  }

  /** The field a pointer leads to: itself, or one inside it. */
  locate() {
    return this;
  }

  showError(message) {
    this.errorElement.textContent = message;
    this.errorElement.hidden = false;
    this.control?.setAttribute('aria-invalid', 'true');
  }

  clearErrors() {
    this.errorElement.hidden = true;
    this.control?.removeAttribute('aria-invalid');
  }

  focus() {
    this.control?.focus();
  }

  /** Wraps one control as label, control, hint and error. */
  wrap(control, { inlineLabel = false } = {}) {
    this.control = control;
    control.id = this.id;
    control.setAttribute('aria-describedby', `${this.id}-hint ${this.id}-error`);
    if (this.required) control.setAttribute('aria-required', 'true');
    if (this.compact) {
      control.setAttribute('aria-label', this.label);
      this.element = h('div', { class: 'field compact' }, control, this.errorElement);
      return;
    }
    const caption = h('label', { for: this.id }, this.label, !this.required && !inlineLabel && OPTIONAL());
    const hint = this.schema.description && h('p', { class: 'field-hint', id: `${this.id}-hint` }, this.schema.description);
    this.element = inlineLabel
      ? h('div', { class: 'field check' }, control, caption, hint, this.errorElement)
      : h('div', { class: 'field' }, caption, hint, control, this.errorElement);
  }
}

const OPTIONAL = () => h('span', { class: 'optional' }, ' (optional)');
