import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeSocket } from './support/fake-socket.js';
import { browser } from './support/fake-tabs.js';
import { add, change, snapshotOf } from './support/harness.js';

const items = (...names) => ({ items: Object.fromEntries(names.map((name) => [name, 1])) });
const socket = () => FakeSocket.last;

/** Two tabs that follow `flows`, at position 4. */
async function twoTabs() {
  const world = browser();
  const tabs = [await world.tab(), await world.tab()];
  const subscriptions = tabs.map((client) => client.subscribe('flows', {}));
  await world.clock.advance(0);
  socket().answer(socket().request('subscribe'), snapshotOf('flows', 4, { items: { a: { n: 1 } } }));
  await world.clock.advance(0);
  return { ...world, tabs, subscriptions };
}

test('two tabs, one connection, one subscription, a document each', async () => {
  const { tabs, subscriptions, clock } = await twoTabs();
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(socket().all('subscribe').length, 1);
  for (const client of tabs) assert.deepEqual([client.state, client.transport, client.session.user.id], ['online', 'websocket', 'ada']);
  const before = subscriptions[0].document;
  socket().tell('event', change(5, [add('/items/b', { n: 2 })]));
  await clock.advance(0);
  for (const { document, position, live } of subscriptions) {
    assert.deepEqual(document, { items: { a: { n: 1 }, b: { n: 2 } } });
    assert.deepEqual([position, live], [{ epoch: 'e', seq: 5 }, true]);
  }
  assert.equal(subscriptions[0].document.items.a, before.items.a);
  assert.notEqual(subscriptions[0].document.items.b, subscriptions[1].document.items.b);
});

test('an event crosses as its patch, never as the document', async () => {
  const { ports, clock } = await twoTabs();
  ports.forEach((port) => port.received.splice(0));
  socket().tell('event', change(5, [add('/items/b', 1)]));
  await clock.advance(0);
  for (const { received } of ports) {
    const texts = received.filter(({ kind }) => kind === 'rpc').map(({ text }) => JSON.parse(text));
    assert.deepEqual(texts, [{ jsonrpc: '2.0', method: 'event', params: change(5, [add('/items/b', 1)]) }]);
  }
});

test('a tab that comes later begins with the document of that moment', async () => {
  const { tab, clock } = await twoTabs();
  socket().tell('event', change(5, [add('/items/b', 1)]));
  const third = await tab();
  const subscription = third.subscribe('flows', {});
  await clock.advance(0);
  assert.deepEqual(subscription.document, { items: { a: { n: 1 }, b: 1 } });
  socket().tell('event', change(6, [add('/items/c', 1)]));
  await clock.advance(0);
  assert.deepEqual(subscription.position, { epoch: 'e', seq: 6 });
  assert.equal(socket().all('subscribe').length, 1);
});

test('a document that was replaced is replaced in all tabs', async () => {
  const { subscriptions, clock } = await twoTabs();
  socket().tell('snapshot', { stream: 'flows', epoch: 'e', seq: 30, part: 0, parts: 2, text: '{"items":{"n":1234567890123' });
  socket().tell('snapshot', { stream: 'flows', epoch: 'e', seq: 30, part: 1, parts: 2, text: '4567890}}' });
  await clock.advance(0);
  for (const { document, position } of subscriptions) {
    assert.deepEqual(document, { items: { n: 12345678901234567890n } });
    assert.equal(position.seq, 30);
  }
});

test('decisions go through, and their errors come back whole', async () => {
  const { tabs, clock } = await twoTabs();
  const decided = tabs[0].decide({ id: 'p', shown_digest: 'd' }, { verb: 'edit', arguments: { n: 2n ** 70n } });
  await clock.advance(0);
  socket().answer(socket().request('prompt.decide'), { id: 'p', status: 'decided' });
  assert.equal((await decided).status, 'decided');
  const late = tabs[1].decide({ id: 'p', shown_digest: 'd' }, { verb: 'reject' });
  await clock.advance(0);
  socket().refuse(socket().request('prompt.decide'), { code: 'already_decided', detail: 'Too late.', outcome: { verb: 'edit' } });
  await assert.rejects(late, (error) => error.code === 'already_decided' && error.message === 'Too late.' && error.data.outcome.verb === 'edit');
});

test('a lost connection shows in all tabs, and all go on', async () => {
  const { tabs, subscriptions, clock } = await twoTabs();
  const decided = tabs[0].decide({ id: 'p', shown_digest: 'd' }, { verb: 'approve' });
  await clock.advance(0);
  const [{ params }] = socket().all('prompt.decide');
  FakeSocket.reachable = false;
  socket().tell('goaway', { reconnect_after_ms: 500 });
  socket().drop(1012);
  await clock.advance(1);
  for (const [index, client] of tabs.entries()) {
    assert.equal(client.state, 'offline');
    assert.equal(client.retryAt, clock.time() + 499);
    assert.equal(subscriptions[index].live, false);
    assert.deepEqual(subscriptions[index].document, { items: { a: { n: 1 } } });
  }
  await assert.rejects(tabs[1].claim('p'), { code: 'connection_lost' });
  FakeSocket.reachable = true;
  await clock.advance(499);
  socket().answer(socket().request('subscribe'), { stream: 'flows', epoch: 'e', seq: 4, mode: 'patches' });
  socket().tell('event', change(5, [add('/items/b', 1)]));
  assert.deepEqual(socket().request('prompt.decide').params, params);
  socket().answer(socket().request('prompt.decide'), { status: 'decided' });
  await clock.advance(0);
  for (const [index, client] of tabs.entries()) {
    assert.equal(client.state, 'online');
    assert.equal(subscriptions[index].live, true);
    assert.equal(subscriptions[index].position.seq, 5);
  }
  assert.equal((await decided).status, 'decided');
});

test('a stream that does not exist is an error in the tab that asked', async () => {
  const { tabs, clock } = await twoTabs();
  const statuses = [];
  tabs[0].subscribe('flow:x', { onStatus: (status) => statuses.push(status) });
  await clock.advance(0);
  socket().refuse(socket().request('subscribe'), { code: 'not_found', detail: 'No such flow.' });
  await clock.advance(0);
  assert.deepEqual([statuses.at(-1).live, statuses.at(-1).error.code], [false, 'not_found']);
});

test('a tab that went astray is healed by the worker, not by the server', async () => {
  const { ports, subscriptions, clock } = await twoTabs();
  ports[0].onmessage({ data: { kind: 'rpc', text: JSON.stringify({ method: 'event', params: change(9, []) }) } });
  await clock.advance(0);
  assert.deepEqual(subscriptions[0].position, { epoch: 'e', seq: 4 });
  assert.equal(subscriptions[0].live, true);
  assert.equal(socket().all('resync').length, 0);
});

test('a tab that stops leaves its streams, the last one the connection', async () => {
  const { tabs, clock } = await twoTabs();
  tabs[0].stop();
  await clock.advance(0);
  assert.equal(socket().all('unsubscribe').length, 0);
  assert.equal(socket().closed, undefined);
  tabs[1].stop();
  await clock.advance(0);
  assert.equal(socket().closed, 1000);
});

test('a tab that vanished is known by its lock', async () => {
  const { tabs, locks, clock } = await twoTabs();
  tabs[1].subscribe('prompts', {});
  await clock.advance(0);
  locks.steal('signalbox-tab-');
  await clock.advance(0);
  assert.equal(socket().closed, 1000);
});

test('a worker that ended is replaced, and the tabs go on from their positions', async () => {
  const { tabs, hubs, locks, subscriptions, clock } = await twoTabs();
  hubs.clear();
  locks.steal('signalbox-hub-');
  await clock.advance(0);
  assert.equal(hubs.size, 1);
  assert.equal(FakeSocket.all.length, 2);
  socket().answer(socket().request('subscribe'), snapshotOf('flows', 8, items('later')));
  await clock.advance(0);
  for (const [index, client] of tabs.entries()) {
    assert.equal(client.state, 'online');
    assert.deepEqual(subscriptions[index].document, items('later'));
  }
});

test('signed out in one tab is signed out in all; the next sign-in connects again', async () => {
  const { tabs, clock } = await twoTabs();
  socket().drop(4401);
  await clock.advance(0);
  assert.deepEqual(tabs.map(({ state }) => state), ['signed-out', 'signed-out']);
  tabs[0].start();
  await clock.advance(0);
  assert.equal(tabs[0].state, 'online');
  assert.equal(FakeSocket.all.length, 2);
});

test('another person has another connection', async () => {
  const world = browser();
  await world.tab({ shared: () => 'acme ada' });
  await world.tab({ shared: () => 'acme bob' });
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(world.hubs.size, 2);
});

test('what only a tab knows is asked of one that answers', async () => {
  const world = browser();
  const asked = [];
  const token = (name) => async ({ reason }) => {
    asked.push([name, reason]);
    return `token of ${name}`;
  };
  await world.tab({ token: token('one') });
  await world.tab({ token: () => new Promise(() => {}) });
  assert.equal(socket().request('hello').params.token, 'token of one');
  FakeSocket.hello = undefined;
  socket().tell('auth.expiring', { expires_in: 60 });
  await world.clock.advance(5_000);
  assert.deepEqual(socket().request('auth.refresh').params, { token: 'token of one' });
  assert.deepEqual(asked, [['one', 'connect'], ['one', 'expiring']]);
});

test('every tab learns that the database is away', async () => {
  const { tabs, clock } = await twoTabs();
  const told = [];
  for (const tab of tabs) tab.addEventListener('state', () => told.push(tab.session.service));
  socket().tell('service', { status: 'degraded' });
  await clock.advance(0);
  assert.deepEqual(told, ['degraded', 'degraded']);
});

test('waking and hurrying reach the worker', async () => {
  const { tabs, clock } = await twoTabs();
  tabs[0].wake();
  await clock.advance(0);
  assert.equal(socket().all('ping').length, 1);
  FakeSocket.reachable = false;
  socket().tell('goaway', { reconnect_after_ms: 60_000 });
  socket().drop(1012);
  await clock.advance(1);
  FakeSocket.reachable = true;
  tabs[1].reconnectNow();
  await clock.advance(0);
  assert.equal(tabs[0].state, 'online');
});

/** A worker that fails in some way. */
class Silent {
  port = { postMessage() {}, close() {} };
}
class Refused extends Silent {
  constructor() {
    super();
    queueMicrotask(() => this.onerror(new Event('error')));
  }
}
class Forbidden {
  constructor() { throw new DOMException('no', 'SecurityError'); }
}

test('without a worker each tab has its own connection', async () => {
  for (const SharedWorker of [Silent, Refused, Forbidden]) {
    const world = browser();
    const client = await world.tab({ SharedWorker });
    await world.clock.advance(5_000);
    assert.equal(client.state, 'online', SharedWorker.name);
    assert.equal(client.transport, 'websocket');
    assert.equal(FakeSocket.all.length, 1);
    socket().drop();
    await world.clock.advance(0);
    assert.equal(client.state, 'online', 'and it stays with that');
  }
});
