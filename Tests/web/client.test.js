import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeSocket } from './support/fake-socket.js';
import { add, change, harness, snapshotOf } from './support/harness.js';

const items = (...names) => ({ items: Object.fromEntries(names.map((name) => [name, 1])) });

test('hello comes first, under the subprotocol', async () => {
  const { client, start, socket } = harness();
  await start();
  assert.equal(client.state, 'online');
  assert.equal(client.transport, 'websocket');
  assert.deepEqual(socket().protocols, ['signalbox.v1']);
  assert.equal(socket().sent[0].method, 'hello');
});

test('a stream goes on from its position after a reconnect', async () => {
  const { client, clock, start, socket } = harness();
  const seen = [];
  client.subscribe('flows', { onDocument: (document) => seen.push(document) });
  await start();
  socket().answer(socket().request('subscribe'), snapshotOf('flows', 4, items()));
  socket().tell('event', change(5, [add('/items/a', 1)]));
  assert.deepEqual(seen, [items(), items('a')]);
  socket().drop();
  assert.equal(client.state, 'offline');
  await clock.advance(0);
  assert.equal(client.state, 'online');
  assert.deepEqual(socket().request('subscribe').params.since, { epoch: 'e', seq: 5 });
});

test('an answer and its events in one batch are taken in order', async () => {
  const { client, start, socket } = harness();
  const subscription = client.subscribe('flows', {});
  await start();
  const { id } = socket().request('subscribe');
  socket().deliver([
    { jsonrpc: '2.0', id, result: snapshotOf('flows', 1, items()) },
    { jsonrpc: '2.0', method: 'event', params: change(2, [add('/items/a', 1)]) },
  ]);
  assert.deepEqual(subscription.document, items('a'));
  assert.equal(client.counters.resyncs, 0);
});

test('a gap asks for a resync, and the snapshot heals it', async () => {
  const { client, start, socket } = harness();
  const subscription = client.subscribe('flows', {});
  await start();
  socket().answer(socket().request('subscribe'), snapshotOf('flows', 1, items()));
  socket().tell('event', change(3, []));
  assert.equal(subscription.live, false);
  socket().answer(socket().request('resync'), snapshotOf('flows', 3, items('healed')));
  assert.deepEqual(subscription.document, items('healed'));
  assert.deepEqual(subscription.position, { epoch: 'e', seq: 3 });
  assert.equal(subscription.live, true);
  assert.equal(client.counters.resyncs, 1);
});

test('a server whose every event asks for a resync is asked ever less often', async () => {
  const { client, clock, start, socket } = harness({ random: () => 0.999 });
  client.subscribe('flows', {});
  await start();
  socket().answer(socket().request('subscribe'), snapshotOf('flows', 1, items()));
  let answered = 0;
  for (let second = 0; second < 60; second += 1) {
    const asked = socket().all('resync');
    if (asked.length > answered) {
      answered = asked.length;
      socket().answer(asked.at(-1), snapshotOf('flows', 1, items()));
    }
    socket().tell('event', change(9, []));
    await clock.advance(1_000);
  }
  assert.ok(answered >= 3 && answered <= 15, `${answered} resyncs in a minute`);
});

test('a resync after progress does not wait', async () => {
  const { client, clock, start, socket } = harness({ random: () => 0.999 });
  client.subscribe('flows', {});
  await start();
  socket().answer(socket().request('subscribe'), snapshotOf('flows', 1, items()));
  for (const seq of [3, 13, 23]) {
    socket().tell('event', change(seq, []));
    await clock.advance(0);
    socket().answer(socket().request('resync'), snapshotOf('flows', seq, items()));
    socket().tell('event', change(seq + 1, []));
  }
  assert.equal(socket().all('resync').length, 3);
});

test('an idempotent request without an answer is sent again, word for word', async () => {
  const { client, clock, start, socket } = harness();
  await start();
  const result = client.request('prompt.decide', { prompt: 'p', idempotency_key: 'k' }, { idempotent: true });
  const first = socket().request('prompt.decide');
  socket().drop();
  await clock.advance(0);
  const second = socket().request('prompt.decide');
  assert.deepEqual(second.params, first.params);
  socket().answer(second, { status: 'decided' });
  assert.deepEqual(await result, { status: 'decided' });
});

test('an overdue idempotent request takes the connection for dead, three times at most', async () => {
  const { client, clock, start } = harness();
  await start();
  const result = assert.rejects(client.request('prompt.decide', {}, { idempotent: true }), { code: 'timeout' });
  await clock.advance(60_000);
  await result;
  assert.equal(FakeSocket.all.length, 3);
});

test('other requests fail with the connection, and while there is none', async () => {
  const { client, start, socket } = harness();
  await assert.rejects(client.request('prompt.claim', {}), { code: 'connection_lost' });
  await start();
  const result = client.request('prompt.claim', { prompt: 'p' });
  socket().drop();
  await assert.rejects(result, { code: 'connection_lost' });
});

test('the stable code and data of an error reach the caller', async () => {
  const { client, start, socket } = harness();
  await start();
  const result = client.request('prompt.decide', {}, { idempotent: true });
  socket().refuse(socket().request('prompt.decide'), { code: 'stale_prompt', superseded_by: 'q' });
  await assert.rejects(result, (error) => error.code === 'stale_prompt' && error.data.superseded_by === 'q');
});

test('a stream that is refused says so and stays out of the way', async () => {
  const { client, clock, start, socket } = harness();
  const statuses = [];
  client.subscribe('flow:x', { onStatus: (status) => statuses.push(status) });
  await start();
  socket().refuse(socket().request('subscribe'), { code: 'not_found' });
  await clock.advance(0);
  assert.equal(statuses.at(-1).error.code, 'not_found');
  assert.equal(statuses.at(-1).live, false);
  await clock.advance(30_000);
  assert.equal(socket().all('subscribe').length, 1);
});

test('a stream that is refused for now is asked for again, ever less often', async () => {
  const { client, clock, start, socket } = harness({ random: () => 0.999 });
  const statuses = [];
  const subscription = client.subscribe('flows', { onStatus: (status) => statuses.push(status) });
  await start();
  for (const wait of [0, 500, 1_000, 2_000]) {
    await clock.advance(wait);
    socket().refuse(socket().request('subscribe'), { code: 'busy' });
    await clock.advance(0);
    assert.equal(statuses.at(-1).error.code, 'busy');
  }
  assert.equal(socket().all('subscribe').length, 4);
  await clock.advance(4_000);
  socket().answer(socket().request('subscribe'), snapshotOf('flows', 1, items()));
  assert.equal(subscription.live, true);
  assert.equal(statuses.at(-1).error, undefined);
});

test('4403 stays away until somebody asks', async () => {
  const { client, clock, start, socket } = harness();
  await start();
  socket().drop(4403, 'forbidden');
  await clock.advance(60_000);
  assert.equal(client.state, 'refused');
  assert.equal(client.reason, 'forbidden');
  client.reconnectNow();
  await clock.advance(0);
  assert.equal(client.state, 'online');
  assert.equal(FakeSocket.all.length, 2);
});

test('goaway moves to a new connection after the time it names', async () => {
  const { client, clock, start, socket } = harness();
  await start();
  const old = socket();
  old.tell('goaway', { reconnect_after_ms: 700, resume_ticket: 't' });
  await clock.advance(699);
  assert.equal(old.closed, undefined);
  await clock.advance(1);
  assert.equal(old.closed, 1000);
  assert.equal(client.state, 'online');
  assert.equal(FakeSocket.all.length, 2);
});

test('a connection that ends before goaway’s time is over is not replaced earlier', async () => {
  const { client, clock, start, socket } = harness();
  await start();
  socket().tell('goaway', { reconnect_after_ms: 700 });
  socket().drop(1012);
  assert.equal(client.retryAt, clock.time() + 700);
  await clock.advance(699);
  assert.equal(FakeSocket.all.length, 1);
  await clock.advance(1);
  assert.equal(FakeSocket.all.length, 2);
});

test('the last listener of a stream unsubscribes', async () => {
  const { client, start, socket } = harness();
  const one = client.subscribe('flows', {});
  const two = client.subscribe('flows', {});
  await start();
  socket().answer(socket().request('subscribe'), snapshotOf('flows', 1, items()));
  one.close();
  assert.equal(socket().all('unsubscribe').length, 0);
  two.close();
  assert.equal(socket().all('unsubscribe').length, 1);
  assert.equal(socket().all('subscribe').length, 1);
});

test('a stream has one filter', async () => {
  const { client, start, socket } = harness();
  client.subscribe('flows', {}, { filter: { status: 'running' } });
  client.subscribe('flows', {}, { filter: { status: 'running' } });
  assert.throws(() => client.subscribe('flows', {}), TypeError);
  await start();
  assert.deepEqual(socket().request('subscribe').params, { stream: 'flows', filter: { status: 'running' } });
});

test('a peer that stays silent is found out by a ping', async () => {
  const { client, clock, start, socket } = harness();
  FakeSocket.hello = { heartbeat_ms: 20_000 };
  await start();
  const first = socket();
  await clock.advance(20_000);
  first.answer(first.request('ping'), {});
  await clock.advance(20_000);
  assert.equal(first.closed, undefined);
  await clock.advance(20_000);
  assert.equal(first.closed, 3008);
  assert.equal(client.state, 'online');
  assert.equal(FakeSocket.all.length, 2);
});

test('delays have full jitter, grow, and start anew only after a connection that held', async () => {
  const { client, clock, start } = harness({ random: () => 0.5 });
  FakeSocket.reachable = false;
  await start();
  const delays = [];
  for (let attempt = 0; attempt < 8; attempt += 1) {
    delays.push(client.retryAt - clock.time());
    await clock.advance(client.retryAt - clock.time());
  }
  assert.deepEqual(delays, [125, 250, 500, 1000, 2000, 4000, 5000, 5000]);
  FakeSocket.reachable = true;
  await clock.advance(5_000);
  assert.equal(client.state, 'online');
  FakeSocket.last.drop();
  assert.equal(client.retryAt - clock.time(), 5000);
  await clock.advance(5_000);
  await clock.advance(5_000);
  FakeSocket.last.drop();
  assert.equal(client.retryAt - clock.time(), 125);
});

test('1013 and 4429 ask for patience', async () => {
  for (const code of [1013, 4429]) {
    const { client, clock, start, socket } = harness({ random: () => 0.5 });
    await start();
    socket().drop(code);
    assert.equal(client.retryAt - clock.time(), 2000, String(code));
  }
});

test('what is no JSON ends the connection', async () => {
  const { client, clock, start, socket } = harness();
  await start();
  const first = socket();
  first.deliver('{"jsonrpc":');
  assert.equal(first.closed, 3008);
  await clock.advance(0);
  assert.equal(client.state, 'online');
});

test('untouched parts of a document stay the same reference', async () => {
  const { client, start, socket } = harness();
  const subscription = client.subscribe('flows', {});
  await start();
  socket().answer(socket().request('subscribe'), snapshotOf('flows', 1, { items: { a: { n: 1 }, b: { n: 1 } } }));
  const before = subscription.document;
  socket().tell('event', change(2, [{ op: 'replace', path: '/items/a/n', value: 2 }]));
  assert.notEqual(subscription.document, before);
  assert.equal(subscription.document.items.b, before.items.b);
  assert.deepEqual(before.items.a, { n: 1 });
});

test('a listener that throws is reported, and is in nobody’s way', async () => {
  const { client, start, socket } = harness();
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  try {
    client.subscribe('flows', { onEvent: () => { throw new Error('mine'); } });
    const seen = [];
    client.subscribe('flows', { onEvent: ({ seq }) => seen.push(seq) });
    await start();
    socket().answer(socket().request('subscribe'), snapshotOf('flows', 1, items()));
    socket().deliver([2, 3].map((seq) => ({ jsonrpc: '2.0', method: 'event', params: change(seq, []) })));
    assert.deepEqual(seen, [2, 3]);
    assert.deepEqual(reported, ['mine', 'mine']);
  } finally {
    delete globalThis.reportError;
  }
});
