/**
 * The worker's side of a shared connection: one client, any number of tabs. To a tab it speaks the
 * protocol of the server, so that each tab keeps its own replicas from patches; a whole document crosses
 * only when a tab attaches or the server replaced it.
 */

import { systemClock } from './clock.js';
import { parseExact, stringifyExact } from './json/text.js';
import { randomId } from './random-id.js';

/** A tab that does not answer by then may be frozen; the next one is asked. */
const ASK_TIMEOUT_MS = 5_000;
const FAILED = -32000;

export class TabHub {
  #createClient;
  #locks;
  #clock;
  #client;
  #lock;
  #tabs = new Set();
  #asked = new Map();
  #nextAsk = 1;
  #lastEvent = {};

  /**
   * @param {(options: object) => import('../signalbox.js').SignalboxClient} createClient
   * @param {{locks?: LockManager, clock?: import('./clock.js').Clock}} [environment]
   */
  constructor(createClient, { locks, clock = systemClock } = {}) {
    this.#createClient = createClient;
    this.#locks = locks;
    this.#clock = clock;
    if (!locks) return;
    // Held for as long as this worker lives; tabs wait for it to learn of its end.
    this.#lock = `signalbox-hub-${randomId()}`;
    locks.request(this.#lock, () => new Promise(() => {}));
  }

  /** A tab has come. @param {MessagePort} port */
  connect(port) {
    const tab = { port, asks: [], streams: new Map() };
    port.onmessage = ({ data }) => this.#receive(tab, data);
  }

  #receive(tab, data) {
    switch (data.kind) {
      case 'open': this.#open(tab, data); break;
      case 'rpc': this.#call(tab, parseExact(data.text), data.idempotent); break;
      case 'answer': this.#asked.get(data.id)?.(data); break;
      case 'wake': this.#client?.wake(); break;
      case 'reconnect': this.#client?.reconnectNow(); break;
      case 'bye': this.#leave(tab); break;
      default:
    }
  }

  #open(tab, { url, fallback, lock, asks }) {
    tab.asks = asks;
    this.#tabs.add(tab);
    if (lock) this.#locks?.request(lock, () => this.#leave(tab));
    this.#client ??= this.#newClient(url, fallback, asks);
    // After a sign-out or a refusal, a tab that comes means that somebody is signed in now.
    if (['idle', 'signed-out', 'refused'].includes(this.#client.state)) this.#client.start();
    tab.port.postMessage({ kind: 'ready', lock: this.#lock });
    tab.port.postMessage({ kind: 'status', status: this.#status() });
  }

  #newClient(url, fallback, asks) {
    const ask = (name) => (asks.includes(name) ? (argument) => this.#ask(name, argument) : undefined);
    const client = this.#createClient({
      url, fallback, token: ask('token'), isSignedIn: ask('isSignedIn'), csrf: ask('csrf'),
    });
    client.addEventListener('state', () => this.#tellAll({ kind: 'status', status: this.#status() }));
    client.addEventListener('expiring', ({ detail }) => this.#tellAll({ kind: 'expiring', detail }));
    return client;
  }

  #status() {
    const { state, reason, retryAt, session, transport, counters } = this.#client;
    return { state, reason, retryAt, session, transport, counters: { ...counters } };
  }

  #leave(tab) {
    if (!this.#tabs.delete(tab)) return;
    for (const subscription of tab.streams.values()) subscription.close();
    tab.port.onmessage = null;
    tab.port.close();
    if (this.#tabs.size === 0) this.#client.stop();
  }

  async #call(tab, { id, method, params }, idempotent) {
    if (!this.#tabs.has(tab)) return;
    switch (method) {
      case 'subscribe': this.#subscribe(tab, id, params); return;
      case 'resync': this.#subscribe(tab, id, { ...params, since: undefined }); return;
      case 'unsubscribe':
        tab.streams.get(params.stream)?.close();
        tab.streams.delete(params.stream);
        this.#tell(tab, { id, result: {} });
        return;
      // The client of this worker acknowledges for all tabs.
      case 'ack': return;
      default:
    }
    try {
      this.#tell(tab, { id, result: await this.#client.request(method, params, { idempotent }) });
    } catch (error) {
      this.#tell(tab, { id, error: rpcError(error) });
    }
  }

  #subscribe(tab, id, { stream, since, filter }) {
    let subscription;
    let answered = false;
    const answer = () => {
      answered = true;
      const { position, document } = subscription;
      const isThere = since?.epoch === position.epoch && since.seq === position.seq;
      const start = isThere ? { mode: 'patches' } : { mode: 'snapshot', snapshot: document };
      this.#tell(tab, { id, result: { stream, ...position, ...start } });
    };
    const listener = {
      onEvent: (params) => answered && tab.port.postMessage({ kind: 'rpc', text: this.#eventText(params) }),
      onSnapshot: (document, position) => answered && this.#replace(tab, stream, document, position),
      onDocument: () => answered || answer(),
      onStatus: ({ live, error }) => {
        if (answered) this.#tell(tab, { method: 'hold', params: { stream, held: !live, error: error && rpcError(error) } });
        else if (error) this.#tell(tab, { id, error: rpcError(error) });
      },
    };
    tab.streams.get(stream)?.close();
    tab.streams.delete(stream);
    try {
      subscription = this.#client.subscribe(stream, listener, { filter });
      tab.streams.set(stream, subscription);
    } catch (error) {
      this.#tell(tab, { id, error: rpcError(error) });
    }
  }

  #replace(tab, stream, document, { epoch, seq }) {
    const params = { stream, epoch, seq, part: 0, parts: 1, text: stringifyExact(document) };
    this.#tell(tab, { method: 'snapshot', params });
  }

  /** The same event goes to every tab: it is written once. */
  #eventText(params) {
    if (this.#lastEvent.params !== params) {
      this.#lastEvent = { params, text: stringifyExact({ jsonrpc: '2.0', method: 'event', params }) };
    }
    return this.#lastEvent.text;
  }

  /** Asks the tabs, the latest first, until one answers. */
  async #ask(name, argument) {
    let problem = 'no tab answers';
    for (const tab of [...this.#tabs].reverse()) {
      if (!tab.asks.includes(name)) continue;
      const { value, error } = await this.#askTab(tab, name, argument);
      if (error === undefined) return value;
      problem = error;
    }
    throw new Error(problem);
  }

  #askTab(tab, name, argument) {
    const id = this.#nextAsk;
    this.#nextAsk += 1;
    return new Promise((resolve) => {
      const done = (data) => {
        this.#clock.clearTimeout(timer);
        this.#asked.delete(id);
        resolve(data);
      };
      const timer = this.#clock.setTimeout(() => done({ error: 'a tab does not answer' }), ASK_TIMEOUT_MS);
      this.#asked.set(id, done);
      tab.port.postMessage({ kind: 'ask', id, name, argument });
    });
  }

  #tell(tab, message) {
    tab.port.postMessage({ kind: 'rpc', text: stringifyExact({ jsonrpc: '2.0', ...message }) });
  }

  #tellAll(data) {
    for (const { port } of this.#tabs) port.postMessage(data);
  }
}

function rpcError({ code, message, data }) {
  return { code: FAILED, message, data: { ...data, code: code ?? 'internal_error' } };
}
