/** A server behind `fetch`: what was asked, and answers in the test's hands. */

const encoder = new TextEncoder();

/** A response whose bytes come when the test says so. */
export class LiveResponse {
  #controller;

  constructor(signal) {
    const body = new ReadableStream({ start: (controller) => { this.#controller = controller; } });
    signal.addEventListener('abort', () => {
      this.aborted = true;
      this.#controller.error(new DOMException('aborted', 'AbortError'));
    });
    this.response = new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
  }

  aborted = false;

  push(text) { this.#controller.enqueue(encoder.encode(text)); }

  /** One server-sent event. */
  tell(type, data, id) { this.push(`event: ${type}\n${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(data)}\n\n`); }

  end() { this.#controller.close(); }

  fail() { this.#controller.error(new TypeError('network error')); }
}

export class FakeHttp {
  /** @type {Array<{method: string, path: string, headers: Headers, body?: any}>} */
  calls = [];
  /** Streams that were opened, in order. */
  streams = [];
  isReachable = true;
  me = { user: { id: 'ada' }, tenant: { id: 'acme' }, roles: [], session: null };
  /** Answers to what is no stream and not `/v1/me`: (call) => [status, body] or a promise of it. */
  answer = () => [404, { code: 'not_found', title: 'No such thing' }];
  /** Whether the bytes of event streams come through. */
  streaming = true;
  /** Whether the browser can read a response in pieces. */
  bodies = true;
  onCall = () => {};

  fetch = (url, { method = 'GET', headers = {}, body, signal } = {}) => new Promise((resolve, reject) => {
    const { pathname, search } = new URL(url);
    const call = {
      method, path: pathname + search, headers: new Headers(headers), body: body && JSON.parse(body), signal,
    };
    this.calls.push(call);
    this.onCall(call);
    signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    if (!this.isReachable) reject(new TypeError('failed to fetch'));
    else if (call.headers.get('Accept') === 'text/event-stream') {
      if (!this.streaming) return;
      const stream = new LiveResponse(signal);
      this.streams.push(Object.assign(stream, { call }));
      resolve(this.bodies ? stream.response : { ok: true });
    } else if (call.path === '/v1/me') resolve(json(this.me.status ?? 200, this.me));
    else Promise.resolve(this.answer(call)).then(([status, value]) => resolve(json(status, value)), reject);
  });

  /** The calls that are no `/v1/me`. */
  get commands() { return this.calls.filter(({ path }) => path !== '/v1/me'); }
}

function json(status, value) {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return new Response(JSON.stringify(value), { status, headers: { 'Content-Type': type } });
}
