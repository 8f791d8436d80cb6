/**
 * JSON Pointer (RFC 6901): the address of one value inside a JSON document.
 */

import { ExactNumber } from './number.js';

/** A pointer that is malformed, or that leads nowhere in the document it was used on. */
export class PointerError extends Error {
  /** @param {string} message @param {string} pointer */
  constructor(message, pointer) {
    super(`${message}: ${JSON.stringify(pointer)}`);
    this.name = 'PointerError';
    this.pointer = pointer;
  }
}

/**
 * Splits a pointer into unescaped reference tokens (RFC 6901, section 4).
 * @param {string} pointer
 * @returns {string[]}
 * @throws {PointerError} when it does not start with "/" or holds a "~" that escapes nothing
 */
export function parsePointer(pointer) {
  if (typeof pointer !== 'string') throw new PointerError('a pointer must be a string', String(pointer));
  if (pointer === '') return [];
  if (pointer[0] !== '/') throw new PointerError('a pointer must start with "/"', pointer);
  if (/~(?![01])/.test(pointer)) throw new PointerError('"~" must be followed by 0 or 1', pointer);
  return pointer.slice(1).split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * The inverse of {@link parsePointer}.
 * @param {ReadonlyArray<string|number>} tokens
 * @returns {string}
 */
export function formatPointer(tokens) {
  return tokens.map((token) => `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * Reads a reference token as an array index. Leading zeros, signs and exponents are no index.
 * @param {string} token
 * @param {number} limit the greatest index allowed, inclusive
 * @returns {number} the index, or -1 when the token is no index within the limit
 */
export function arrayIndex(token, limit) {
  if (!/^(0|[1-9][0-9]*)$/.test(token)) return -1;
  const index = Number(token);
  return index <= limit ? index : -1;
}

/**
 * One step down. Only own members count, so `__proto__` and friends never resolve by inheritance.
 * @returns {{found: boolean, value?: unknown}}
 */
export function child(container, token) {
  if (Array.isArray(container)) {
    const index = arrayIndex(token, container.length - 1);
    return index < 0 ? { found: false } : { found: true, value: container[index] };
  }
  if (isContainer(container) && Object.hasOwn(container, token)) {
    return { found: true, value: container[token] };
  }
  return { found: false };
}

/** Whether a JSON value is an array or an object. */
export function isContainer(value) {
  return value !== null && typeof value === 'object' && !(value instanceof ExactNumber);
}

/**
 * The value a pointer leads to.
 * @param {unknown} document
 * @param {string} pointer
 * @throws {PointerError} when there is no such value
 */
export function resolvePointer(document, pointer) {
  let value = document;
  for (const token of parsePointer(pointer)) {
    const next = child(value, token);
    if (!next.found) throw new PointerError('nothing at this pointer', pointer);
    value = next.value;
  }
  return value;
}
