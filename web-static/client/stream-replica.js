/**
 * This side's copy of one stream: a document, the position it stands at, and the rules for moving on.
 * It knows nothing of sockets: answers and notifications go in, "fine" or "ask for a resync" comes out.
 */

import { documentDigest } from './json/digest.js';
import { applyPatch } from './json/patch.js';

/** Digests are compared for every snapshot, and after that at most this often per stream. */
const DIGEST_INTERVAL_MS = 3_000;
/** A check that took t ms is not repeated for this many times t, so large documents stay cheap. */
const DIGEST_COST_FACTOR = 50;

export class StreamReplica {
  /** @type {string} */ name;
  /** @type {object|undefined} the document; never written to, always replaced */ document;
  /** @type {string|undefined} */ epoch;
  /** @type {number|undefined} */ seq;
  /** 'detached' (no subscription on this connection), 'attaching' or 'live' */
  status = 'detached';
  /** @type {Error|undefined} why the last subscribe failed */ error;

  #isFlow;
  #verifiable = true;
  #nextCheck = 0;
  #onMismatch;

  /**
   * @param {string} name stream name, for example `flows` or `flow:<id>`
   * @param {{filter?: object, onMismatch?: () => void}} [options]
   */
  constructor(name, { filter, onMismatch } = {}) {
    this.name = name;
    this.filter = filter;
    this.#onMismatch = onMismatch ?? (() => {});
    this.#isFlow = name.startsWith('flow:');
  }

  /** Parameters of the `subscribe` request that continues from here. */
  subscribeParams() {
    return {
      stream: this.name,
      ...(this.document !== undefined && { since: { epoch: this.epoch, seq: this.seq } }),
      ...(this.filter && { filter: this.filter }),
    };
  }

  /**
   * Takes in the answer of `subscribe` or `resync`.
   * @param {{epoch: string, seq: number, mode: string, snapshot?: object, digest?: string, events?: object[]}} answer
   * @param {number} now milliseconds of a monotonic clock
   * @returns {'ok'|'resync'}
   */
  attach(answer, now) {
    this.error = undefined;
    if (answer.mode === 'snapshot') {
      this.document = answer.snapshot;
      this.epoch = answer.epoch;
      this.seq = answer.seq;
      this.#verifiable = true;
      this.status = 'live';
      // The same snapshot would come again, so a mismatch here ends the checks instead of looping.
      if (!this.#matches(answer.digest, now)) this.#verifiable = false;
      return 'ok';
    }
    if (this.document === undefined || answer.epoch !== this.epoch || answer.seq < this.seq) return 'resync';
    this.status = 'live';
    for (const params of answer.events ?? []) {
      if (this.apply(params, now) === 'resync') return 'resync';
    }
    return 'ok';
  }

  /**
   * Takes in the params of one `event` notification.
   * @param {{seq: number, event?: object, patch?: object[], digest?: string}} params
   * @returns {'applied'|'ignored'|'resync'}
   */
  apply(params, now) {
    if (this.status !== 'live' || params.seq <= this.seq) return 'ignored';
    if (params.seq !== this.seq + 1) return 'resync';
    try {
      this.document = this.#next(params);
    } catch {
      return 'resync';
    }
    this.seq = params.seq;
    if (now < this.#nextCheck) return 'applied';
    return this.#matches(params.digest, now) ? 'applied' : 'resync';
  }

  /** Marks the copy as standing still: the connection is gone or a fresh answer is awaited. */
  detach(status = 'detached') {
    this.status = status;
  }

  #next({ event, patch }) {
    let document = this.document;
    if (event?.type === 'STATE_SNAPSHOT') {
      document = this.#isFlow ? { ...document, state: event.snapshot } : event.snapshot;
    } else if (event?.type === 'STATE_DELTA') {
      document = this.#withDelta(document, event.delta);
    }
    return patch ? applyPatch(document, patch) : document;
  }

  #withDelta(document, delta) {
    if (!this.#isFlow) return applyPatch(document, delta);
    const state = applyPatch(document.state, delta);
    return state === document.state ? document : { ...document, state };
  }

  #matches(expected, now) {
    if (!expected || !this.#verifiable) return true;
    const started = performance.now();
    const actual = documentDigest(this.#isFlow ? this.document.state : this.document);
    const cost = performance.now() - started;
    this.#nextCheck = now + Math.max(DIGEST_INTERVAL_MS, cost * DIGEST_COST_FACTOR);
    if (actual === expected) return true;
    this.#onMismatch();
    return false;
  }
}
