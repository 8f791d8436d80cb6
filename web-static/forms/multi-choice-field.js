/**
 * Any number of values out of a list: an array of strings whose items have an `enum`.
 */

import { h } from '../lib/dom.js';
import { Field } from './field.js';
import { choicesOf, problem } from './scalar-fields.js';

export class MultiChoiceField extends Field {
  constructor(schema, value, context) {
    super(schema, context);
    this.choices = choicesOf(schema.items);
    const chosen = new Set(Array.isArray(value) ? value : []);
    this.boxes = this.choices.map((choice) => {
      const box = h('input', { type: 'checkbox' });
      box.checked = chosen.has(choice.value);
      return box;
    });
    this.control = this.boxes[0];
    this.element = h('fieldset', { class: this.compact ? 'field compact choices' : 'field choices' },
      h('legend', { class: this.compact ? 'visually-hidden' : '' }, this.label),
      !this.compact && schema.description && h('p', { class: 'field-hint' }, schema.description),
      h('div', { class: 'choice-list' },
        this.choices.map((choice, i) => h('label', { class: 'choice' }, this.boxes[i], h('span', {}, choice.label)))),
      this.errorElement);
  }

  read() {
    const values = this.choices.filter((choice, i) => this.boxes[i].checked).map((choice) => choice.value);
    return values.length === 0 && !this.required && (this.schema.minItems ?? 0) > 0 ? undefined : values;
  }

  problems() {
    const { minItems = 0, maxItems = Infinity } = this.schema;
    const length = this.read()?.length;
    if (length === undefined) return [];
    if (length < minItems) return [problem(`Choose at least ${minItems}.`)];
    if (length > maxItems) return [problem(`Choose at most ${maxItems}.`)];
    return [];
  }

  raw() { return this.boxes.map((box) => box.checked); }

  restore(raw) {
    this.boxes.forEach((box, i) => { box.checked = raw[i] === true; });
  }
}
