import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AckPacer } from '../../web-static/client/ack-pacer.js';
import { change, harness, snapshotOf } from './support/harness.js';
import { ManualClock } from './support/manual-clock.js';

test('at once after a pause, then one per interval, and the last position in the end', async () => {
  const clock = new ManualClock();
  const sent = [];
  let position = 0;
  const pacer = new AckPacer(() => sent.push([clock.now(), position]), clock);
  const move = () => {
    position += 1;
    pacer.moved();
  };
  move();
  move();
  await clock.advance(40);
  move();
  await clock.advance(500);
  move();
  assert.deepEqual(sent, [[0, 1], [100, 3], [540, 4]]);
});

test('what waits is dropped with the connection', async () => {
  const clock = new ManualClock();
  let sent = 0;
  const pacer = new AckPacer(() => { sent += 1; }, clock);
  pacer.moved();
  pacer.moved();
  pacer.stop();
  await clock.advance(1_000);
  assert.equal(sent, 1);
});

test('a client acknowledges what it applied, as a notification', async () => {
  const { client, clock, start, socket } = harness();
  client.subscribe('flows', {});
  await start();
  socket().answer(socket().request('subscribe'), snapshotOf('flows', 1, { items: {} }));
  for (const seq of [2, 3, 4]) socket().tell('event', change(seq, []));
  await clock.advance(100);
  socket().tell('event', { ...change(9, []), since: 4 });
  await clock.advance(1_000);
  assert.deepEqual(socket().all('ack').map(({ params }) => params), [1, 4, 9].map((seq) => ({ stream: 'flows', seq })));
  assert.equal(socket().request('ack').id, undefined);
});

test('each part is acknowledged when it came; what is out of order is not', async () => {
  const { client, clock, start, socket } = harness();
  const subscription = client.subscribe('flows', {});
  const snapshots = [];
  client.subscribe('flows', { onSnapshot: (document, position) => snapshots.push([document, position]) });
  await start();
  socket().answer(socket().request('subscribe'), { stream: 'flows', epoch: 'e', seq: 7, mode: 'snapshot', parts: 2 });
  const part = (number, text) => socket().tell('snapshot', { stream: 'flows', epoch: 'e', seq: 7, part: number, parts: 2, text });
  part(0, '{"items":');
  assert.deepEqual(socket().all('ack').map(({ params }) => params), [{ stream: 'flows', seq: 7, part: 0 }]);
  assert.equal(subscription.live, false);
  part(1, '{}}');
  assert.deepEqual(socket().request('ack').params, { stream: 'flows', seq: 7, part: 1 });
  assert.deepEqual(snapshots, [[{ items: {} }, { epoch: 'e', seq: 7 }]]);
  assert.equal(subscription.live, true);
  part(1, '{}}');
  await clock.advance(1_000);
  assert.equal(socket().all('ack').length, 2);
  assert.equal(socket().all('resync').length, 1);
});
