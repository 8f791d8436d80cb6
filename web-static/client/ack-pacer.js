/**
 * When to acknowledge a position. The server takes the client's pace from its acknowledgements, so the
 * first one after a pause goes out at once, and while events come, one per interval.
 */

/** Milliseconds between two acknowledgements of a stream. */
export const ACK_INTERVAL_MS = 100;

export class AckPacer {
  #send;
  #clock;
  #timer;
  #last = -Infinity;

  /**
   * @param {() => void} send acknowledges the position of that moment
   * @param {import('./clock.js').Clock} clock
   */
  constructor(send, clock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** The position has moved. */
  moved() {
    if (this.#timer !== undefined) return;
    const wait = this.#last + ACK_INTERVAL_MS - this.#clock.now();
    if (wait <= 0) this.#acknowledge();
    else this.#timer = this.#clock.setTimeout(() => this.#acknowledge(), wait);
  }

  /** What is waiting is not sent any more. */
  stop() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #acknowledge() {
    this.#timer = undefined;
    this.#last = this.#clock.now();
    this.#send();
  }
}
