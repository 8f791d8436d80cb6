/** The other end of a WebSocket: what the client sent, and a hand to answer with. */

export class FakeSocket {
  static all = [];

  /** Whether handshakes succeed from now on; undefined leaves them without an answer. */
  static reachable = true;

  /** What `hello` is answered with; undefined leaves it to the test. */
  static hello = { heartbeat_ms: 60_000, user: { id: 'ada' }, tenant: { id: 'acme' } };

  static reset() {
    FakeSocket.all = [];
    FakeSocket.reachable = true;
    FakeSocket.hello = { heartbeat_ms: 60_000, user: { id: 'ada' }, tenant: { id: 'acme' } };
  }

  static get last() { return FakeSocket.all.at(-1); }

  sent = [];
  closed = undefined;

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.all.push(this);
    const { reachable } = FakeSocket;
    if (reachable !== undefined) queueMicrotask(() => (reachable ? this.onopen?.() : this.drop()));
  }

  send(text) {
    const message = JSON.parse(text);
    this.sent.push(message);
    if (message.method === 'hello' && FakeSocket.hello) this.answer(message, FakeSocket.hello);
  }

  close(code) { this.closed = code; }

  answer(request, result) { this.deliver({ jsonrpc: '2.0', id: request.id, result }); }

  refuse(request, data) { this.deliver({ jsonrpc: '2.0', id: request.id, error: { code: -32000, message: 'no', data } }); }

  tell(method, params) { this.deliver({ jsonrpc: '2.0', method, params }); }

  deliver(message) { this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) }); }

  drop(code = 1006, reason = '') { this.onclose?.({ code, reason }); }

  /** All messages of a method that were sent. */
  all(method) { return this.sent.filter((message) => message.method === method); }

  /** The latest message of a method. */
  request(method) {
    const found = this.all(method).at(-1);
    if (!found) throw new Error(`no ${method} was sent, only ${this.sent.map((one) => one.method)}`);
    return found;
  }
}
