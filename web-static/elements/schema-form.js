/** `<sb-schema-form>`: a form drawn from a JSON Schema, with a value to start from. */

import { h, replace } from '../lib/dom.js';
import { jsonEqual } from '../client/json/equality.js';
import { formatPointer, parsePointer } from '../client/json/pointer.js';
import { buildField } from '../forms/build-field.js';

export class SchemaForm extends HTMLElement {
  #field; #initial; #schema; #value;
  #general = h('ul', { class: 'notice error', role: 'alert', hidden: true });

  /**
   * Draws the form.
   * @param {object} schema
   * @param {unknown} value
   * @param {unknown} [draft] what {@link raw} gave earlier, for the same schema and value
   */
  configure(schema, value, draft) {
    this.#schema = schema;
    this.#value = value;
    this.#field = buildField(schema, value);
    this.#initial = this.#field.read();
    if (draft !== undefined) {
      try {
        this.#field.restore(draft);
      } catch {
        // A draft of another shape (an older release of this page) is worth less than a working form.
        this.#field = buildField(schema, value);
      }
    }
    replace(this, this.#general, this.#field.element);
  }

  /** Forgets everything typed. */
  reset() {
    this.configure(this.#schema, this.#value);
  }

  /** The whole value as it stands now. */
  read() {
    return this.#field.read();
  }

  /** Whether the value differs from the one the form began with. */
  get dirty() {
    const value = this.#field.read();
    if (value === undefined || this.#initial === undefined) return value !== this.#initial || this.#field.problems().length > 0;
    return !jsonEqual(value, this.#initial) || this.#field.problems().length > 0;
  }

  /** What was typed, valid or not. */
  raw() {
    return this.#field.raw();
  }

  /** Shows what is wrong with the input on this side. @returns {boolean} whether anything is */
  check() {
    const problems = this.#field.problems().map(({ pointer, message }) => ({ pointer: formatPointer(pointer), message }));
    this.showProblems(problems);
    return problems.length === 0;
  }

  /**
   * Shows problems at their fields, and those that have none on top; moves the focus to the first.
   * @param {Array<{pointer: string, message: string}>} problems pointers into the value
   */
  showProblems(problems) {
    this.#field.clearErrors();
    const general = [];
    let first;
    for (const { pointer, message } of problems) {
      const tokens = tokensOf(pointer);
      const field = tokens && this.#field.locate(tokens);
      if (field) {
        field.showError(message);
        first ??= field;
      } else {
        general.push(h('li', {}, `${pointer ?? ''} ${message}`.trim()));
      }
    }
    this.#general.hidden = general.length === 0;
    replace(this.#general, general);
    first?.focus();
  }
}

function tokensOf(pointer) {
  try {
    return parsePointer((pointer ?? '').replace(/^#/, ''));
  } catch {
    return undefined;
  }
}

customElements.define('sb-schema-form', SchemaForm);
