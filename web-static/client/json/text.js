/**
 * JSON text in and out without changing a number. `JSON.parse` and `JSON.stringify` do the work unless a
 * text or value holds numbers that a double cannot stand for (see `number.js`).
 */

import { exactNumber, isNumeric, numberText } from './number.js';
import { parseJSON } from './parser.js';

/** Numbers with an exponent or 16 and more characters. In strings it may find some that are none. */
const CANDIDATES = /(?:^|[[:,])\s*(-?(?:[0-9][0-9.]{15}|[0-9][0-9.]*[eE])[0-9.eE+-]*)/g;

/**
 * Parses one JSON text.
 * @param {string} text
 * @returns {unknown} numbers are `number`, `bigint` or ExactNumber
 * @throws {SyntaxError}
 */
export function parseExact(text) {
  return needsCare(text) ? parseJSON(text) : JSON.parse(text);
}

function needsCare(text) {
  for (const [, candidate] of text.matchAll(CANDIDATES)) {
    if (changesAsDouble(candidate)) return true;
  }
  return false;
}

function changesAsDouble(candidate) {
  try {
    return typeof exactNumber(candidate) !== 'number';
  } catch {
    // No number, or one that nobody takes: the parser knows which.
    return true;
  }
}

/**
 * Writes a JSON text in which every number keeps its value and every string is well-formed Unicode: the
 * server refuses lone surrogates, so they become U+FFFD, as UTF-8 encoders make them.
 * @param {unknown} value
 * @param {number} [indent] spaces per level
 * @returns {string}
 */
export function stringifyExact(value, indent) {
  // Nobody can have put this text into a string before: it is made up anew when it is needed.
  let mark;
  const text = JSON.stringify(value, function replace(key, member) {
    const original = this[key];
    if (!isNumeric(original) || (typeof original === 'number' && !Object.is(original, -0))) return member;
    mark ??= crypto.getRandomValues(new Uint32Array(4)).join('-');
    return `${mark}:${numberText(original)}`;
  }, indent);
  const exact = mark === undefined ? text : text.replaceAll(new RegExp(`"${mark}:([^"]*)"`, 'g'), '$1');
  return exact?.includes('\\ud') ? exact.replaceAll(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, wellFormed) : exact;
}

/** `JSON.stringify` escapes surrogates only where they are alone. */
function wellFormed(escape, surrogate) {
  return surrogate === undefined ? escape : '\ufffd';
}
