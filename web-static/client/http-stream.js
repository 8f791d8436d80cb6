/**
 * One stream over HTTP: server-sent events, or long polls where something on the way holds the bytes of
 * a response back. What comes is handed on as the messages of the WebSocket.
 */

import { EventStreamParser } from './event-stream.js';
import { streamPath } from './http-commands.js';
import { parseExact } from './json/text.js';

/** The server answers a stream at once; without a byte by then, a proxy is collecting them. */
export const FIRST_BYTE_MS = 6_000;
/** The server sends a comment well within this; without one the response is dead. */
export const SILENCE_MS = 60_000;
/** How long the server holds a poll that has nothing new, in seconds. */
const WAIT_S = 25;
/** Between polls when the server does not hold them. */
const POLL_PAUSE_MS = 1_000;

export class HttpStream {
  #wire;
  #stream;
  #filter;
  #abort = new AbortController();
  #silence;

  /**
   * @param {string} stream
   * @param {object|undefined} filter
   * @param {{fetch: (path: string, headers: object, signal: AbortSignal) => Promise<Response>,
   *   clock: import('./clock.js').Clock, onMessage: (message: object) => void,
   *   onAnswer: (result: object) => void, onRefused: (response: Response) => void,
   *   onEnd: () => void, onFailed: () => void}} wire
   *   `onAnswer` where the stream begins, `onRefused` instead of it, `onEnd` the response ended after that,
   *   `onFailed` the server could not be reached
   */
  constructor(stream, filter, wire) {
    this.#stream = stream;
    this.#filter = filter;
    this.#wire = wire;
  }

  /** Nothing is reported any more. */
  stop() {
    this.#wire.clock.clearTimeout(this.#silence);
    this.#abort.abort();
  }

  /**
   * Reads server-sent events until they end.
   * @param {{epoch: string, seq: number}|undefined} since
   * @returns {Promise<'done'|'buffered'>} `buffered`: events do not come through; take {@link poll} instead
   */
  async read(since) {
    let attached = false;
    let quiet = false;
    const request = new AbortController();
    this.#abort.signal.addEventListener('abort', () => request.abort());
    const watch = (ms) => {
      this.#wire.clock.clearTimeout(this.#silence);
      this.#silence = this.#wire.clock.setTimeout(() => {
        quiet = true;
        request.abort();
      }, ms);
    };
    const parser = new EventStreamParser(({ type, data }) => {
      if (type === 'attach' && !attached) {
        attached = true;
        this.#wire.onAnswer(parseExact(data));
      } else if (type === 'event' || type === 'snapshot' || type === 'service') {
        this.#wire.onMessage({ method: type, params: parseExact(data) });
      }
    });
    watch(FIRST_BYTE_MS);
    try {
      const response = await this.#wire.fetch(streamPath(this.#stream, { ...this.#filter }), {
        Accept: 'text/event-stream', ...(since && { 'Last-Event-ID': `${since.epoch}:${since.seq}` }),
      }, request.signal);
      if (!response.ok) {
        if (!this.#isStopped) await this.#wire.onRefused(response);
        return 'done';
      }
      if (!response.body?.getReader) return 'buffered';
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (;;) {
        const { done, value } = await reader.read();
        if (this.#isStopped) return 'done';
        if (done) break;
        watch(SILENCE_MS);
        parser.push(decoder.decode(value, { stream: true }));
      }
    } catch {
      if (this.#isStopped) return 'done';
      if (!quiet) {
        this.#wire.onFailed();
        return 'done';
      }
    } finally {
      this.#wire.clock.clearTimeout(this.#silence);
      request.abort();
    }
    if (!attached) return 'buffered';
    this.#wire.onEnd();
    return 'done';
  }

  /**
   * Asks again and again what is new.
   * @param {{epoch: string, seq: number}|undefined} since
   */
  async poll(since) {
    let position = since;
    try {
      for (let attached = false; !this.#isStopped; attached = true) {
        const asked = this.#wire.clock.now();
        const answer = await this.#ask(position, attached);
        if (answer === undefined) return;
        const { events = [], service } = answer;
        if (service) this.#wire.onMessage({ method: 'service', params: { status: service } });
        position = { epoch: answer.epoch, seq: events.at(-1)?.seq ?? answer.seq };
        const isNews = answer.mode === 'snapshot' || events.length > 0;
        if (!attached) this.#wire.onAnswer(answer);
        else if (isNews) this.#wire.onMessage({ method: 'attached', params: answer });
        else if (this.#wire.clock.now() - asked < POLL_PAUSE_MS) await this.#pause();
      }
    } catch {
      if (!this.#isStopped) this.#wire.onFailed();
    }
  }

  get #isStopped() { return this.#abort.signal.aborted; }

  async #ask(position, attached) {
    const path = streamPath(this.#stream, {
      ...this.#filter,
      since: position && `${position.epoch}:${position.seq}`,
      wait: attached ? WAIT_S : undefined,
    });
    const response = await this.#wire.fetch(path, { Accept: 'application/json' }, this.#abort.signal);
    if (response.ok) {
      const text = await response.text();
      return this.#isStopped ? undefined : parseExact(text);
    }
    if (this.#isStopped) return undefined;
    if (attached && response.status !== 401) this.#wire.onEnd();
    else await this.#wire.onRefused(response);
    return undefined;
  }

  #pause() {
    return new Promise((resolve) => { this.#silence = this.#wire.clock.setTimeout(resolve, POLL_PAUSE_MS); });
  }
}
