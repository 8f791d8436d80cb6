/** A clock that only moves when a test says so. */

/** Lets everything that waits for no timer come to rest. */
export async function settle() {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
}

export class ManualClock {
  #now = 0;
  #timers = new Map();
  #next = 1;

  now = () => this.#now;

  time = () => 1_800_000_000_000 + this.#now;

  setTimeout = (callback, ms) => {
    const timer = this.#next;
    this.#next += 1;
    this.#timers.set(timer, { at: this.#now + Math.max(0, ms), callback });
    return timer;
  };

  clearTimeout = (timer) => { this.#timers.delete(timer); };

  /** Runs what is due within the next `ms`, in order. */
  async advance(ms) {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const [timer, due] = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (!due) break;
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
    await settle();
  }
}
