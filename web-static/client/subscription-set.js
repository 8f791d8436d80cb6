/**
 * The streams a client follows: one replica per stream however many listeners it has, attached anew
 * on every connection, acknowledged as it moves on, resynchronised when it cannot go on.
 */

import { StreamReplica } from './stream-replica.js';

/** A stream's position is acknowledged at most this often. */
const ACK_INTERVAL_MS = 250;

export class SubscriptionSet {
  #entries = new Map();
  #wire;
  #counters;

  /**
   * @param {{request: Function, send: (message: object) => void, isOnline: () => boolean,
   *   dead: () => void}} wire `request` sends on the present connection only; `dead` ends that connection
   * @param {{resyncs: number, digestMismatches: number}} counters counted up in place
   */
  constructor(wire, counters) {
    this.#wire = wire;
    this.#counters = counters;
  }

  /** Adds a listener, and subscribes when it is the first of its stream. */
  add(stream, listener) {
    const entry = this.#entries.get(stream) ?? this.#create(stream);
    const { replica } = entry;
    if (replica.document !== undefined) {
      queueMicrotask(() => entry.listeners.has(listener) && listener.onDocument?.(replica.document));
    }
    entry.listeners.add(listener);
    return {
      get document() { return replica.document; },
      get position() { return replica.seq === undefined ? undefined : { epoch: replica.epoch, seq: replica.seq }; },
      get live() { return replica.status === 'live'; },
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
      entry.replica.detach();
      this.#tell(entry);
    }
  }

  /** Takes in the params of an `event` notification. */
  event(params) {
    const entry = this.#entries.get(params.stream);
    if (!entry) return;
    const before = entry.replica.document;
    const outcome = entry.replica.apply(params, performance.now());
    if (outcome === 'resync') this.#resync(entry);
    if (outcome !== 'applied') return;
    for (const listener of entry.listeners) {
      listener.onEvent?.(params);
      if (entry.replica.document !== before) listener.onDocument?.(entry.replica.document);
    }
    this.#acknowledge(entry);
  }

  #create(stream) {
    const replica = new StreamReplica(stream, { onMismatch: () => { this.#counters.digestMismatches += 1; } });
    const entry = { replica, listeners: new Set(), ackTimer: undefined };
    this.#entries.set(stream, entry);
    if (this.#wire.isOnline()) this.#attach(entry, 'subscribe');
    return entry;
  }

  #remove(entry, listener) {
    const { name } = entry.replica;
    entry.listeners.delete(listener);
    if (entry.listeners.size > 0 || this.#entries.get(name) !== entry) return;
    this.#entries.delete(name);
    clearTimeout(entry.ackTimer);
    entry.replica.detach();
    if (this.#wire.isOnline()) this.#wire.request('unsubscribe', { stream: name }).catch(() => {});
  }

  async #attach(entry, method) {
    const { replica } = entry;
    const params = method === 'resync' ? { stream: replica.name } : replica.subscribeParams();
    replica.detach('attaching');
    this.#tell(entry);
    const onResult = (answer) => this.#attached(entry, answer);
    try {
      await this.#wire.request(method, params, { onResult });
    } catch (error) {
      if (error.code === 'connection_lost' || error.code === 'closed') return;
      if (error.code === 'timeout') {
        this.#wire.dead();
        return;
      }
      replica.error = error;
      this.#tell(entry);
    }
  }

  #attached(entry, answer) {
    const { replica } = entry;
    // A stream left and entered again meanwhile has a new entry; this answer is for nobody.
    if (this.#entries.get(replica.name) !== entry) return;
    if (replica.attach(answer, performance.now()) === 'resync') {
      this.#resync(entry);
      return;
    }
    for (const listener of entry.listeners) {
      // Events that came along with the answer are news for the listeners too.
      for (const params of answer.events ?? []) listener.onEvent?.(params);
      listener.onDocument?.(replica.document);
    }
    this.#tell(entry);
    this.#acknowledge(entry);
  }

  #resync(entry) {
    this.#counters.resyncs += 1;
    this.#attach(entry, 'resync');
  }

  #tell({ replica, listeners }) {
    const status = { live: replica.status === 'live', error: replica.error };
    for (const listener of listeners) listener.onStatus?.(status);
  }

  #acknowledge(entry) {
    entry.ackTimer ??= setTimeout(() => {
      entry.ackTimer = undefined;
      const { name, seq, status } = entry.replica;
      if (status === 'live') this.#wire.send({ jsonrpc: '2.0', method: 'ack', params: { stream: name, seq } });
    }, ACK_INTERVAL_MS);
  }
}
