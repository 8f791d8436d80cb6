/**
 * The wire where no WebSocket gets through: the same JSON-RPC messages as of `Link`, carried by calls,
 * server-sent events and long polls. What is above it need not know.
 */

import { fullJitter } from './backoff.js';
import { CLOSE_ABNORMAL, CLOSE_UNAUTHENTICATED } from './close-codes.js';
import { httpCall } from './http-commands.js';
import { HttpStream } from './http-stream.js';
import { parseExact, stringifyExact } from './json/text.js';

/** Pings only find out whether the session is still good; streams are watched by themselves. */
const HEARTBEAT_MS = 60_000;
/** A stream that lived this long before it ended is asked for again at once. */
const STABLE_MS = 5_000;
const UNSUPPORTED = -32601;
const FAILED = -32000;

export class HttpLink {
  /** Which kind of link this is. */
  transport = 'http';
  /** Whether the server ever answered. */
  opened = false;

  #base;
  #handlers;
  #environment;
  #token;
  #streams = new Map();
  #filters = new Map();
  #endings = new Map();
  #isBuffered = false;
  #service = 'ok';
  #ended = false;
  #retired = false;
  #timers = new Set();

  /**
   * @param {string} base the server's address, `http:` or `https:`
   * @param {import('./link.js').LinkHandlers} handlers
   * @param {{fetch: typeof fetch, csrf: () => string|undefined|Promise<string|undefined>,
   *   clock: import('./clock.js').Clock, random: () => number}} environment
   */
  constructor(base, handlers, environment) {
    this.#base = base;
    this.#handlers = handlers;
    this.#environment = environment;
    queueMicrotask(() => this.#ended || handlers.onOpen());
  }

  /**
   * Carries out one JSON-RPC message.
   * @param {object} message
   * @param {{idempotent?: boolean}} [options] an idempotent request is sent again by whoever takes over
   */
  send({ id, method, params }, { idempotent = false } = {}) {
    if (this.#ended) return;
    switch (method) {
      case 'hello': this.#hello(id, params); break;
      case 'subscribe':
        this.#filters.set(params.stream, params.filter);
        this.#follow(id, params.stream, params.since);
        break;
      case 'resync': this.#follow(id, params.stream, undefined); break;
      case 'unsubscribe':
        this.#leave(params.stream);
        this.#answer(id, {});
        break;
      case 'auth.refresh':
        this.#token = params.token;
        this.#answer(id, {});
        break;
      // HTTP has its own flow control.
      case 'ack': break;
      default: this.#command(id, method, params, idempotent);
    }
  }

  /** Another transport has taken over: streams end, commands under way still bring their answers. */
  retire() {
    this.#retired = true;
    this.#stopStreams();
  }

  /** Ends everything now. */
  end(code, reason) {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopStreams();
    if (!this.#retired) this.#handlers.onDown(code, reason, this.opened);
  }

  async #hello(id, { token }) {
    this.#token = token;
    try {
      const response = await this.#fetch('/v1/me', { Accept: 'application/json' });
      const body = parseExact(await response.text());
      if (!response.ok) this.#refused(id, response.status, body);
      else {
        this.opened = true;
        this.#answer(id, { ...body, heartbeat_ms: HEARTBEAT_MS });
      }
    } catch {
      this.#lost();
    }
  }

  #follow(id, stream, since) {
    const filter = this.#filters.get(stream);
    this.#leave(stream);
    this.#filters.set(stream, filter);
    const { clock } = this.#environment;
    const started = clock.now();
    const one = new HttpStream(stream, filter, {
      clock,
      fetch: (path, headers, signal) => this.#fetch(path, headers, { signal }),
      onMessage: (message) => this.#told(message),
      onAnswer: (result) => this.#answer(id, result),
      onRefused: async (response) => this.#refused(id, response.status, await problemOf(response)),
      onEnd: () => this.#streamEnded(stream, started),
      onFailed: () => this.#lost(),
    });
    this.#streams.set(stream, one);
    this.#run(one, since);
  }

  /** Each stream says how the database is: once is enough. */
  #told(message) {
    if (message.method === 'service') {
      if (message.params.status === this.#service) return;
      this.#service = message.params.status;
    }
    this.#tell(message);
  }

  async #run(one, since) {
    if (!this.#isBuffered && await one.read(since) !== 'buffered') return;
    this.#isBuffered = true;
    await one.poll(since);
  }

  #leave(stream) {
    this.#streams.get(stream)?.stop();
    this.#streams.delete(stream);
    this.#filters.delete(stream);
  }

  /** A response that ended says nothing about the server: proxies end long ones. The stream goes on. */
  #streamEnded(stream, started) {
    const { clock, random } = this.#environment;
    const lived = clock.now() - started >= STABLE_MS;
    const endings = lived ? 0 : (this.#endings.get(stream) ?? 0) + 1;
    this.#endings.set(stream, endings);
    const timer = clock.setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#streams.has(stream)) this.#tell({ method: 'dropped', params: { stream } });
    }, endings === 0 ? 0 : fullJitter(endings, random));
    this.#timers.add(timer);
  }

  async #command(id, method, params, idempotent) {
    const call = httpCall(method, params);
    if (!call) {
      this.#fail(id, UNSUPPORTED, `${method} needs a WebSocket.`, { code: 'method_not_found' });
      return;
    }
    try {
      const { body, type = 'application/json' } = call;
      const response = await this.#fetch(call.path, {
        Accept: 'application/json, application/problem+json',
        ...(body !== undefined && { 'Content-Type': type }),
        ...call.headers,
        ...(call.method !== 'GET' && await this.#proof()),
      }, { method: call.method, body: body === undefined ? undefined : stringifyExact(body) });
      if (!response.ok) {
        this.#refused(id, response.status, await problemOf(response));
        return;
      }
      const text = await response.text();
      this.#answer(id, text === '' ? {} : parseExact(text));
    } catch {
      if (!this.#retired) this.#lost();
      else if (!idempotent) this.#fail(id, FAILED, 'The connection was lost before the answer came.', { code: 'connection_lost' });
    }
  }

  /** A session cookie alone does not prove that this page meant it. */
  async #proof() {
    if (this.#token) return {};
    const csrf = await this.#environment.csrf();
    return csrf ? { 'X-CSRF-Token': csrf } : {};
  }

  #fetch(path, headers, init = {}) {
    return this.#environment.fetch(new URL(path, this.#base).href, {
      ...init,
      credentials: this.#token ? 'omit' : 'same-origin',
      cache: 'no-store',
      headers: { ...headers, ...(this.#token && { Authorization: `Bearer ${this.#token}` }) },
    });
  }

  #refused(id, status, problem) {
    if (status === 401) {
      this.end(CLOSE_UNAUTHENTICATED, problem.title ?? 'not authenticated');
      return;
    }
    const message = problem.title ?? `The server answered with status ${status}.`;
    this.#fail(id, FAILED, message, { code: `http_${status}`, ...problem });
  }

  #fail(id, code, message, data) {
    this.#tell({ id, error: { code, message, data } });
  }

  #answer(id, result) {
    this.#tell({ id, result });
  }

  #tell(message) {
    if (!this.#ended) this.#handlers.onMessage({ jsonrpc: '2.0', ...message });
  }

  #lost() {
    if (!this.#retired) this.end(CLOSE_ABNORMAL, 'the server cannot be reached');
  }

  #stopStreams() {
    for (const stream of this.#streams.values()) stream.stop();
    this.#streams.clear();
    for (const timer of this.#timers) this.#environment.clock.clearTimeout(timer);
    this.#timers.clear();
  }
}

async function problemOf(response) {
  try {
    return parseExact(await response.text()) ?? {};
  } catch {
    return {};
  }
}
