/**
 * A JSON parser (RFC 8259) that keeps the digits of numbers. Slower than `JSON.parse`, and in every
 * browser: only some of them show a reviver the source text of a number.
 */

import { exactNumber } from './number.js';

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const UNUSUAL = /[\\\u0000-\u001f]/;
const SPACE = /[ \t\n\r]*/y;
const LITERALS = { t: ['true', true], f: ['false', false], n: ['null', null] };

/**
 * @param {string} text
 * @returns {unknown}
 * @throws {SyntaxError} also for a number that is beyond what the server takes
 */
export function parseJSON(text) {
  const parser = new Parser(text);
  const value = parser.value();
  parser.space();
  if (parser.at < text.length) parser.fail();
  return value;
}

class Parser {
  at = 0;

  constructor(text) {
    this.text = text;
  }

  value() {
    this.space();
    const first = this.text[this.at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#array();
    if (first === '"') return this.#string();
    return first in LITERALS ? this.#literal(LITERALS[first]) : this.#number();
  }

  space() {
    SPACE.lastIndex = this.at;
    SPACE.test(this.text);
    this.at = SPACE.lastIndex;
  }

  fail() {
    throw new SyntaxError(`unexpected ${JSON.stringify(this.text[this.at] ?? 'end')} at ${this.at}`);
  }

  #object() {
    const object = {};
    this.at += 1;
    if (this.#took('}')) return object;
    do {
      this.space();
      if (this.text[this.at] !== '"') this.fail();
      const name = this.#string();
      if (!this.#took(':')) this.fail();
      const value = this.value();
      // Plain assignment to "__proto__" would change the prototype instead of adding a member.
      if (name === '__proto__') Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
      else object[name] = value;
    } while (this.#took(','));
    if (!this.#took('}')) this.fail();
    return object;
  }

  #array() {
    const array = [];
    this.at += 1;
    if (this.#took(']')) return array;
    do array.push(this.value()); while (this.#took(','));
    if (!this.#took(']')) this.fail();
    return array;
  }

  #string() {
    const start = this.at;
    // A regular expression would run out of stack on a string of megabytes.
    let end = start;
    do end = this.text.indexOf('"', end + 1); while (end > 0 && this.#isEscaped(end));
    if (end < 0) throw new SyntaxError(`a string without an end at ${start}`);
    this.at = end + 1;
    const token = this.text.slice(start, this.at);
    // The platform's parser knows all escapes, and which characters may not stand in a string.
    return UNUSUAL.test(token) ? JSON.parse(token) : token.slice(1, -1);
  }

  #isEscaped(at) {
    let first = at;
    while (this.text[first - 1] === '\\') first -= 1;
    return (at - first) % 2 === 1;
  }

  #number() {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (!match) this.fail();
    this.at = NUMBER.lastIndex;
    try {
      return exactNumber(match[0]);
    } catch (error) {
      throw new SyntaxError(error.message);
    }
  }

  #literal([word, value]) {
    if (!this.text.startsWith(word, this.at)) this.fail();
    this.at += word.length;
    return value;
  }

  #took(character) {
    this.space();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }
}
