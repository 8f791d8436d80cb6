/**
 * Where in a flow's past a reader is, and what was there. While one position is being looked up the wishes that come
 * are not queued: only the last of them is looked up next, so that a slider that is dragged stays in step.
 */

/** Events before a position that are shown with it. */
const EVENTS = 200;

export class Traveller {
  #past; #onChange; #wanted; #isBusy = false; #journey = 0; #view; #problem;

  /**
   * @param {import('./flow-past.js').FlowPast} past
   * @param {() => void} onChange something of {@link at}, {@link view} or {@link problem} is different
   */
  constructor(past, onChange) {
    this.#past = past;
    this.#onChange = onChange;
  }

  /** The position that is wanted; undefined for the present. */
  get at() { return this.#wanted; }

  /**
   * What was there, of the position wanted last that is known by now.
   * @returns {{at: number, document: object, event?: object, entries: object[]}|undefined}
   */
  get view() { return this.#view; }

  /** Why the wanted position cannot be shown. @returns {Error|undefined} */
  get problem() { return this.#problem; }

  /** Goes to a position. */
  go(at) {
    if (this.#wanted === at && !this.#problem) return;
    this.#wanted = at;
    this.#problem = undefined;
    this.#onChange();
    if (!this.#isBusy) this.#travel();
  }

  /** Back to the present. */
  leave() {
    this.#wanted = undefined;
    this.#view = undefined;
    this.#problem = undefined;
    this.#journey += 1;
    this.#onChange();
  }

  #fail(error) {
    this.#problem = error;
    // Without an answer, what was shown last may stay; where there is nothing to see, nothing else is shown for it.
    if (error.status >= 400 && error.status < 500) this.#view = undefined;
  }

  async #travel() {
    this.#isBusy = true;
    let reached;
    while (this.#wanted !== undefined && this.#wanted !== reached) {
      const [at, journey] = [this.#wanted, this.#journey];
      try {
        const [document, entries] = await Promise.all([
          this.#past.document(at), this.#past.events(Math.max(0, at - EVENTS), at),
        ]);
        if (journey === this.#journey) this.#view = { at, document, entries, event: entries.find(({ seq }) => seq === at)?.event };
      } catch (error) {
        if (journey === this.#journey && at === this.#wanted) this.#fail(error);
      }
      reached = at;
      this.#onChange();
    }
    this.#isBusy = false;
  }
}
