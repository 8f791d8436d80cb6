/**
 * The streams a client follows: one replica per stream however many listeners it has, attached anew
 * on every connection, acknowledged as it moves on, resynchronised when it cannot go on.
 */

import { AckPacer } from './ack-pacer.js';
import { fullJitter } from './backoff.js';
import { jsonEqual } from './json/equality.js';
import { StreamReplica } from './stream-replica.js';

/** The connection is at fault, not the stream: it is attached again by the next one. */
const NOT_OF_THE_STREAM = new Set(['connection_lost', 'closed', 'signed_out']);

/** `retryable` in protocol/errors.json, as far as a subscription may meet them; also a proxy's own answers. */
const RETRYABLE = new Set([
  'busy', 'going_away', 'request_timeout', 'too_many_requests', 'unavailable', 'http_429', 'http_502', 'http_503', 'http_504',
]);

export class SubscriptionSet {
  #entries = new Map();
  #wire;
  #counters;
  #clock;
  #random;

  /**
   * @param {{request: Function, send: (message: object) => void, isOnline: () => boolean,
   *   dead: () => void}} wire `request` sends on the present connection only; `dead` ends that connection
   * @param {{resyncs: number, digestMismatches: number}} counters counted up in place
   * @param {{clock: import('./clock.js').Clock, random: () => number}} environment
   */
  constructor(wire, counters, { clock, random }) {
    this.#wire = wire;
    this.#counters = counters;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Adds a listener, and subscribes when it is the first of its stream.
   * @throws {TypeError} when the stream is followed already with another filter
   */
  add(stream, listener, filter) {
    const entry = this.#entries.get(stream) ?? this.#create(stream, filter);
    const { replica } = entry;
    if (!jsonEqual(replica.filter ?? null, filter ?? null)) {
      throw new TypeError(`${stream} is followed already with another filter`);
    }
    if (replica.document !== undefined) {
      queueMicrotask(() => entry.listeners.has(listener) && tell(listener, 'onDocument', replica.document));
    }
    entry.listeners.add(listener);
    return {
      get document() { return replica.document; },
      get position() { return replica.position; },
      get live() { return replica.status === 'live' && !entry.held; },
      close: () => this.#remove(entry, listener),
    };
  }

  /** A connection is ready: continue every stream from where it stands. */
  attachAll() {
    for (const entry of this.#entries.values()) this.#attach(entry, 'subscribe');
  }

  /** The connection is gone. The documents stay. */
  detachAll() {
    for (const entry of this.#entries.values()) {
      this.#stopTimers(entry);
      entry.replica.detach();
      this.#tell(entry);
    }
  }

  /** Takes in the params of an `event` notification. */
  event(params) {
    const entry = this.#entries.get(params.stream);
    if (!entry) return;
    const before = entry.replica.document;
    const outcome = entry.replica.apply(params);
    if (outcome === 'resync') this.#resync(entry);
    if (outcome !== 'applied') return;
    entry.resyncs = 0;
    for (const listener of [...entry.listeners]) {
      tell(listener, 'onEvent', params);
      if (entry.replica.document !== before) tell(listener, 'onDocument', entry.replica.document);
    }
    entry.acks.moved();
  }

  /** Takes in the params of a `snapshot` notification: one part of a document. */
  part(params) {
    const entry = this.#entries.get(params.stream);
    if (!entry) return;
    const outcome = entry.replica.takePart(params);
    if (outcome === 'resync') this.#resync(entry);
    if (outcome !== 'receiving' && outcome !== 'replaced') return;
    const { stream, seq, part } = params;
    this.#wire.send({ jsonrpc: '2.0', method: 'ack', params: { stream, seq, part } });
    if (outcome === 'replaced') this.#replaced(entry);
  }

  /** A transport that is not one connection lost a single stream. */
  dropped(stream) {
    const entry = this.#entries.get(stream);
    if (entry && entry.replica.status !== 'attaching') this.#attach(entry, 'subscribe');
  }

  /** A new beginning that the transport asked for by itself: the same as the answer of `subscribe`. */
  attached(answer) {
    const entry = this.#entries.get(answer.stream);
    if (entry?.replica.status === 'live') this.#attached(entry, answer);
  }

  /** Whoever feeds this connection has itself lost the stream, or has it again. */
  hold(stream, held, error) {
    const entry = this.#entries.get(stream);
    if (!entry) return;
    entry.held = held;
    entry.replica.error = error;
    this.#tell(entry);
  }

  #create(stream, filter) {
    const replica = new StreamReplica(stream, {
      filter, clock: this.#clock, onMismatch: () => { this.#counters.digestMismatches += 1; },
    });
    const entry = { replica, listeners: new Set(), resyncs: 0, refusals: 0, held: false, retry: undefined };
    entry.acks = new AckPacer(() => this.#acknowledge(replica), this.#clock);
    this.#entries.set(stream, entry);
    if (this.#wire.isOnline()) this.#attach(entry, 'subscribe');
    return entry;
  }

  #remove(entry, listener) {
    const { name } = entry.replica;
    entry.listeners.delete(listener);
    if (entry.listeners.size > 0 || this.#entries.get(name) !== entry) return;
    this.#entries.delete(name);
    this.#stopTimers(entry);
    entry.replica.detach();
    if (this.#wire.isOnline()) this.#wire.request('unsubscribe', { stream: name }).catch(() => {});
  }

  async #attach(entry, method) {
    const { replica } = entry;
    this.#stopTimers(entry);
    const { since, ...withoutPosition } = replica.subscribeParams();
    const params = method === 'resync' || !since ? withoutPosition : { ...withoutPosition, since };
    replica.detach('attaching');
    entry.held = false;
    this.#tell(entry);
    try {
      await this.#wire.request(method, params, { onResult: (answer) => this.#answered(entry, answer) });
    } catch (error) {
      if (NOT_OF_THE_STREAM.has(error.code)) return;
      if (error.code === 'timeout') {
        this.#wire.dead();
        return;
      }
      replica.detach();
      replica.error = error;
      this.#tell(entry);
      if (RETRYABLE.has(error.code) && this.#entries.get(replica.name) === entry) this.#retry(entry, method);
    }
  }

  /** The server refused for now; it is asked again with growing delays. */
  #retry(entry, method) {
    entry.refusals += 1;
    const wait = fullJitter(entry.refusals, this.#random);
    entry.retry = this.#clock.setTimeout(() => this.#attach(entry, method), wait);
  }

  #answered(entry, answer) {
    // A stream left and entered again meanwhile has a new entry; this answer is for nobody.
    if (this.#entries.get(entry.replica.name) === entry) this.#attached(entry, answer);
  }

  #attached(entry, answer) {
    const { replica } = entry;
    const before = replica.document;
    entry.refusals = 0;
    const outcome = replica.attach(answer);
    if (outcome === 'resync') this.#resync(entry);
    if (outcome === 'replaced') {
      this.#replaced(entry);
      entry.acks.moved();
    }
    if (outcome !== 'continued') return;
    for (const listener of [...entry.listeners]) {
      // Events that came along with the answer are news for the listeners too.
      for (const params of answer.events ?? []) tell(listener, 'onEvent', params);
      if (replica.document !== before) tell(listener, 'onDocument', replica.document);
    }
    this.#tell(entry);
    entry.acks.moved();
  }

  #replaced(entry) {
    const { document, position } = entry.replica;
    for (const listener of [...entry.listeners]) {
      tell(listener, 'onSnapshot', document, position);
      tell(listener, 'onDocument', document);
    }
    this.#tell(entry);
  }

  /** The first resync goes out at once; one that follows without progress waits, so that it cannot loop. */
  #resync(entry) {
    this.#counters.resyncs += 1;
    const wait = entry.resyncs === 0 ? 0 : fullJitter(entry.resyncs, this.#random);
    entry.resyncs += 1;
    if (wait === 0) {
      this.#attach(entry, 'resync');
      return;
    }
    this.#stopTimers(entry);
    entry.replica.detach('attaching');
    this.#tell(entry);
    entry.retry = this.#clock.setTimeout(() => this.#attach(entry, 'resync'), wait);
  }

  #stopTimers(entry) {
    entry.acks.stop();
    this.#clock.clearTimeout(entry.retry);
  }

  #tell({ replica, listeners, held }) {
    const status = { live: replica.status === 'live' && !held, error: replica.error };
    for (const listener of [...listeners]) tell(listener, 'onStatus', status);
  }

  #acknowledge({ name, seq, status }) {
    if (status === 'live') this.#wire.send({ jsonrpc: '2.0', method: 'ack', params: { stream: name, seq } });
  }
}

/** A listener that throws must not keep others from the news, nor the stream from going on. */
function tell(listener, name, ...news) {
  try {
    listener[name]?.(...news);
  } catch (error) {
    if (globalThis.reportError) globalThis.reportError(error);
    else queueMicrotask(() => { throw error; });
  }
}
