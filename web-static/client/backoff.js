/**
 * Reconnect delays with full jitter: uniform between zero and a bound that doubles per attempt.
 * Spreading over the whole range keeps a thousand tabs from coming back in the same instant.
 */

/** Bounds in milliseconds. */
export const BASE_MS = 250;
export const CAP_MS = 10_000;

/**
 * How long to wait before a reconnect.
 * @param {number} attempt 0 for the first try after a loss
 * @param {() => number} [random] uniform in [0, 1)
 * @returns {number} whole milliseconds, at least 0 and below the bound of this attempt
 */
export function fullJitter(attempt, random = Math.random) {
  return Math.floor(random() * upperBound(attempt));
}

/** The bound of an attempt: BASE_MS · 2^attempt, at most CAP_MS. */
export function upperBound(attempt) {
  // Beyond 2^16 the cap has long been reached; a larger exponent would only overflow.
  return Math.min(CAP_MS, BASE_MS * 2 ** Math.min(Math.max(attempt, 0), 16));
}
