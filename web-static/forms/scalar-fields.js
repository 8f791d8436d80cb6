/**
 * Fields for one scalar each: text, number, yes/no, one of a list, a fixed value.
 */

import { jsonEqual } from '../client/json/equality.js';
import { exactNumber, numberText } from '../client/json/number.js';
import { parseExact, stringifyExact } from '../client/json/text.js';
import { h } from '../lib/dom.js';
import { brief, label as toLabel } from '../lib/format.js';
import { Field } from './field.js';

/** Longer texts than this get a box of several lines. */
const LONG_TEXT = 160;
const INPUT_TYPES = { date: 'date', email: 'email', uri: 'url' };

export class TextField extends Field {
  constructor(schema, value, context) {
    super(schema, context);
    const long = !this.compact && (schema.maxLength ?? 0) > LONG_TEXT;
    const length = { maxlength: schema.maxLength, minlength: schema.minLength };
    this.wrap(long ? h('textarea', { rows: 4, ...length })
      : h('input', { type: INPUT_TYPES[schema.format] ?? 'text', autocomplete: 'off', ...length }));
    this.control.value = value ?? '';
    this.hadValue = typeof value === 'string';
  }

  read() {
    const text = this.control.value;
    if (text !== '') return text;
    if (this.nullable) return null;
    return this.required || this.hadValue ? '' : undefined;
  }

  problems() {
    const text = this.control.value;
    if (text === '' && this.required && !this.nullable && (this.schema.minLength ?? 0) > 0) return [problem('Fill this in.')];
    if (text === '') return [];
    if (text.length < (this.schema.minLength ?? 0)) return [problem(`At least ${this.schema.minLength} characters.`)];
    if (this.schema.pattern && !matches(this.schema.pattern, text)) return [problem('This does not have the expected form.')];
    return [];
  }

  raw() { return this.control.value; }

  restore(raw) { this.control.value = raw; }
}

export class NumberField extends Field {
  constructor(schema, value, context) {
    super(schema, context);
    this.integer = [schema.type].flat().includes('integer');
    this.wrap(h('input', {
      type: 'number', step: this.integer ? 1 : 'any', min: schema.minimum, max: schema.maximum,
      inputmode: this.integer ? 'numeric' : 'decimal',
    }));
    this.control.value = value === undefined || value === null ? '' : numberText(value);
  }

  read() {
    const text = this.control.value;
    if (text === '') return this.nullable ? null : undefined;
    try {
      return exactNumber(text);
    } catch {
      // What a number field takes beside JSON's grammar, such as ".5".
      return Number(text);
    }
  }

  problems() {
    const { minimum, maximum } = this.schema;
    if (this.control.validity.badInput) return [problem('This is not a number.')];
    const value = this.read();
    if (value === null) return [];
    if (value === undefined) return this.required ? [problem('Fill this in.')] : [];
    if (this.integer && typeof value === 'number' && !Number.isInteger(value)) return [problem('Only whole numbers.')];
    if (minimum !== undefined && value < minimum) return [problem(`At least ${minimum}.`)];
    if (maximum !== undefined && value > maximum) return [problem(`At most ${maximum}.`)];
    return [];
  }

  raw() { return this.control.value; }

  restore(raw) { this.control.value = raw; }
}

export class BooleanField extends Field {
  constructor(schema, value, context) {
    super(schema, context);
    this.wrap(h('input', { type: 'checkbox' }), { inlineLabel: true });
    this.control.checked = value === true;
  }

  read() { return this.control.checked; }

  raw() { return this.control.checked; }

  restore(raw) { this.control.checked = raw === true; }
}

/** One value out of `enum`, or out of `oneOf` members that are a `const` with a `title`. */
export class ChoiceField extends Field {
  constructor(schema, value, context) {
    super(schema, context);
    this.choices = choicesOf(schema);
    const known = this.choices.findIndex((choice) => jsonEqual(choice.value, value));
    const mayBeEmpty = known < 0 || !this.required;
    this.wrap(h('select', {},
      mayBeEmpty && h('option', { value: '' }, this.required ? 'Choose…' : '—'),
      this.choices.map((choice, index) => h('option', { value: index }, choice.label))));
    this.control.value = known < 0 ? '' : String(known);
  }

  read() { return this.control.value === '' ? undefined : this.choices[Number(this.control.value)].value; }

  problems() {
    return this.required && this.control.value === '' ? [problem('Choose one.')] : [];
  }

  raw() { return this.control.value; }

  restore(raw) { this.control.value = raw; }
}

/** A value that is what it is: a `const`, or something `readOnly`. */
export class ConstField extends Field {
  constructor(schema, value, context) {
    super(schema, context);
    this.fixed = Object.hasOwn(schema, 'const') ? schema.const : value;
    this.wrap(h('output', { class: 'const' }, this.fixed === undefined || this.fixed === null ? '—' : brief(this.fixed, 200)));
  }

  read() { return this.fixed; }

  raw() { return null; }

  restore() {}
}

/** Any value at all, typed as JSON. */
export class JsonField extends Field {
  constructor(schema, value, context) {
    super(schema, context);
    this.wrap(h('textarea', { rows: this.compact ? 2 : 8, class: 'mono', spellcheck: 'false' }));
    this.control.value = value === undefined ? '' : stringifyExact(value, 2);
  }

  read() {
    try {
      return this.control.value.trim() === '' ? undefined : parseExact(this.control.value);
    } catch {
      return undefined;
    }
  }

  problems() {
    const text = this.control.value.trim();
    if (text === '') return this.required ? [problem('Fill this in, as JSON.')] : [];
    try {
      parseExact(text);
      return [];
    } catch (error) {
      return [problem(`This is not JSON: ${error.message}`)];
    }
  }

  raw() { return this.control.value; }

  restore(raw) { this.control.value = raw; }
}

/** @returns {Array<{value: unknown, label: string}>} empty when the schema lists no choices */
export function choicesOf(schema) {
  if (Array.isArray(schema.enum)) {
    return schema.enum.map((value) => ({ value, label: value === null ? '— none —' : optionLabel(value) }));
  }
  const branches = schema.oneOf ?? schema.anyOf;
  if (!Array.isArray(branches) || !branches.every((branch) => Object.hasOwn(branch ?? {}, 'const'))) return [];
  return branches.map((branch) => ({ value: branch.const, label: branch.title ?? optionLabel(branch.const) }));
}

function optionLabel(value) {
  return typeof value === 'string' && /^[a-z][a-z0-9_]*$/.test(value) ? toLabel(value) : brief(value);
}

export function problem(message) {
  return { pointer: [], message };
}

function matches(pattern, text) {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    // A pattern of another dialect is for the server to judge.
    return true;
  }
}
