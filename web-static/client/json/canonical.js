/**
 * Canonical JSON (RFC 8785): one text per value, so that two sides can compare hashes.
 */

import { canonicalNumber, isNumeric } from './number.js';

/** A value that is not JSON, such as `NaN` or `undefined`. */
export class NotCanonicalError extends Error {
  constructor(message) {
    super(message);
    this.name = 'NotCanonicalError';
  }
}

/**
 * The canonical text. Linear in the size of the value, plus sorting the member names.
 * @param {unknown} value a JSON value
 * @returns {string}
 * @throws {NotCanonicalError} for what is not JSON
 */
export function canonicalize(value) {
  const parts = [];
  write(value, parts);
  return parts.join('');
}

function write(value, parts) {
  switch (typeof value) {
    case 'string':
      parts.push(JSON.stringify(value));
      return;
    case 'number':
      if (!Number.isFinite(value)) throw new NotCanonicalError('JSON has no such number');
      parts.push(canonicalNumber(value));
      return;
    case 'bigint':
      parts.push(canonicalNumber(value));
      return;
    case 'boolean':
      parts.push(value ? 'true' : 'false');
      return;
    case 'object':
      if (value === null) parts.push('null');
      else if (isNumeric(value)) parts.push(canonicalNumber(value));
      else if (Array.isArray(value)) writeArray(value, parts);
      else writeObject(value, parts);
      return;
    default:
      throw new NotCanonicalError(`${typeof value} is not JSON`);
  }
}

function writeArray(array, parts) {
  parts.push('[');
  for (let i = 0; i < array.length; i += 1) {
    if (i > 0) parts.push(',');
    write(array[i], parts);
  }
  parts.push(']');
}

function writeObject(object, parts) {
  // Section 3.2.3 orders names by UTF-16 code units, which is how sort() compares strings.
  const names = Object.keys(object).sort();
  parts.push('{');
  for (let i = 0; i < names.length; i += 1) {
    if (i > 0) parts.push(',');
    parts.push(JSON.stringify(names[i]), ':');
    write(object[names[i]], parts);
  }
  parts.push('}');
}
