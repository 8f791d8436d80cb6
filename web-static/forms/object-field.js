/**
 * An object with known members; with `additionalProperties` as a schema, also those the value has.
 * Members that no schema speaks of are kept as they were.
 */

import { h } from '../lib/dom.js';
import { Field } from './field.js';

export class ObjectField extends Field {
  /**
   * @param {(schema: object, value: unknown, context: object) => Field} build makes the member fields
   */
  constructor(schema, value, context, build) {
    super(schema, context);
    this.nested = context?.name !== undefined;
    this.rest = value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
    const named = schema.properties ?? {};
    this.members = Object.entries(named).map(([name, member]) => [name, build(member, this.rest[name], {
      name, required: schema.required?.includes(name) ?? false, compact: this.compact,
    })]);
    for (const name of Object.keys(this.rest)) {
      if (Object.hasOwn(named, name) || !isSchema(schema.additionalProperties)) continue;
      const memberContext = { name, label: name, required: true, compact: this.compact };
      this.members.push([name, build(schema.additionalProperties, this.rest[name], memberContext)]);
    }
    this.control = undefined;
    const parts = [
      this.nested && h('legend', {}, this.label),
      schema.description && h('p', { class: 'field-hint' }, schema.description),
      this.members.map(([, field]) => field.element),
      this.errorElement,
    ];
    this.element = this.nested ? h('fieldset', { class: 'field group' }, parts) : h('div', { class: 'fields' }, parts);
  }

  read() {
    const object = { ...this.rest };
    for (const [name, field] of this.members) {
      const value = field.read();
      if (value === undefined) delete object[name];
      else object[name] = value;
    }
    const untouched = Object.keys(object).length === 0 && this.nested && !this.required;
    return untouched ? undefined : object;
  }

  problems() {
    if (this.read() === undefined) return [];
    return this.members.flatMap(([name, field]) => field.problems()
      .map(({ pointer, message }) => ({ pointer: [name, ...pointer], message })));
  }

  locate([name, ...rest]) {
    const found = this.members.find(([member]) => member === name);
    return found ? found[1].locate(rest) : this;
  }

  clearErrors() {
    super.clearErrors();
    this.members.forEach(([, field]) => field.clearErrors());
  }

  focus() { this.members[0]?.[1].focus(); }

  raw() { return Object.fromEntries(this.members.map(([name, field]) => [name, field.raw()])); }

  restore(raw) {
    for (const [name, field] of this.members) {
      if (Object.hasOwn(raw, name)) field.restore(raw[name]);
    }
  }
}

/** Whether a keyword holds a schema that says something. */
export function isSchema(keyword) {
  return keyword !== null && typeof keyword === 'object' && Object.keys(keyword).length > 0;
}
