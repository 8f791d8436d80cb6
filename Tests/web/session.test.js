import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeSocket } from './support/fake-socket.js';
import { harness } from './support/harness.js';

test('4401 signs out, fails what waits, and does not reconnect', async () => {
  const { client, clock, start, socket } = harness();
  let signedOut = 0;
  client.addEventListener('signedout', () => { signedOut += 1; });
  await start();
  const waiting = assert.rejects(client.decide({ id: 'p' }, { verb: 'approve' }), { code: 'signed_out' });
  socket().drop(4401);
  await waiting;
  await clock.advance(60_000);
  assert.equal(client.state, 'signed-out');
  assert.equal(signedOut, 1);
  assert.equal(FakeSocket.all.length, 1);
});

test('after a sign-out the client can be started again', async () => {
  const { client, clock, start, socket } = harness();
  await start();
  socket().drop(4401);
  client.start();
  await clock.advance(0);
  assert.equal(client.state, 'online');
});

test('a refused handshake of an ended session signs out; an unreachable server does not', async () => {
  for (const [isSignedIn, state] of [[async () => false, 'signed-out'], [async () => { throw new Error('unreachable'); }, 'offline']]) {
    const { client, start } = harness({ isSignedIn, random: () => 0.99 });
    FakeSocket.reachable = false;
    await start();
    assert.equal(client.state, state);
  }
});

test('4401 with a token: one try with a fresh one, then the session is over', async () => {
  const reasons = [];
  const { client, clock, start, socket } = harness({ token: async ({ reason }) => `token ${reasons.push(reason)}` });
  await start();
  assert.equal(socket().request('hello').params.token, 'token 1');
  FakeSocket.hello = undefined;
  socket().drop(4401);
  await clock.advance(0);
  assert.equal(socket().request('hello').params.token, 'token 2');
  assert.notEqual(client.state, 'signed-out');
  socket().drop(4401);
  await clock.advance(60_000);
  assert.equal(client.state, 'signed-out');
  assert.deepEqual(reasons, ['connect', 'refused']);
});

test('a session that held may ask for a fresh token again', async () => {
  const { client, clock, start, socket } = harness({ token: async () => 't' });
  await start();
  for (let round = 0; round < 3; round += 1) {
    await clock.advance(5_000);
    socket().drop(4401);
    await clock.advance(0);
    assert.equal(client.state, 'online', `round ${round}`);
  }
});

test('a token that ends soon is replaced without a new connection', async () => {
  const reasons = [];
  const { client, clock, start, socket } = harness({ token: async ({ reason }) => `token ${reasons.push(reason)}` });
  let detail;
  client.addEventListener('expiring', (event) => { detail = event.detail; });
  await start();
  socket().tell('auth.expiring', { expires_in: 60 });
  await clock.advance(0);
  assert.deepEqual(socket().request('auth.refresh').params, { token: 'token 2' });
  assert.deepEqual(reasons, ['connect', 'expiring']);
  assert.deepEqual(detail, { expires_in: 60 });
  assert.equal(FakeSocket.all.length, 1);
});

test('a database that is away is part of the session, and told', async () => {
  const { client, clock, start, socket } = harness();
  await start();
  const told = [];
  client.addEventListener('state', () => told.push([client.state, client.session.service]));
  socket().tell('service', { status: 'degraded' });
  socket().tell('service', { status: 'ok' });
  await clock.advance(0);
  assert.deepEqual(told, [['online', 'degraded'], ['online', 'ok']]);
  assert.equal(FakeSocket.all.length, 1);
});

test('a cookie that is another person’s by now opens nothing', async () => {
  const { client, clock, start, socket } = harness();
  client.subscribe('prompts', {});
  await start();
  FakeSocket.hello = { heartbeat_ms: 60_000, user: { id: 'bob' }, tenant: { id: 'acme' } };
  socket().drop();
  await clock.advance(0);
  assert.equal(client.state, 'signed-out');
  assert.equal(socket().all('subscribe').length, 0);
  assert.equal(socket().closed, 1000);
});
