/**
 * JSON numbers of any size and precision. A JavaScript number stands for its shortest decimal form, so
 * what JSON text says is a `number` whenever that form is the same decimal value; a whole number that
 * would change is a `bigint`; the rest is an {@link ExactNumber}. One representation per value, so that
 * `===` is right for everything but ExactNumber, and {@link numbersEqual} for all.
 */

const GRAMMAR = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;
/** The server refuses numbers at and beyond this power of ten. */
const MAX_POINT = 999_999_999;
/** A finite double has at most this many digits before the point. */
const DOUBLE_DIGITS = 309;
/** Every decimal of so many digits survives the way through a double. */
const SAFE_DIGITS = 15;

/**
 * A decimal number in normal form, 0.d₁d₂… × 10^point, without zeros at either end; no digits for zero.
 * @typedef {{negative: boolean, digits: string, point: number}} Decimal
 */

/**
 * A number that neither a double nor a `bigint` can stand for: `0.1000000000000000055`, `1e400`.
 * Immutable. Arithmetic and comparison with `<` use the nearest double.
 */
export class ExactNumber {
  #decimal;
  #text;

  /**
   * @param {string} text a JSON number
   * @throws {RangeError} when the text is no JSON number, or 10^999,999,999 and more
   */
  constructor(text) {
    this.#decimal = decimalOf(text);
    this.#text = layOut(this.#decimal);
    Object.freeze(this);
  }

  /** All digits that matter, laid out as ECMAScript lays out numbers. */
  get text() { return this.#text; }

  /** @returns {number} the nearest double; infinite beyond their range */
  valueOf() { return Number(this.#text); }

  /** @returns {string} the text */
  toString() { return this.#text; }

  /** What `JSON.stringify` writes: the text where the browser can (`JSON.rawJSON`), else the nearest double. */
  toJSON() { return JSON.rawJSON?.(this.#text) ?? this.valueOf(); }

  /** @returns {Decimal} */
  static decimal(value) { return value.#decimal; }
}

/**
 * The value of a JSON number.
 * @param {string} text
 * @returns {number|bigint|ExactNumber}
 * @throws {RangeError} when the text is no JSON number, or 10^999,999,999 and more
 */
export function exactNumber(text) {
  const nearest = Number(text);
  if (text.length <= SAFE_DIGITS && /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/.test(text)) return nearest;
  // Most long numbers are doubles as programs print them.
  if (String(nearest) === text) return nearest;
  const decimal = decimalOf(text);
  if (Number.isFinite(nearest) && sameDecimal(decimal, decimalOf(String(nearest)))) return nearest;
  if (!isWhole(decimal) || decimal.point >= DOUBLE_DIGITS) return new ExactNumber(text);
  const magnitude = BigInt(decimal.digits.padEnd(decimal.point, '0'));
  return decimal.negative ? -magnitude : magnitude;
}

/** Whether a value is a JSON number in one of its three forms. */
export function isNumeric(value) {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof ExactNumber;
}

/**
 * Whether two numbers have the same decimal value; 0 equals -0.
 * @param {number|bigint|ExactNumber} a
 * @param {number|bigint|ExactNumber} b
 */
export function numbersEqual(a, b) {
  if (typeof a === typeof b && typeof a !== 'object') return a === b;
  return sameDecimal(decimalOf(String(a)), decimalOf(String(b)));
}

/**
 * The canonical text: as RFC 8785 prints the nearest double. Whole numbers no double stands for and
 * numbers beyond doubles are outside that RFC; like the server, keep all their digits.
 * @param {number|bigint|ExactNumber} value finite
 * @returns {string}
 */
export function canonicalNumber(value) {
  if (typeof value === 'number') return String(value);
  const decimal = typeof value === 'bigint' ? decimalOf(String(value)) : ExactNumber.decimal(value);
  const nearest = Number(value);
  return Number.isFinite(nearest) && !isWhole(decimal) ? String(nearest) : numberText(value);
}

/**
 * The text that reads back as exactly this value.
 * @param {number|bigint|ExactNumber} value finite
 * @returns {string}
 */
export function numberText(value) {
  if (typeof value !== 'bigint') return Object.is(value, -0) ? '-0' : String(value);
  const digits = String(value);
  // Up to 19 digits ECMAScript's layout is the plain one.
  return digits.length <= 19 ? digits : layOut(decimalOf(digits));
}

/** @returns {Decimal} */
function decimalOf(text) {
  const match = GRAMMAR.exec(text);
  if (!match) throw new RangeError(`${JSON.stringify(text)} is no JSON number`);
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const all = whole + fraction;
  const digits = all.replace(/^0+/, '');
  const point = whole.length - (all.length - digits.length) + Number(exponent);
  if (digits === '') return { negative: false, digits, point: 0 };
  if (!(Math.abs(point) < MAX_POINT)) throw new RangeError(`${text} is beyond the range of numbers`);
  return { negative: sign === '-', digits: withoutTrailingZeros(digits), point };
}

/** A regular expression would try every run of zeros anew: quadratic for a hostile text. */
function withoutTrailingZeros(digits) {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

function sameDecimal(a, b) {
  return a.negative === b.negative && a.point === b.point && a.digits === b.digits;
}

function isWhole({ digits, point }) {
  return point >= digits.length;
}

/** ECMA-262, Number::toString, for any number of digits. */
function layOut({ negative, digits, point }) {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  if (point > 21 || point < -5) {
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${sign}${mantissa}e${point > 0 ? '+' : '-'}${Math.abs(point - 1)}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
