/** A document that travels in pieces of its JSON text, put together again. */

import { parseExact } from './json/text.js';

export class SnapshotParts {
  #first;
  #texts = [];

  /** @param {{epoch: string, seq: number, parts: number}} first what all parts of the set have in common */
  constructor({ epoch, seq, parts }) {
    this.#first = { epoch, seq, parts };
  }

  /** Whether a part is the next one of this set. */
  awaits({ epoch, seq, part, parts }) {
    const first = this.#first;
    return part === this.#texts.length && part < parts
      && parts === first.parts && seq === first.seq && epoch === first.epoch;
  }

  /**
   * Takes the next part in.
   * @param {{text: string}} params
   * @returns {boolean} whether it was the last one
   */
  add({ text }) {
    this.#texts.push(text);
    return this.#texts.length === this.#first.parts;
  }

  /**
   * The whole document.
   * @returns {unknown}
   * @throws {SyntaxError}
   */
  document() {
    return parseExact(this.#texts.join(''));
  }
}
