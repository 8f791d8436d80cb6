/**
 * Canonical JSON (RFC 8785): one text per value, so that two sides can compare hashes.
 */

const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** A value whose canonical form the two sides cannot be expected to agree on. */
export class NotCanonicalError extends Error {
  constructor(message) {
    super(message);
    this.name = 'NotCanonicalError';
  }
}

/**
 * The canonical text. Linear in the size of the value, plus sorting the member names.
 * Integers a double cannot hold arrive as `bigint` and are written digit by digit.
 * @param {unknown} value a JSON value
 * @returns {string}
 * @throws {NotCanonicalError} for non-finite numbers and integers beyond 64 bits
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
      // String(-0) is "0" and all other doubles print as section 3.2.2.3 asks.
      parts.push(String(value));
      return;
    case 'bigint':
      if (value < INT64_MIN || value > UINT64_MAX) throw new NotCanonicalError('an integer beyond 64 bits');
      parts.push(String(value));
      return;
    case 'boolean':
      parts.push(value ? 'true' : 'false');
      return;
    case 'object':
      if (value === null) parts.push('null');
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
