/**
 * The Signalbox client: live documents and decisions over one WebSocket. No user interface.
 *
 *     const client = new SignalboxClient();
 *     client.addEventListener('state', () => console.log(client.state));
 *     const flows = client.subscribe('flows', { onDocument: (document) => render(document.items) });
 *     client.start();
 *     await client.request('prompt.decide', { … }, { idempotent: true });
 *
 * Documents are replaced, never written to: a reference that did not change is unchanged in depth.
 *
 * Events: `state` (see {@link SignalboxClient#state}), `signedout` (the session is over),
 * `expiring` (`detail.expires_in`, when the caller authenticates by token).
 */

import { Link, CLOSE_SILENT } from './client/link.js';
import { RequestError, RequestTable } from './client/request-table.js';
import { SubscriptionSet } from './client/subscription-set.js';
import { fullJitter } from './client/backoff.js';

export { RequestError } from './client/request-table.js';

const REQUEST_TIMEOUT_MS = 15_000;
const PROBE_TIMEOUT_MS = 5_000;
const DEFAULT_HEARTBEAT_MS = 20_000;
/** Only a connection that lived this long proves the trouble is over and resets the delays. */
const STABLE_MS = 5_000;
/** After 4429 and 1013 the server asked for patience: start the delays higher up. */
const PATIENT_ATTEMPT = 4;

/**
 * @typedef {object} Subscription
 * @property {object|undefined} document the document as last seen
 * @property {{epoch: string, seq: number}|undefined} position
 * @property {boolean} live whether it is being kept up to date right now
 * @property {() => void} close
 */

export class SignalboxClient extends EventTarget {
  /** 'idle', 'connecting', 'online', 'offline' (waiting to reconnect), 'refused' or 'signed-out' */
  state = 'idle';
  /** What the server said when it refused. */
  reason = undefined;
  /** When the next attempt starts (ms since the Unix epoch), while `offline`. */
  retryAt = undefined;
  /** Answer of `hello`: session, user, tenant, limits. */
  session = undefined;
  /** What went on below, for support: nothing here is needed to use the client. */
  counters = { connects: 0, resyncs: 0, digestMismatches: 0 };

  #options;
  #link;
  #requests;
  #streams;
  #attempt = 0;
  #timers = {};
  #goawayUntil = 0;

  /**
   * @param {object} [options]
   * @param {string} [options.url] default: `/v1/ws` of this page's host
   * @param {() => Promise<string>} [options.token] gives a JWT, when there is no session cookie
   * @param {() => Promise<boolean>} [options.isSignedIn] asked after a refused handshake, because a
   *   browser hides the 401 of a WebSocket handshake from the page
   * @param {typeof WebSocket} [options.WebSocket] for tests
   * @param {() => number} [options.random] for tests
   */
  constructor(options = {}) {
    super();
    this.#options = { WebSocket: globalThis.WebSocket, random: Math.random, ...options };
    this.#requests = new RequestTable({
      timeoutMs: REQUEST_TIMEOUT_MS,
      onSilence: this.#dead,
    });
    this.#streams = new SubscriptionSet({
      request: (method, params, requestOptions) => this.#ask(method, params, requestOptions),
      send: this.#send,
      isOnline: () => this.state === 'online',
      dead: this.#dead,
    }, this.counters);
  }

  /** Connects, and stays connected until {@link stop}. */
  start() {
    if (this.#link || this.#timers.retry) return;
    this.#attempt = 0;
    globalThis.addEventListener?.('online', this.#hurry);
    globalThis.document?.addEventListener('visibilitychange', this.#hurry);
    this.#open();
  }

  /** Disconnects for good and fails what still waits. Subscriptions keep their last document. */
  stop() {
    globalThis.removeEventListener?.('online', this.#hurry);
    globalThis.document?.removeEventListener('visibilitychange', this.#hurry);
    this.#setState('idle');
    this.#link?.end(1000, 'bye');
    this.#clearTimers();
    this.#goawayUntil = 0;
    this.#requests.closeAll('closed', 'The client was stopped.');
  }

  /** Tries at once instead of waiting for the next attempt. */
  reconnectNow() {
    if (this.state === 'offline' || this.state === 'refused') this.#open();
  }

  /**
   * Sends a request.
   * @param {string} method
   * @param {object} params
   * @param {{idempotent?: boolean, timeoutMs?: number}} [options] an idempotent request survives lost
   *   connections: it is sent again, as it is, until an answer came
   * @returns {Promise<any>} the result
   * @throws {RequestError}
   */
  async request(method, params, options = {}) {
    const online = this.state === 'online';
    if (!online && !options.idempotent) throw new RequestError('connection_lost', 'There is no connection.');
    const send = online ? this.#send : undefined;
    return this.#requests.add(method, params, { ...options, send });
  }

  /**
   * Keeps a copy of a stream's document. Subscriptions to the same stream share one copy.
   * @param {string} stream
   * @param {{onDocument?: (document: object) => void, onEvent?: (params: object) => void,
   *   onStatus?: (status: {live: boolean, error?: Error}) => void}} listener
   * @returns {Subscription}
   */
  subscribe(stream, listener) {
    return this.#streams.add(stream, listener);
  }

  #open() {
    this.#clearTimers();
    this.retryAt = undefined;
    this.#setState('connecting');
    const url = this.#options.url ?? new URL('/v1/ws', globalThis.location.href.replace(/^http/, 'ws')).href;
    this.#link = new Link(url, {
      onOpen: () => this.#hello(),
      onMessage: (message) => this.#receive(message),
      onDown: (code, reason, opened) => this.#down(code, reason, opened),
    }, this.#options.WebSocket);
  }

  async #hello() {
    const link = this.#link;
    try {
      const token = await this.#options.token?.();
      const params = { ...(token && { token }), client: { name: 'signalbox-web', version: '1' } };
      const result = await this.#ask('hello', params);
      if (link !== this.#link) return;
      this.session = result;
      this.counters.connects += 1;
      this.#timers.stable = setTimeout(() => { this.#attempt = 0; }, STABLE_MS);
      this.#beat(result.heartbeat_ms ?? DEFAULT_HEARTBEAT_MS);
      this.#streams.attachAll();
      this.#requests.resend(this.#send);
      this.#setState('online');
    } catch {
      if (link === this.#link) link.end(CLOSE_SILENT, 'hello failed');
    }
  }

  #receive(message) {
    if (message.method === undefined) this.#requests.settle(message);
    else if (message.method === 'event') this.#streams.event(message.params);
    else if (message.method === 'goaway') this.#goaway(message.params ?? {});
    else if (message.method === 'auth.expiring') this.#expiring(message.params);
  }

  #goaway({ reconnect_after_ms: wait = 0 }) {
    this.#goawayUntil = Date.now() + wait;
    const link = this.#link;
    this.#timers.goaway = setTimeout(() => link.end(1000, 'goaway'), wait);
  }

  async #expiring(detail) {
    this.dispatchEvent(new CustomEvent('expiring', { detail }));
    const token = await this.#options.token?.();
    if (token) await this.request('auth.refresh', { token }).catch(() => {});
  }

  /** A peer that vanished without a close frame is found out by a ping that stays unanswered. */
  #beat(intervalMs) {
    const link = this.#link;
    this.#timers.beat = setTimeout(async () => {
      await this.#probe(intervalMs);
      if (link === this.#link) this.#beat(intervalMs);
    }, intervalMs);
  }

  async #probe(timeoutMs) {
    const link = this.#link;
    try {
      await this.#ask('ping', {}, { timeoutMs });
    } catch (error) {
      if (error.code === 'timeout' && link === this.#link) link.end(CLOSE_SILENT, 'no pong');
    }
  }

  #hurry = () => {
    if (globalThis.document?.visibilityState === 'hidden') return;
    if (this.state === 'offline') this.#open();
    else if (this.state === 'online') this.#probe(PROBE_TIMEOUT_MS);
  };

  #down(code, reason, opened) {
    this.#link = undefined;
    this.#clearTimers();
    this.#streams.detachAll();
    this.#requests.connectionLost();
    if (this.state === 'idle' || this.state === 'signed-out') return;
    if (code === 4401) this.#signedOut();
    else if (code >= 4400 && code <= 4403) this.#setState('refused', reason);
    else this.#retry(code, opened);
  }

  async #retry(code, opened) {
    if (code === 4429 || code === 1013) this.#attempt = Math.max(this.#attempt, PATIENT_ATTEMPT);
    const jitter = fullJitter(this.#attempt, this.#options.random);
    const delay = Math.max(jitter, this.#goawayUntil - Date.now());
    this.#attempt += 1;
    this.retryAt = Date.now() + delay;
    const timer = setTimeout(() => this.#open(), delay);
    this.#timers.retry = timer;
    this.#setState('offline');
    if (opened || !this.#options.isSignedIn) return;
    // Unreachable is not signed out: only a clear "no" ends the attempts.
    const signedIn = await this.#options.isSignedIn().catch(() => true);
    // By now another attempt, or another session, may be under way; it will find out for itself.
    if (!signedIn && this.#timers.retry === timer) this.#signedOut();
  }

  #signedOut() {
    this.#setState('signed-out');
    this.#link?.end(1000, 'signed out');
    this.#clearTimers();
    this.#requests.closeAll('signed_out', 'You are signed out.');
    this.dispatchEvent(new Event('signedout'));
  }

  #setState(state, reason) {
    this.reason = reason;
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event('state'));
  }

  /** A request that lives and dies with the present connection. */
  #ask(method, params, options) {
    return this.#requests.add(method, params, { ...options, send: this.#send });
  }

  #send = (message) => this.#link?.send(message);

  #dead = () => this.#link?.end(CLOSE_SILENT, 'no answer');

  #clearTimers() {
    Object.values(this.#timers).forEach(clearTimeout);
    this.#timers = {};
  }
}
