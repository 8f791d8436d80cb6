/**
 * The wire through a SharedWorker that holds the one connection of all tabs. JSON-RPC messages cross as
 * JSON text; what a worker cannot know (tokens, cookies, whether somebody is signed in) it asks the tab.
 */

import { CLOSE_ABNORMAL } from './close-codes.js';
import { parseExact, stringifyExact } from './json/text.js';
import { randomId } from './random-id.js';

/** Tabs of another version of this protocol get a worker of their own. */
const VERSION = 1;
const START_TIMEOUT_MS = 5_000;

export class PortLink {
  /** Which kind of link this is; what the worker itself uses comes with its status. */
  transport = 'shared';
  /** Whether the worker ever answered. */
  opened = false;

  #port;
  #handlers;
  #environment;
  #timer;
  #ended = false;
  #release = () => {};
  #watch = new AbortController();

  /**
   * @param {{url: string, key: string, fallback: boolean}} settings `key` separates the connections of
   *   different people
   * @param {import('./link.js').LinkHandlers & {onStatus: (status: object) => void,
   *   onExpiring: (detail: object) => void}} handlers
   * @param {{SharedWorker: typeof SharedWorker, locks?: LockManager, clock: import('./clock.js').Clock,
   *   answers: Record<string, ((argument: any) => any)|undefined>}} environment `answers` to what the
   *   worker may ask
   */
  constructor(settings, handlers, environment) {
    this.#handlers = handlers;
    this.#environment = environment;
    const name = `signalbox/${VERSION} ${settings.url} ${settings.key}`;
    const script = new URL('./shared-worker.js', import.meta.url);
    const worker = new environment.SharedWorker(script, { type: 'module', name });
    worker.onerror = () => this.end(CLOSE_ABNORMAL, 'the worker cannot be started');
    this.#port = worker.port;
    this.#port.onmessage = ({ data }) => this.#receive(data);
    this.#timer = environment.clock.setTimeout(
      () => this.end(CLOSE_ABNORMAL, 'the worker does not answer'), START_TIMEOUT_MS);
    this.#open(settings);
  }

  /** Sends one JSON-RPC message. */
  send(message, { idempotent = false } = {}) {
    this.#post({ kind: 'rpc', text: stringifyExact(message), idempotent });
  }

  /** Somebody looks at this tab, or the network is back. */
  wake() { this.#post({ kind: 'wake' }); }

  /** Ends the wait for the next attempt. */
  reconnect() { this.#post({ kind: 'reconnect' }); }

  /** Leaves the worker to the other tabs. */
  end(code, reason) {
    if (this.#ended) return;
    this.#post({ kind: 'bye' });
    this.#ended = true;
    this.#environment.clock.clearTimeout(this.#timer);
    this.#watch.abort();
    this.#release();
    this.#port.onmessage = null;
    this.#port.close();
    this.#handlers.onDown(code, reason, this.opened);
  }

  /** Ports do not tell when a tab is gone, but its locks are free then. */
  async #open({ url, fallback }) {
    const { locks, answers } = this.#environment;
    let lock;
    if (locks) {
      lock = `signalbox-tab-${randomId()}`;
      await new Promise((held) => {
        locks.request(lock, () => new Promise((release) => {
          this.#release = release;
          held();
        })).catch(held);
      });
    }
    const asks = Object.keys(answers).filter((name) => answers[name]);
    if (this.#ended) this.#release();
    else this.#post({ kind: 'open', url, fallback, lock, asks });
  }

  #receive(data) {
    switch (data.kind) {
      case 'ready': this.#ready(data); break;
      case 'rpc': this.#handlers.onMessage(parseExact(data.text)); break;
      case 'status': this.#handlers.onStatus(data.status); break;
      case 'expiring': this.#handlers.onExpiring(data.detail); break;
      case 'ask': this.#answer(data); break;
      default:
    }
  }

  #ready({ lock }) {
    this.#environment.clock.clearTimeout(this.#timer);
    this.opened = true;
    if (lock) {
      this.#environment.locks?.request(lock, { signal: this.#watch.signal },
        () => this.end(CLOSE_ABNORMAL, 'the worker is gone')).catch(() => {});
    }
    this.#handlers.onOpen();
  }

  async #answer({ id, name, argument }) {
    try {
      this.#post({ kind: 'answer', id, value: await this.#environment.answers[name](argument) });
    } catch (error) {
      this.#post({ kind: 'answer', id, error: error.message });
    }
  }

  #post(data) {
    if (!this.#ended) this.#port.postMessage(data);
  }
}
