/**
 * One WebSocket connection of the subprotocol `signalbox.v1`, from opening to its one end.
 * Whatever happens (refusal, silence, a close frame), `onDown` is called exactly once.
 *
 * `HttpLink` and `PortLink` have the same shape: JSON-RPC messages go in and out, whatever carries them.
 *
 * @typedef {object} LinkHandlers
 * @property {() => void} onOpen messages can be sent
 * @property {(message: object) => void} onMessage
 * @property {(code: number, reason: string, opened: boolean) => void} onDown the end, with a close code
 */

import { CLOSE_SILENT } from './close-codes.js';
import { systemClock } from './clock.js';
import { parseExact, stringifyExact } from './json/text.js';

const SUBPROTOCOL = 'signalbox.v1';
const OPEN_TIMEOUT_MS = 10_000;

export class Link {
  /** Which kind of link this is. */
  transport = 'websocket';
  /** Whether the handshake ever completed. */
  opened = false;

  #socket;
  #handlers;
  #clock;
  #openTimer;
  #ended = false;

  /**
   * @param {string} url
   * @param {LinkHandlers} handlers
   * @param {{WebSocket: typeof WebSocket, clock?: import('./clock.js').Clock}} environment
   */
  constructor(url, handlers, { WebSocket, clock = systemClock }) {
    this.#handlers = handlers;
    this.#clock = clock;
    this.#socket = new WebSocket(url, [SUBPROTOCOL]);
    this.#openTimer = clock.setTimeout(() => this.end(CLOSE_SILENT, 'no handshake'), OPEN_TIMEOUT_MS);
    this.#socket.onopen = () => {
      clock.clearTimeout(this.#openTimer);
      this.opened = true;
      handlers.onOpen();
    };
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = ({ code, reason }) => this.#down(code, reason);
  }

  /** Sends one JSON-RPC message. Nothing happens on a connection that has ended. */
  send(message) {
    if (!this.#ended && this.opened) this.#socket.send(stringifyExact(message));
  }

  /** Ends the connection now, without waiting for a peer that may never answer the close frame. */
  end(code, reason) {
    if (this.#ended) return;
    this.#socket.onclose = null;
    this.#socket.onmessage = null;
    this.#socket.onopen = null;
    this.#socket.close(code, reason);
    this.#down(code, reason);
  }

  #receive(data) {
    let message;
    try {
      message = parseExact(data);
    } catch {
      this.end(CLOSE_SILENT, 'not JSON');
      return;
    }
    for (const one of Array.isArray(message) ? message : [message]) {
      if (this.#ended) return;
      this.#handlers.onMessage(one);
    }
  }

  #down(code, reason) {
    if (this.#ended) return;
    this.#ended = true;
    this.#clock.clearTimeout(this.#openTimer);
    this.#handlers.onDown(code, reason, this.opened);
  }
}
