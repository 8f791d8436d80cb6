import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeSocket } from './support/fake-socket.js';
import { harness } from './support/harness.js';

function page() {
  const scope = new EventTarget();
  scope.document = new EventTarget();
  scope.document.visibilityState = 'visible';
  return scope;
}

test('back online, or looked at: the wait for the next attempt ends', async () => {
  for (const event of ['online', 'visibilitychange']) {
    const scope = page();
    const { client, clock, start } = harness({ page: scope, random: () => 0.99 });
    FakeSocket.reachable = false;
    await start();
    assert.equal(client.state, 'offline');
    FakeSocket.reachable = true;
    (event === 'online' ? scope : scope.document).dispatchEvent(new Event(event));
    await clock.advance(0);
    assert.equal(client.state, 'online', event);
  }
});

test('nothing is hurried while nobody looks', async () => {
  const scope = page();
  const { client, clock, start } = harness({ page: scope, random: () => 0.99 });
  FakeSocket.reachable = false;
  await start();
  scope.document.visibilityState = 'hidden';
  scope.document.dispatchEvent(new Event('visibilitychange'));
  await clock.advance(0);
  assert.equal(client.state, 'offline');
});

test('looked at again, an old connection is tested at once', async () => {
  const scope = page();
  const { clock, start, socket } = harness({ page: scope });
  await start();
  const first = socket();
  scope.document.dispatchEvent(new Event('visibilitychange'));
  assert.equal(first.all('ping').length, 1);
  await clock.advance(5_000);
  assert.equal(first.closed, 3008);
});

test('a page in the back/forward cache holds no connection, and has one when it comes back', async () => {
  const scope = page();
  const { client, clock, start, socket } = harness({ page: scope });
  const decided = client.decide({ id: 'p', shown_digest: 'd' }, { verb: 'approve' });
  await start();
  const first = socket();
  const hide = new Event('pagehide');
  hide.persisted = true;
  scope.dispatchEvent(hide);
  assert.equal(first.closed, 1000);
  assert.equal(client.state, 'offline');
  await clock.advance(600_000);
  assert.equal(FakeSocket.all.length, 1);
  const show = new Event('pageshow');
  show.persisted = true;
  scope.dispatchEvent(show);
  await clock.advance(0);
  assert.equal(client.state, 'online');
  socket().answer(socket().request('prompt.decide'), { id: 'p' });
  assert.deepEqual(await decided, { id: 'p' });
});

test('a client that was stopped stays so', async () => {
  const scope = page();
  const { client, clock, start } = harness({ page: scope });
  await start();
  client.stop();
  scope.dispatchEvent(new Event('online'));
  const show = new Event('pageshow');
  show.persisted = true;
  scope.dispatchEvent(show);
  await clock.advance(60_000);
  assert.equal(client.state, 'idle');
  assert.equal(FakeSocket.all.length, 1);
});
