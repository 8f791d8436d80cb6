/**
 * The Signalbox client: live documents and decisions. No user interface, no dependency, no build step;
 * this file and the folder `client/` beside it are all of it. docs/CLIENT.md is its manual.
 *
 *     import { SignalboxClient } from './signalbox.js';
 *
 *     const client = new SignalboxClient();
 *     client.addEventListener('state', () => console.log(client.state));
 *     client.subscribe('prompts', { onDocument: ({ items }) => render(Object.values(items)) });
 *     client.start();
 *     await client.decide(prompt, { verb: 'approve' });
 *
 * Documents are replaced, never written to: a reference that did not change is unchanged in depth.
 */

import { systemClock } from './client/clock.js';
import { Connection } from './client/connection.js';
import { RequestError, RequestTable } from './client/request-table.js';
import { randomId } from './client/random-id.js';
import { SubscriptionSet } from './client/subscription-set.js';

export { canonicalize } from './client/json/canonical.js';
export { documentDigest } from './client/json/digest.js';
export { jsonEqual } from './client/json/equality.js';
export { ExactNumber, exactNumber } from './client/json/number.js';
export { PatchError, applyPatch } from './client/json/patch.js';
export { parseExact, stringifyExact } from './client/json/text.js';
export { RequestError } from './client/request-table.js';

const REQUEST_TIMEOUT_MS = 15_000;

/**
 * @typedef {object} Subscription
 * @property {object|undefined} document the document as last seen
 * @property {{epoch: string, seq: number}|undefined} position
 * @property {boolean} live whether it is being kept up to date right now
 * @property {() => void} close
 */

/**
 * Events: `state` (see {@link SignalboxClient#state}; also when the transport changed), `signedout` (the
 * session is over), `expiring` (`detail.expires_in` seconds are left of the session).
 */
export class SignalboxClient extends EventTarget {
  /** What went on below, for support: nothing here is needed to use the client. */
  counters = { connects: 0, resyncs: 0, digestMismatches: 0 };

  #connection;
  #requests;
  #streams;

  /**
   * @param {object} [options]
   * @param {string} [options.url] default: `/v1/ws` of this page's host
   * @param {(about: {reason: 'connect'|'expiring'|'refused'}) => Promise<string>} [options.token] gives a
   *   JWT, when there is no session cookie; `refused`: the last one was not good enough
   * @param {() => Promise<boolean>} [options.isSignedIn] asked after a refused handshake, because a
   *   browser hides the 401 of a WebSocket handshake from the page
   * @param {() => string|undefined|Promise<string|undefined>} [options.csrf] the value of `X-CSRF-Token`
   *   for calls by cookie; default: the cookie `signalbox_csrf`
   * @param {boolean} [options.fallback] whether HTTP may stand in for WebSocket; default true
   * @param {boolean|string|(() => string)} [options.shared] whether tabs share one connection, where the
   *   browser can; default false. A string, or what a function returns when the client starts, names
   *   whose connection it is: tabs share it only under the same name
   * @param {typeof WebSocket} [options.WebSocket] for tests, like all that follow
   * @param {typeof fetch} [options.fetch]
   * @param {typeof SharedWorker} [options.SharedWorker]
   * @param {LockManager} [options.locks]
   * @param {EventTarget & {document?: Document}} [options.page]
   * @param {import('./client/clock.js').Clock} [options.clock]
   * @param {() => number} [options.random]
   */
  constructor(options = {}) {
    super();
    const complete = { ...defaults(), ...withoutUndefined(options) };
    const { clock, random } = complete;
    complete.url ??= new URL('/v1/ws', globalThis.location.href.replace(/^http/, 'ws')).href;
    this.#requests = new RequestTable({
      timeoutMs: () => (this.#connection.isShared ? Infinity : REQUEST_TIMEOUT_MS),
      onSilence: () => this.#connection.dead(),
      clock,
    });
    this.#connection = new Connection(complete, this.#requests, {
      onReady: () => this.#ready(),
      onLost: () => this.#lost(),
      onTransportChanged: () => this.#transportChanged(),
      onMessage: (message) => this.#receive(message),
      onState: () => this.dispatchEvent(new Event('state')),
      onSignedOut: () => this.#signedOut(),
      onExpiring: (detail) => this.dispatchEvent(new CustomEvent('expiring', { detail })),
      onConnects: (count) => { this.counters.connects = count(this.counters.connects); },
    });
    this.#streams = new SubscriptionSet({
      request: (method, params, { onResult } = {}) => this.#requests.add(method, params, {
        bound: true, send: this.#connection.send, onResult,
      }),
      send: this.#connection.send,
      isOnline: () => this.#connection.isReady,
      dead: () => this.#connection.dead(),
    }, this.counters, { clock, random });
  }

  /** @returns {'idle'|'connecting'|'online'|'offline'|'refused'|'signed-out'} `offline` waits to reconnect */
  get state() { return this.#connection.state; }

  /** What the server said when it refused. */
  get reason() { return this.#connection.reason; }

  /** When the next attempt starts (ms since the Unix epoch), while `offline` and one is planned. */
  get retryAt() { return this.#connection.retryAt; }

  /** Answer of `hello`: session, user, tenant, limits. */
  get session() { return this.#connection.session; }

  /** @returns {'websocket'|'http'|undefined} what carries the messages, once there was a connection */
  get transport() { return this.#connection.transport; }

  /** Connects, and stays connected until {@link stop}. */
  start() { this.#connection.start(); }

  /** Disconnects for good and fails what still waits. Subscriptions keep their last document. */
  stop() {
    this.#connection.stop();
    this.#requests.closeAll('closed', 'The client was stopped.');
  }

  /** Tries at once instead of waiting for the next attempt. */
  reconnectNow() { this.#connection.reconnectNow(); }

  /** Checks the connection now; the client does so itself when the page becomes visible or the network is back. */
  wake() { this.#connection.wake(); }

  /**
   * Keeps a copy of a stream's document. Subscriptions to the same stream share one copy.
   * @param {string} stream `flows`, `prompts` or `flow:<id>`
   * @param {{onDocument?: (document: object) => void, onEvent?: (params: object) => void,
   *   onSnapshot?: (document: object, position: {epoch: string, seq: number}) => void,
   *   onStatus?: (status: {live: boolean, error?: Error}) => void}} listener `onSnapshot`: the document
   *   was replaced as a whole, and no events tell how it came about
   * @param {{filter?: {status?: string, type?: string}}} [options] of `flows` only
   * @returns {Subscription}
   * @throws {TypeError} when the stream is followed already with another filter
   */
  subscribe(stream, listener, { filter } = {}) {
    return this.#streams.add(stream, listener, filter);
  }

  /**
   * Decides a prompt. Survives lost connections and is counted once, however often it had to be sent.
   * @param {{id: string, shown_digest: string, version?: number}} prompt as it was shown to the person
   *   who decides: if it has changed since, nothing is decided (`prompt_changed`)
   * @param {{verb: 'approve'|'edit'|'reject'|'respond'|'ignore', response?: unknown, arguments?: unknown,
   *   reason?: string, idempotencyKey?: string}} decision `idempotencyKey`: to go on with a decision that
   *   was sent before, such as by this page before it was loaded anew; default: a new one
   * @returns {Promise<object>} the prompt
   * @throws {RequestError} `already_decided`, `stale_prompt`, `prompt_changed`, `claimed`, `expired`, …
   */
  decide(prompt, { verb, response, arguments: given, reason, idempotencyKey = randomId() }) {
    return this.request('prompt.decide', withoutUndefined({
      prompt: prompt.id,
      verb,
      response,
      arguments: given,
      reason,
      shown_digest: prompt.shown_digest,
      version: prompt.version,
      idempotency_key: idempotencyKey,
    }), { idempotent: true });
  }

  /**
   * Takes a prompt in hand, or renews that.
   * @param {string} id of the prompt
   * @returns {Promise<object>} the prompt
   * @throws {RequestError}
   */
  claim(id) { return this.request('prompt.claim', { prompt: id }); }

  /**
   * Gives a prompt back.
   * @param {string} id of the prompt
   * @returns {Promise<object>} the prompt
   * @throws {RequestError}
   */
  release(id) { return this.request('prompt.release', { prompt: id }); }

  /**
   * Changes the state of a flow. Not sent again after a lost connection: whether it was applied is then
   * for the caller to see in the document.
   * @param {string} flow id
   * @param {ReadonlyArray<object>} patch RFC 6902, relative to the state
   * @param {{ifSeq?: number}} [options] refuse (`precondition_failed`) unless the flow stands at this position
   * @returns {Promise<{seq: number, digest: string}>}
   * @throws {RequestError}
   */
  patch(flow, patch, { ifSeq } = {}) {
    return this.request('patch', withoutUndefined({ flow, patch, if_seq: ifSeq }));
  }

  /**
   * Sends any request.
   * @param {string} method
   * @param {object} params
   * @param {{idempotent?: boolean, timeoutMs?: number}} [options] an idempotent request survives lost
   *   connections: it is sent again, as it is, until an answer came or three attempts timed out
   * @returns {Promise<any>} the result
   * @throws {RequestError}
   */
  async request(method, params, { idempotent = false, timeoutMs } = {}) {
    const { isReady, state } = this.#connection;
    if (!idempotent && (!isReady || state !== 'online')) throw new RequestError('connection_lost', 'There is no connection.');
    return this.#requests.add(method, params, {
      idempotent, timeoutMs, send: isReady ? this.#connection.send : undefined,
    });
  }

  #ready() {
    this.#streams.attachAll();
    this.#requests.resend(this.#connection.send);
  }

  #lost() {
    this.#streams.detachAll();
    this.#requests.connectionLost();
  }

  #transportChanged() {
    this.#streams.detachAll();
    this.#requests.transportChanged();
  }

  #receive({ method, params }) {
    switch (method) {
      case 'event': this.#streams.event(params); break;
      case 'snapshot': this.#streams.part(params); break;
      case 'attached': this.#streams.attached(params); break;
      case 'dropped': this.#streams.dropped(params.stream); break;
      case 'hold': this.#hold(params); break;
      default:
    }
  }

  #hold({ stream, held, error }) {
    const { code, ...data } = error?.data ?? {};
    this.#streams.hold(stream, held, error && new RequestError(code, error.message, { code, ...data }));
  }

  #signedOut() {
    this.#requests.closeAll('signed_out', 'You are signed out.');
    this.dispatchEvent(new Event('signedout'));
  }
}

function defaults() {
  return {
    WebSocket: globalThis.WebSocket,
    SharedWorker: globalThis.SharedWorker,
    locks: globalThis.navigator?.locks,
    fetch: (...call) => globalThis.fetch(...call),
    csrf: csrfCookie,
    fallback: true,
    shared: false,
    page: globalThis,
    clock: systemClock,
    random: Math.random,
  };
}

function csrfCookie() {
  const match = /(?:^|;\s*)signalbox_csrf=([^;]*)/.exec(globalThis.document?.cookie ?? '');
  return match ? decodeURIComponent(match[1]) : undefined;
}

function withoutUndefined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
