/**
 * Time as the client sees it, in one place so that tests can be their own clock.
 *
 * @typedef {object} Clock
 * @property {() => number} now milliseconds of a monotonic clock
 * @property {() => number} time milliseconds since the Unix epoch
 * @property {(callback: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: unknown) => void} clearTimeout
 */

/** @type {Clock} */
export const systemClock = Object.freeze({
  now: () => performance.now(),
  time: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer),
});
