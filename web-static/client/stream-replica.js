/**
 * This side's copy of one stream: a document, the position it stands at, and the rules for moving on.
 * It knows nothing of sockets: answers and notifications go in, "fine" or "ask for a resync" comes out.
 */

import { applyEvent } from './apply-event.js';
import { systemClock } from './clock.js';
import { documentDigest } from './json/digest.js';
import { SnapshotParts } from './snapshot-parts.js';

/** Digests are compared at every attach, and after that at most this often per stream. */
const DIGEST_INTERVAL_MS = 3_000;
/** A check that took t ms is not repeated for this many times t, so large documents stay cheap. */
const DIGEST_COST_FACTOR = 50;
/** Each mismatch doubles the interval, up to this: a fault that stays must not become a stream of resyncs. */
const DIGEST_INTERVAL_MAX_MS = 300_000;

export class StreamReplica {
  /** @type {string} */ name;
  /** @type {object|undefined} */ filter;
  /** @type {unknown} the document; never written to, always replaced */ document;
  /** @type {string|undefined} */ epoch;
  /** @type {number|undefined} */ seq;
  /**
   * 'detached' (no subscription on this connection), 'attaching' (asked for), 'receiving' (a snapshot is
   * on its way in parts) or 'live'
   */
  status = 'detached';
  /** @type {Error|undefined} why the last subscribe failed */ error;

  #isFlow;
  #parts;
  #clock;
  #verifiable = true;
  #mismatches = 0;
  #nextCheck = -Infinity;
  #onMismatch;

  /**
   * @param {string} name stream name, for example `flows` or `flow:<id>`
   * @param {{filter?: object, onMismatch?: () => void, clock?: import('./clock.js').Clock}} [options]
   */
  constructor(name, { filter, onMismatch = () => {}, clock = systemClock } = {}) {
    this.name = name;
    this.filter = filter;
    this.#onMismatch = onMismatch;
    this.#clock = clock;
    this.#isFlow = name.startsWith('flow:');
  }

  /** @returns {{epoch: string, seq: number}|undefined} */
  get position() {
    return this.seq === undefined ? undefined : { epoch: this.epoch, seq: this.seq };
  }

  /** Parameters of the `subscribe` request that continues from here. */
  subscribeParams() {
    return {
      stream: this.name,
      ...(this.seq !== undefined && { since: this.position }),
      ...(this.filter && { filter: this.filter }),
    };
  }

  /**
   * Takes in the answer of `subscribe` or `resync`.
   * @param {{epoch: string, seq: number, mode: string, snapshot?: object, parts?: number, digest?: string,
   *   events?: object[]}} answer
   * @returns {'replaced'|'continued'|'receiving'|'resync'}
   */
  attach(answer) {
    this.error = undefined;
    this.#parts = undefined;
    if (answer.mode === 'snapshot' && answer.parts > 0) {
      this.#parts = new SnapshotParts(answer);
      this.status = 'receiving';
      return 'receiving';
    }
    if (answer.mode === 'snapshot') {
      this.#replace(answer.snapshot, answer);
      return 'replaced';
    }
    if (this.seq === undefined || answer.epoch !== this.epoch || answer.seq < this.seq) return 'resync';
    this.status = 'live';
    if (answer.seq === this.seq && !answer.events?.length && !this.#matches(answer.digest)) return 'resync';
    for (const params of answer.events ?? []) {
      if (this.apply(params) === 'resync') return 'resync';
    }
    return 'continued';
  }

  /**
   * Takes in the params of one `snapshot` notification, asked for or not.
   * @param {{epoch: string, seq: number, part: number, parts: number, text: string, digest?: string}} params
   * @returns {'replaced'|'receiving'|'ignored'|'resync'}
   */
  takePart(params) {
    // Parts of a set from before the subscription that is under way.
    if (this.status !== 'receiving' && this.status !== 'live') return 'ignored';
    if (params.part === 0) this.#parts = new SnapshotParts(params);
    if (!this.#parts?.awaits(params)) return this.#failed();
    if (!this.#parts.add(params)) return 'receiving';
    try {
      this.#replace(this.#parts.document(), params);
    } catch {
      return this.#failed();
    }
    return 'replaced';
  }

  /**
   * Takes in the params of one `event` notification.
   * @param {{seq: number, since?: number, event?: object, patch?: object[], digest?: string}} params
   *   a conflated event stands for the positions `since` + 1 … `seq`
   * @returns {'applied'|'ignored'|'resync'}
   */
  apply(params) {
    const isReady = this.status === 'live' || this.status === 'receiving';
    if (!isReady || (params.seq <= this.seq && !this.#parts)) return 'ignored';
    if (this.#parts || (params.since ?? params.seq - 1) !== this.seq) return this.#failed();
    try {
      this.document = applyEvent(this.document, params, this.#isFlow);
    } catch {
      return 'resync';
    }
    this.seq = params.seq;
    if (this.#clock.now() < this.#nextCheck) return 'applied';
    return this.#matches(params.digest) ? 'applied' : 'resync';
  }

  /** Marks the copy as standing still: the connection is gone or a fresh answer is awaited. */
  detach(status = 'detached') {
    this.status = status;
    this.#parts = undefined;
  }

  #failed() {
    this.#parts = undefined;
    return 'resync';
  }

  #replace(document, { epoch, seq, digest }) {
    this.#parts = undefined;
    this.document = document;
    this.epoch = epoch;
    this.seq = seq;
    this.status = 'live';
    // The same snapshot would come again, so a mismatch here ends the checks instead of looping.
    this.#verifiable = true;
    this.#verifiable = this.#matches(digest);
  }

  #matches(expected) {
    if (!expected || !this.#verifiable) return true;
    const started = this.#clock.now();
    const actual = documentDigest(this.#isFlow ? this.document.state : this.document);
    const finished = this.#clock.now();
    const isSame = actual === expected;
    if (!isSame) this.#mismatches += 1;
    const interval = Math.min(DIGEST_INTERVAL_MS * 2 ** Math.min(this.#mismatches, 16), DIGEST_INTERVAL_MAX_MS);
    this.#nextCheck = finished + Math.max(interval, (finished - started) * DIGEST_COST_FACTOR);
    if (!isSame) this.#onMismatch();
    return isSame;
  }
}
