/** Tabs of one browser: ports, locks and shared workers, all in the test's hands. */

import { TabHub } from '../../../web-static/client/tab-hub.js';
import { SignalboxClient } from '../../../web-static/signalbox.js';
import { FakeSocket } from './fake-socket.js';
import { ManualClock } from './manual-clock.js';

class FakePort {
  onmessage = null;
  isOpen = true;
  /** What arrived, for tests that count. */
  received = [];

  static pair() {
    const [one, two] = [new FakePort(), new FakePort()];
    one.other = two;
    two.other = one;
    return [one, two];
  }

  postMessage(data) {
    if (!this.isOpen) return;
    const copy = structuredClone(data);
    queueMicrotask(() => {
      this.other.received.push(copy);
      if (this.other.isOpen) this.other.onmessage?.({ data: copy });
    });
  }

  close() { this.isOpen = false; }
}

/** The Web Locks API, as far as exclusive locks go. */
class FakeLocks {
  #queues = new Map();

  request(name, ...rest) {
    const callback = rest.pop();
    const { signal } = rest[0] ?? {};
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, queue);
      const entry = { run: () => Promise.resolve(callback()).then(resolve, reject).finally(() => this.release(name, entry)) };
      signal?.addEventListener('abort', () => {
        if (queue[0] !== entry) this.release(name, entry);
        reject(new DOMException('aborted', 'AbortError'));
      });
      queue.push(entry);
      if (queue[0] === entry) entry.run();
    });
  }

  release(name, entry) {
    const queue = this.#queues.get(name);
    const wasFirst = queue[0] === entry;
    queue.splice(queue.indexOf(entry), 1);
    if (wasFirst) queue[0]?.run();
  }

  /** Frees a lock as the end of its holder does. */
  steal(prefix) {
    for (const [name, queue] of [...this.#queues]) {
      if (name.startsWith(prefix) && queue.length > 0) this.release(name, queue[0]);
    }
  }
}

/** @returns a browser with one server behind it; `over` replaces options of all clients */
export function browser(over = {}) {
  FakeSocket.reset();
  const clock = new ManualClock();
  const common = { WebSocket: FakeSocket, random: () => 0, fallback: false, clock, ...over };
  const hubs = new Map();
  const ports = [];
  const locks = new FakeLocks();
  class FakeSharedWorker {
    constructor(url, { name, type }) {
      if (type !== 'module' || !String(url).endsWith('client/shared-worker.js')) throw new Error(`no such worker: ${url}`);
      const [mine, theirs] = FakePort.pair();
      this.port = mine;
      ports.push(mine);
      if (!hubs.has(name)) {
        hubs.set(name, new TabHub((options) => new SignalboxClient({ ...options, ...common, page: new EventTarget() }), { locks, clock }));
      }
      hubs.get(name).connect(theirs);
    }
  }
  const tab = async (options = {}) => {
    const client = new SignalboxClient({
      url: 'ws://test/v1/ws', shared: 'ada', SharedWorker: FakeSharedWorker, locks, page: new EventTarget(), csrf: () => undefined,
      ...common, ...options,
    });
    client.start();
    await clock.advance(0);
    return client;
  };
  return { tab, clock, locks, hubs, ports };
}
