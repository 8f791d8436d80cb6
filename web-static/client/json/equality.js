/** Equality of JSON values as RFC 6902 section 4.6 has it, and as the server compares. */

import { isNumeric, numbersEqual } from './number.js';

/**
 * Deep equality: numbers by decimal value (`1` equals `1.0`), strings by code units without Unicode
 * normalisation, arrays element by element, objects without regard to order. Parts that are the same
 * reference are equal at once.
 * @param {unknown} a
 * @param {unknown} b
 * @returns {boolean}
 */
export function jsonEqual(a, b) {
  if (a === b) return true;
  if (isNumeric(a) || isNumeric(b)) return isNumeric(a) && isNumeric(b) && numbersEqual(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a)) return a.length === b.length && a.every((item, i) => jsonEqual(item, b[i]));
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length
    && keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]));
}
