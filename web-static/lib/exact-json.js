/**
 * JSON in and out without losing integers. `JSON.parse` rounds integers beyond 2^53; where the
 * browser gives the reviver the source text of a number, such integers become `bigint` instead.
 */

/** Whether this browser lets a reviver see the source text (and `JSON.rawJSON` write it back). */
export const exactIntegers = (() => {
  let seen = false;
  JSON.parse('1', (key, value, context) => {
    seen = context?.source === '1';
    return value;
  });
  return seen && typeof JSON.rawJSON === 'function';
})();

/**
 * Parses one JSON text.
 * @param {string} text
 * @returns {{value: unknown, lossy: boolean}} `lossy` when an integer may have been rounded
 * @throws {SyntaxError}
 */
export function parseExact(text) {
  // A reviver slows parsing several times; texts without a long run of digits do not need one.
  if (!/[0-9]{16}/.test(text)) return { value: JSON.parse(text), lossy: false };
  let lossy = false;
  const value = JSON.parse(text, (key, member, context) => {
    if (typeof member !== 'number' || !Number.isInteger(member) || Number.isSafeInteger(member)) return member;
    if (exactIntegers && /^-?[0-9]+$/.test(context.source)) return BigInt(context.source);
    if (!exactIntegers) lossy = true;
    return member;
  });
  return { value, lossy };
}

/**
 * Writes a JSON text; `bigint` values become plain numbers.
 * @param {unknown} value
 * @param {number} [indent] spaces per level
 * @returns {string}
 */
export function stringifyExact(value, indent) {
  return JSON.stringify(value, (key, member) => {
    if (typeof member !== 'bigint') return member;
    return exactIntegers ? JSON.rawJSON(String(member)) : Number(member);
  }, indent);
}
