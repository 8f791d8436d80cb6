/**
 * From a JSON Schema to a field. What the subset does not cover becomes a box for JSON, never a guess.
 */

import { isNumeric } from '../client/json/number.js';
import { MultiChoiceField } from './multi-choice-field.js';
import { ObjectField, isSchema } from './object-field.js';
import {
  BooleanField, ChoiceField, ConstField, JsonField, NumberField, TextField, choicesOf,
} from './scalar-fields.js';
import { TableField } from './table-field.js';

/**
 * @param {object} schema
 * @param {unknown} value what the field starts with; `default` stands in for undefined
 * @param {{name?: string, required?: boolean, compact?: boolean}} [context]
 * @returns {import('./field.js').Field}
 */
export function buildField(schema, value, context) {
  const given = schema !== null && typeof schema === 'object' ? schema : {};
  const start = value === undefined ? given.default : value;
  return new (classFor(given, start))(given, start, context, buildField);
}

function classFor(schema, value) {
  if (Object.hasOwn(schema, 'const') || schema.readOnly === true) return ConstField;
  if (choicesOf(schema).length > 0) return ChoiceField;
  const types = [schema.type].flat().filter((type) => type !== undefined && type !== 'null');
  if (types.length !== 1) return JsonField;
  switch (types[0]) {
    case 'string': return fits(value, 'string') ? TextField : JsonField;
    case 'integer':
    case 'number': return value === undefined || value === null || isNumeric(value) ? NumberField : JsonField;
    case 'boolean': return fits(value, 'boolean') ? BooleanField : JsonField;
    case 'object': return objectClass(schema, value);
    case 'array': return arrayClass(schema, value);
    default: return JsonField;
  }
}

function objectClass({ properties, additionalProperties }, value) {
  if (Array.isArray(value) || !fits(value, 'object') || isNumeric(value)) return JsonField;
  const open = isSchema(additionalProperties) && Object.keys(value ?? {}).length > 0;
  return properties || open ? ObjectField : JsonField;
}

function arrayClass({ items }, value) {
  const list = value === undefined || value === null || Array.isArray(value);
  if (!list || items === null || typeof items !== 'object') return JsonField;
  const choices = choicesOf(items);
  const known = new Set(choices.map((choice) => choice.value));
  if (choices.length > 0 && choices.every((choice) => typeof choice.value === 'string')) {
    return (value ?? []).every((item) => known.has(item)) ? MultiChoiceField : JsonField;
  }
  return items.type === 'object' && items.properties ? TableField : JsonField;
}

/** A value of another type than the schema says must not be lost in a control that cannot show it. */
function fits(value, ...types) {
  return value === undefined || value === null || types.includes(typeof value);
}
