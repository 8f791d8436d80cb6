/**
 * One connection that stays: opens a link, says hello, finds out when the peer is gone, and comes back
 * with full jitter. It chooses between WebSocket, HTTP and a worker that other tabs share, and changes
 * over without the streams above losing anything: they go on from their positions.
 */

import { fullJitter } from './backoff.js';
import { CLOSE_NORMAL, CLOSE_SILENT, CLOSE_UNAUTHENTICATED, isRefusal } from './close-codes.js';
import { HttpLink } from './http-link.js';
import { Link } from './link.js';
import { watchPage } from './page-watch.js';
import { PortLink } from './port-link.js';

const PROBE_TIMEOUT_MS = 5_000;
const DEFAULT_HEARTBEAT_MS = 20_000;
/** Only a connection that lived this long proves the trouble is over and resets the delays. */
const STABLE_MS = 5_000;
/** After 4429 and 1013 the server asked for patience: start the delays higher up. */
const PATIENT_ATTEMPT = 4;
/** WebSockets in a row that never get to serve before HTTP is tried. */
const FALLBACK_AFTER = 2;
/** How long HTTP waits for the WebSocket that is tried beside it, before it begins. */
const BOTH_MS = 2_000;
/** While HTTP does the work, WebSocket is tried again after this, doubling up to the maximum. */
const UPGRADE_MS = 15_000;
const UPGRADE_MAX_MS = 300_000;

export class Connection {
  /** See `SignalboxClient`, which has the same members. */
  state = 'idle';
  reason = undefined;
  retryAt = undefined;
  session = undefined;
  transport = undefined;

  #options;
  #requests;
  #handlers;
  #link;
  #isReady = false;
  /** A WebSocket on trial while HTTP does the work. */
  #candidate;
  #attempt = 0;
  #failures = 0;
  #upgrades = 0;
  #timers = {};
  #goawayUntil = 0;
  #isSuspended = false;
  #sharedFailed = false;
  #tokenReason = 'connect';
  #person;
  #unwatch;

  /**
   * @param {object} options those of `SignalboxClient`, with nothing missing
   * @param {import('./request-table.js').RequestTable} requests
   * @param {{onReady: () => void, onLost: () => void, onTransportChanged: () => void,
   *   onMessage: (message: object) => void, onState: () => void, onSignedOut: () => void,
   *   onExpiring: (detail: object) => void, onConnects: (count: (before: number) => number) => void}} handlers
   */
  constructor(options, requests, handlers) {
    this.#options = options;
    this.#requests = requests;
    this.#handlers = handlers;
  }

  /** Whether requests can be sent. */
  get isReady() { return this.#isReady; }

  /** Whether a worker looks after requests, and times them. */
  get isShared() { return this.#link instanceof PortLink; }

  start() {
    if (this.#link || this.#timers.retry || this.#isSuspended) return;
    this.#attempt = 0;
    this.#failures = 0;
    this.#person = undefined;
    this.#tokenReason = 'connect';
    this.#unwatch ??= watchPage({
      onWake: () => this.wake(), onHide: () => this.#suspend(), onShow: () => this.#resume(),
    }, this.#options.page);
    this.#open();
  }

  stop() {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#isSuspended = false;
    this.#setState('idle');
    this.#link?.end(CLOSE_NORMAL, 'bye');
    this.#endCandidate();
    this.#clearTimers();
    this.#goawayUntil = 0;
  }

  reconnectNow() {
    if (this.isShared) this.#link.reconnect();
    else if (this.state === 'offline' || this.state === 'refused') this.#open();
  }

  /** The network is back, or somebody looks: waiting longer, or trusting a silent line, would be wrong. */
  wake() {
    if (this.isShared) this.#link.wake();
    else if (this.state === 'offline') this.#open();
    else if (this.state === 'online') {
      this.#probe(PROBE_TIMEOUT_MS);
      if (this.transport === 'http') this.#upgrade();
    }
  }

  /** Ends the present link as a peer that does not answer. */
  dead() { this.#link?.end(CLOSE_SILENT, 'no answer'); }

  /** Sends a message over the present link. */
  send = (message, options) => this.#link?.send(message, options);

  #open() {
    if (this.#link || this.#isSuspended) return;
    this.#clearTimers();
    this.retryAt = undefined;
    this.#setState('connecting');
    const { shared, SharedWorker } = this.#options;
    const shares = shared !== false && SharedWorker && !this.#sharedFailed;
    this.#link = (shares && this.#share()) || this.#connect('websocket');
  }

  #share() {
    try {
      return this.#connect('shared');
    } catch {
      // Where storage is forbidden, so are workers.
      this.#sharedFailed = true;
      return undefined;
    }
  }

  #connect(transport) {
    let link;
    const handlers = {
      onOpen: () => (transport === 'shared' ? this.#ready(link) : this.#hello(link)),
      onMessage: (message) => this.#receive(link, message),
      onDown: (code, reason, opened) => this.#down(link, code, reason, opened),
      onStatus: (status) => this.#mirror(link, status),
      onExpiring: (detail) => this.#handlers.onExpiring(detail),
    };
    link = this.#newLink(transport, handlers);
    return link;
  }

  #newLink(transport, handlers) {
    const { url, fallback, shared, clock, random, fetch, csrf, WebSocket, SharedWorker, locks, token, isSignedIn } = this.#options;
    if (transport === 'websocket') return new Link(url, handlers, { WebSocket, clock });
    if (transport === 'http') {
      return new HttpLink(new URL('/', url.replace(/^ws/, 'http')).href, handlers, { fetch, csrf, clock, random });
    }
    const key = typeof shared === 'function' ? shared() : shared;
    return new PortLink({ url, fallback, key: key === true ? '' : key }, handlers,
      { SharedWorker, locks, clock, answers: { token, isSignedIn, csrf } });
  }

  async #hello(link) {
    try {
      const token = await this.#options.token?.({ reason: this.#tokenReason });
      const params = { ...(token && { token }), client: { name: 'signalbox-web', version: '1' } };
      const session = await this.#requests.add('hello', params, { bound: true, send: (message) => link.send(message) });
      if (link !== this.#link && link !== this.#candidate) return;
      if (!this.#isSamePerson(session)) {
        this.#signedOut();
        return;
      }
      if (link === this.#candidate) this.#takeOver(link);
      this.session = session;
      if (link.transport === 'http') this.#tryBoth(link);
      else this.#begin(link);
    } catch {
      link.end(CLOSE_SILENT, 'hello failed');
    }
  }

  /** A cookie may be another person's by now; nobody gets to see somebody else's documents. */
  #isSamePerson({ user, tenant }) {
    const person = JSON.stringify([tenant?.id, user?.id]);
    this.#person ??= person;
    return this.#person === person;
  }

  /** A server that was away answers both again: HTTP only stands in where WebSocket still fails now. */
  #tryBoth(link) {
    this.#later('both', BOTH_MS, () => this.#begin(link));
    this.#upgrade();
  }

  /** The link serves from now on. */
  #begin(link) {
    const { clock } = this.#options;
    clock.clearTimeout(this.#timers.both);
    this.transport = link.transport;
    this.#handlers.onConnects((before) => before + 1);
    this.#later('stable', STABLE_MS, () => {
      this.#attempt = 0;
      this.#tokenReason = 'connect';
    });
    this.#beat(link, this.session.heartbeat_ms ?? DEFAULT_HEARTBEAT_MS);
    if (link.transport === 'websocket') {
      this.#failures = 0;
      this.#upgrades = 0;
    } else if (!this.#candidate) this.#planUpgrade();
    this.#ready(link);
    this.#setState('online');
  }

  #ready(link) {
    if (link !== this.#link) return;
    this.#isReady = true;
    this.#handlers.onReady();
  }

  #receive(link, message) {
    const { method, params = {} } = message;
    if (method === undefined) this.#requests.settle(message);
    else if (link !== this.#link) return;
    else if (method === 'goaway') this.#goaway(link, params);
    else if (method === 'service') this.#service(params);
    else if (method === 'auth.expiring') this.#expiring(params);
    else this.#handlers.onMessage(message);
  }

  #mirror(link, { state, reason, retryAt, session, transport, counters }) {
    if (link !== this.#link) return;
    const isNews = this.session?.service !== session?.service && this.state === state;
    this.session = session;
    this.retryAt = retryAt;
    this.transport = transport;
    this.#handlers.onConnects(() => counters.connects);
    if (state === 'signed-out') this.#signedOut();
    // The worker's client is idle only until this very tab starts it.
    else this.#setState(state === 'idle' ? 'connecting' : state, reason);
    if (isNews) this.#handlers.onState();
  }

  #goaway(link, { reconnect_after_ms: wait = 0 }) {
    this.#goawayUntil = this.#options.clock.time() + wait;
    this.#later('goaway', wait, () => link.end(CLOSE_NORMAL, 'goaway'));
  }

  /** Whether the server can make changes is part of what `hello` said of it. */
  #service({ status }) {
    this.session = { ...this.session, service: status };
    this.#handlers.onState();
  }

  async #expiring(detail) {
    this.#handlers.onExpiring(detail);
    try {
      const token = await this.#options.token?.({ reason: 'expiring' });
      if (token) await this.#requests.add('auth.refresh', { token }, { bound: true, send: this.send });
    } catch {
      // The server closes with 4401 in the end, and then a fresh token is asked for once more.
    }
  }

  /** A peer that vanished without a close frame is found out by a ping that stays unanswered. */
  #beat(link, intervalMs) {
    this.#later('beat', intervalMs, async () => {
      await this.#probe(intervalMs);
      if (link === this.#link) this.#beat(link, intervalMs);
    });
  }

  async #probe(timeoutMs) {
    const link = this.#link;
    try {
      await this.#requests.add('ping', {}, { bound: true, timeoutMs, send: this.send });
    } catch (error) {
      if (error.code === 'timeout') link.end(CLOSE_SILENT, 'no pong');
    }
  }

  #planUpgrade() {
    const bound = Math.min(UPGRADE_MAX_MS, UPGRADE_MS * 2 ** Math.min(this.#upgrades, 16));
    this.#upgrades += 1;
    this.#later('upgrade', bound / 2 + this.#options.random() * (bound / 2), () => this.#upgrade());
  }

  #upgrade() {
    if (this.#candidate || this.#link?.transport !== 'http') return;
    this.#options.clock.clearTimeout(this.#timers.upgrade);
    this.#candidate = this.#connect('websocket');
  }

  #takeOver(candidate) {
    const old = this.#link;
    this.#candidate = undefined;
    this.#clearTimers();
    this.#link = candidate;
    this.#isReady = false;
    this.#handlers.onTransportChanged();
    old.retire();
    const isNews = this.transport !== candidate.transport && this.state === 'online';
    this.transport = candidate.transport;
    if (isNews) this.#handlers.onState();
  }

  #endCandidate() {
    const candidate = this.#candidate;
    this.#candidate = undefined;
    candidate?.end(CLOSE_NORMAL, 'bye');
  }

  #down(link, code, reason, opened) {
    if (link === this.#candidate) {
      this.#candidate = undefined;
      if (this.#isReady) this.#planUpgrade();
      else if (this.#link) this.#begin(this.#link);
      return;
    }
    if (link !== this.#link) return;
    const served = this.#isReady;
    this.#link = undefined;
    this.#isReady = false;
    this.#endCandidate();
    this.#clearTimers();
    this.#handlers.onLost();
    if (this.state === 'idle' || this.state === 'signed-out') return;
    if (this.#isSuspended) this.#setState('offline');
    else if (link.transport === 'shared') this.#sharedDown(opened);
    else if (code === CLOSE_UNAUTHENTICATED) this.#unauthenticated();
    else if (isRefusal(code)) this.#setState('refused', reason);
    else this.#retry(link, code, { opened, served });
  }

  /** A worker that never answered will not do so next time; one that died starts anew. */
  #sharedDown(opened) {
    if (!opened) this.#sharedFailed = true;
    this.#open();
  }

  #unauthenticated() {
    if (this.#options.token && this.#tokenReason !== 'refused') {
      this.#tokenReason = 'refused';
      this.#open();
    } else this.#signedOut();
  }

  async #retry(link, code, { opened, served }) {
    if (link.transport === 'websocket' && !served) {
      // Some proxies let the handshake through, and nothing after it.
      this.#failures += 1;
      if (this.#failures >= FALLBACK_AFTER && this.#options.fallback) {
        this.#setState('connecting');
        this.#link = this.#connect('http');
        return;
      }
    }
    if (code === 4429 || code === 1013) this.#attempt = Math.max(this.#attempt, PATIENT_ATTEMPT);
    const { clock, random, isSignedIn } = this.#options;
    const delay = Math.max(fullJitter(this.#attempt, random), this.#goawayUntil - clock.time());
    this.#attempt += 1;
    this.retryAt = clock.time() + delay;
    const timer = this.#later('retry', delay, () => this.#open());
    this.#setState('offline');
    if (opened || !isSignedIn) return;
    // Unreachable is not signed out: only a clear "no" ends the attempts.
    const signedIn = await isSignedIn().catch(() => true);
    // By now another attempt, or another session, may be under way; it will find out for itself.
    if (!signedIn && this.#timers.retry === timer) this.#signedOut();
  }

  #suspend() {
    if (this.state === 'idle' || this.state === 'signed-out') return;
    this.#isSuspended = true;
    this.#clearTimers();
    if (this.#link) this.#link.end(CLOSE_NORMAL, 'the page is hidden');
    else if (this.state !== 'refused') this.#setState('offline');
  }

  #resume() {
    if (!this.#isSuspended) return;
    this.#isSuspended = false;
    if (this.state === 'offline') this.#open();
  }

  #signedOut() {
    this.#setState('signed-out');
    this.#link?.end(CLOSE_NORMAL, 'signed out');
    this.#endCandidate();
    this.#clearTimers();
    this.#handlers.onSignedOut();
  }

  #setState(state, reason) {
    this.reason = reason;
    if (this.state === state) return;
    this.state = state;
    this.#handlers.onState();
  }

  #later(name, ms, action) {
    const { clock } = this.#options;
    clock.clearTimeout(this.#timers[name]);
    this.#timers[name] = clock.setTimeout(action, ms);
    return this.#timers[name];
  }

  #clearTimers() {
    Object.values(this.#timers).forEach((timer) => this.#options.clock.clearTimeout(timer));
    this.#timers = {};
  }
}
