/**
 * The parser of `text/event-stream` (WHATWG HTML, section 9.2.6), fed with pieces of text as they come.
 * `EventSource` cannot send headers, so the client reads streams with `fetch` and this.
 */

/** @typedef {{type: string, data: string, lastEventId: string}} ServerEvent */

export class EventStreamParser {
  /** The last `id` seen; it stays until another one comes. */
  lastEventId = '';

  #onEvent;
  #rest = '';
  #started = false;
  #data = [];
  #type = '';
  #afterReturn = false;

  /** @param {(event: ServerEvent) => void} onEvent */
  constructor(onEvent) {
    this.#onEvent = onEvent;
  }

  /** @param {string} text the next piece; it may end anywhere, even between CR and LF */
  push(text) {
    let piece = text;
    if (!this.#started && piece !== '') {
      this.#started = true;
      if (piece.startsWith('\ufeff')) piece = piece.slice(1);
    }
    // A line that ended in CR at the end of the last piece must not end again with this LF.
    if (this.#afterReturn && piece.startsWith('\n')) piece = piece.slice(1);
    if (text !== '') this.#afterReturn = text.endsWith('\r');
    const lines = piece.split(/\r\n|\r|\n/);
    lines[0] = this.#rest + lines[0];
    this.#rest = lines.pop();
    for (const line of lines) this.#line(line);
  }

  #line(line) {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id' && !value.includes('\0')) this.lastEventId = value;
  }

  #dispatch() {
    const event = { type: this.#type || 'message', data: this.#data.join('\n'), lastEventId: this.lastEventId };
    const isEmpty = this.#data.length === 0;
    this.#type = '';
    this.#data = [];
    if (!isEmpty) this.#onEvent(event);
  }
}
