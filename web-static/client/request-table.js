/**
 * JSON-RPC 2.0 requests that still wait for their answer, across connections.
 */

import { systemClock } from './clock.js';

/** A request that failed: the server said no, or no answer can come any more. */
export class RequestError extends Error {
  /**
   * @param {string} code stable code: `data.code` of the server, or `timeout`, `connection_lost`, `closed`,
   *   `signed_out`
   * @param {string} message
   * @param {object} [data] what the server sent beside it
   */
  constructor(code, message, data = {}) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
    this.data = data;
  }
}

/** How often an idempotent request that gets no answer is tried on a fresh connection. */
const MAX_ATTEMPTS = 3;

export class RequestTable {
  #nextId = 1;
  #pending = new Map();
  #timeoutMs;
  #onSilence;
  #clock;

  /**
   * @param {{timeoutMs: () => number, onSilence: () => void, clock?: import('./clock.js').Clock}} options
   *   `timeoutMs` is asked at each attempt and may be infinite; `onSilence` is told when an answer that
   *   will be asked for again is overdue: the connection is presumed dead
   */
  constructor({ timeoutMs, onSilence, clock = systemClock }) {
    this.#timeoutMs = timeoutMs;
    this.#onSilence = onSilence;
    this.#clock = clock;
  }

  /**
   * Registers a request, and sends it when `send` is given (else it waits for {@link resend}).
   * @param {string} method
   * @param {object} params
   * @param {{idempotent?: boolean, bound?: boolean, timeoutMs?: number,
   *   send?: (message: object, options: {idempotent: boolean}) => void, onResult?: (result: any) => void}} options
   *   `bound`: it means this connection only, as `subscribe` does; `timeoutMs` in place of that of the
   *   table; `onResult` runs before the next message is looked at, which a promise cannot promise
   * @returns {Promise<any>} the result
   */
  add(method, params, {
    idempotent = false, bound = false, timeoutMs, send, onResult,
  } = {}) {
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId += 1;
      const entry = {
        id, method, params, idempotent, bound, timeoutMs, onResult, resolve, reject, attempts: 0, timer: undefined,
      };
      this.#pending.set(id, entry);
      if (send) this.#send(entry, send);
    });
  }

  /**
   * Settles the request a response belongs to.
   * @param {{id: number, result?: unknown, error?: {code: number, message: string, data?: object}}} response
   */
  settle(response) {
    const entry = this.#pending.get(response.id);
    if (!entry) return;
    this.#forget(entry);
    if (response.error) {
      const { code, message, data } = response.error;
      entry.reject(new RequestError(data?.code ?? `rpc_${code}`, data?.detail ?? message, data));
    } else {
      entry.onResult?.(response.result);
      entry.resolve(response.result);
    }
  }

  /** The connection is gone: what is idempotent waits for the next one, the rest fails. */
  connectionLost() {
    for (const entry of [...this.#pending.values()]) {
      this.#clock.clearTimeout(entry.timer);
      if (!entry.idempotent) this.#lose(entry);
    }
  }

  /** Another transport takes over while the old one still brings the answers to its commands. */
  transportChanged() {
    for (const entry of [...this.#pending.values()]) {
      if (entry.bound) this.#lose(entry);
    }
  }

  /** Sends everything that survived the last connection, in order. */
  resend(send) {
    for (const entry of this.#pending.values()) {
      if (entry.idempotent) this.#send(entry, send);
    }
  }

  /** No connection will follow. */
  closeAll(code, message) {
    for (const entry of [...this.#pending.values()]) this.#fail(entry, code, message);
  }

  #send(entry, send) {
    this.#clock.clearTimeout(entry.timer);
    entry.attempts += 1;
    const wait = entry.timeoutMs ?? this.#timeoutMs();
    if (wait < Infinity) entry.timer = this.#clock.setTimeout(() => this.#overdue(entry), wait);
    send({ jsonrpc: '2.0', id: entry.id, method: entry.method, params: entry.params }, { idempotent: entry.idempotent });
  }

  #overdue(entry) {
    if (entry.idempotent && entry.attempts < MAX_ATTEMPTS) this.#onSilence();
    else this.#fail(entry, 'timeout', 'The server did not answer in time.');
  }

  #lose(entry) {
    this.#fail(entry, 'connection_lost', 'The connection was lost before the answer came.');
  }

  #fail(entry, code, message) {
    this.#forget(entry);
    entry.reject(new RequestError(code, message));
  }

  #forget(entry) {
    this.#clock.clearTimeout(entry.timer);
    this.#pending.delete(entry.id);
  }
}
