/** A client whose time, sockets and chance are in the test's hands. */

import { SignalboxClient } from '../../../web-static/signalbox.js';
import { FakeSocket } from './fake-socket.js';
import { ManualClock } from './manual-clock.js';

/** @returns {{client: SignalboxClient, clock: ManualClock, socket: () => FakeSocket, start: () => Promise<void>}} */
export function harness(options = {}) {
  FakeSocket.reset();
  const clock = new ManualClock();
  const client = new SignalboxClient({
    url: 'ws://test/v1/ws', WebSocket: FakeSocket, page: new EventTarget(), random: () => 0, fallback: false, clock, ...options,
  });
  return {
    client,
    clock,
    socket: () => FakeSocket.last,
    start: async () => {
      client.start();
      await clock.advance(0);
    },
  };
}

/** The answer of `subscribe` with a whole document. */
export const snapshotOf = (stream, seq, snapshot, more = {}) => ({ stream, epoch: 'e', seq, mode: 'snapshot', snapshot, ...more });

/** The params of an event that changes the document of a live list. */
export const change = (seq, delta, more = {}) => ({ stream: 'flows', seq, event: { type: 'STATE_DELTA', delta }, ...more });

export const add = (path, value) => ({ op: 'add', path, value });
