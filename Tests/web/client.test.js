import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { SignalboxClient } from '../../web-static/signalbox.js';

/** The other end of the wire: what the client sent, and a hand to answer with. */
class Wire {
  static all = [];

  sent = [];
  closed = undefined;

  constructor(url, protocols) {
    this.protocols = protocols;
    Wire.all.push(this);
    queueMicrotask(() => this.onopen?.());
  }

  send(text) {
    const message = JSON.parse(text);
    this.sent.push(message);
    this.onsent?.(message);
    if (message.method === 'hello') this.answer(message, { heartbeat_ms: 60_000 });
  }

  close(code) { this.closed = code; }

  answer(request, result) { this.deliver({ jsonrpc: '2.0', id: request.id, result }); }

  deliver(message) { this.onmessage?.({ data: JSON.stringify(message) }); }

  drop(code = 1006) { this.onclose?.({ code, reason: '' }); }

  /** Resolves with the next message of a method, or one that was sent already. */
  request(method) {
    const found = this.sent.find((message) => message.method === method);
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => {
      const before = this.onsent;
      this.onsent = (message) => {
        before?.(message);
        if (message.method === method) resolve(message);
      };
    });
  }
}

const clients = [];

function newClient(options = {}) {
  Wire.all = [];
  const client = new SignalboxClient({ url: 'ws://test', WebSocket: Wire, random: () => 0, ...options });
  clients.push(client);
  return client;
}

function reached(client, state) {
  if (client.state === state) return Promise.resolve();
  return new Promise((resolve) => {
    client.addEventListener('state', () => client.state === state && resolve());
  });
}

const wire = () => Wire.all[Wire.all.length - 1];
const attach = (seq, items) => ({ stream: 'flows', epoch: 'e', seq, mode: 'snapshot', snapshot: { items } });
const event = (seq, delta) => ({ jsonrpc: '2.0', method: 'event', params: { stream: 'flows', seq, event: { type: 'STATE_DELTA', delta } } });

afterEach(() => clients.splice(0).forEach((client) => client.stop()));

test('hello comes first, under the subprotocol', async () => {
  const client = newClient();
  client.start();
  await reached(client, 'online');
  assert.deepEqual(wire().protocols, ['signalbox.v1']);
  assert.equal(wire().sent[0].method, 'hello');
});

test('a stream goes on from its position after a reconnect', async () => {
  const client = newClient();
  const seen = [];
  client.subscribe('flows', { onDocument: (document) => seen.push(document) });
  client.start();
  wire().answer(await wire().request('subscribe'), attach(4, {}));
  wire().deliver(event(5, [{ op: 'add', path: '/items/a', value: 1 }]));
  assert.deepEqual(seen, [{ items: {} }, { items: { a: 1 } }]);
  wire().drop();
  await reached(client, 'offline');
  await reached(client, 'online');
  const again = await wire().request('subscribe');
  assert.deepEqual(again.params.since, { epoch: 'e', seq: 5 });
});

test('an answer and its events in one batch are taken in order', async () => {
  const client = newClient();
  const subscription = client.subscribe('flows', {});
  client.start();
  const request = await wire().request('subscribe');
  wire().deliver([{ jsonrpc: '2.0', id: request.id, result: attach(1, {}) }, event(2, [{ op: 'add', path: '/items/a', value: 1 }])]);
  assert.deepEqual(subscription.document, { items: { a: 1 } });
  assert.equal(client.counters.resyncs, 0);
});

test('a gap asks for a resync, and the snapshot heals it', async () => {
  const client = newClient();
  const subscription = client.subscribe('flows', {});
  client.start();
  wire().answer(await wire().request('subscribe'), attach(1, {}));
  wire().deliver(event(3, []));
  wire().answer(await wire().request('resync'), attach(3, { healed: true }));
  assert.deepEqual(subscription.document, { items: { healed: true } });
  assert.deepEqual(subscription.position, { epoch: 'e', seq: 3 });
  assert.equal(client.counters.resyncs, 1);
});

test('positions are acknowledged, folded together', async () => {
  const client = newClient();
  client.subscribe('flows', {});
  client.start();
  wire().answer(await wire().request('subscribe'), attach(1, {}));
  wire().deliver(event(2, []));
  wire().deliver(event(3, []));
  const ack = await wire().request('ack');
  assert.deepEqual(ack.params, { stream: 'flows', seq: 3 });
  assert.equal(ack.id, undefined);
});

test('an idempotent request without an answer is sent again, word for word', async () => {
  const client = newClient();
  client.start();
  await reached(client, 'online');
  const result = client.request('prompt.decide', { prompt: 'p', idempotency_key: 'k' }, { idempotent: true });
  const first = await wire().request('prompt.decide');
  wire().drop();
  await reached(client, 'offline');
  await reached(client, 'online');
  const second = await wire().request('prompt.decide');
  assert.deepEqual(second.params, first.params);
  wire().answer(second, { status: 'decided' });
  assert.deepEqual(await result, { status: 'decided' });
});

test('other requests fail with the connection', async () => {
  const client = newClient();
  client.start();
  await reached(client, 'online');
  const result = client.request('prompt.claim', { prompt: 'p' });
  await wire().request('prompt.claim');
  wire().drop();
  await assert.rejects(result, { code: 'connection_lost' });
});

test('the stable code and data of an error reach the caller', async () => {
  const client = newClient();
  client.start();
  await reached(client, 'online');
  const result = client.request('prompt.decide', {}, { idempotent: true });
  const { id } = await wire().request('prompt.decide');
  wire().deliver({ jsonrpc: '2.0', id, error: { code: -32000, message: 'x', data: { code: 'stale_prompt', superseded_by: 'q' } } });
  await assert.rejects(result, (error) => error.code === 'stale_prompt' && error.data.superseded_by === 'q');
});

test('4401 signs out and does not reconnect', async () => {
  const client = newClient();
  let signedOut = 0;
  client.addEventListener('signedout', () => { signedOut += 1; });
  client.start();
  await reached(client, 'online');
  wire().drop(4401);
  assert.equal(client.state, 'signed-out');
  assert.equal(signedOut, 1);
  assert.equal(Wire.all.length, 1);
});

test('4403 stays away until somebody asks', async () => {
  const client = newClient();
  client.start();
  await reached(client, 'online');
  wire().drop(4403);
  assert.equal(client.state, 'refused');
  client.reconnectNow();
  await reached(client, 'online');
  assert.equal(Wire.all.length, 2);
});

test('a refused handshake of an ended session signs out', async () => {
  const client = newClient({ isSignedIn: async () => false, random: () => 0.99 });
  client.start();
  const first = wire();
  first.onopen = null;
  const done = reached(client, 'signed-out');
  first.drop();
  await done;
});

test('goaway moves to a new connection', async () => {
  const client = newClient();
  client.start();
  await reached(client, 'online');
  const old = wire();
  old.deliver({ jsonrpc: '2.0', method: 'goaway', params: { reconnect_after_ms: 1, resume_ticket: 't' } });
  await reached(client, 'offline');
  assert.equal(old.closed, 1000);
  await reached(client, 'online');
  assert.equal(Wire.all.length, 2);
});

test('the last listener of a stream unsubscribes', async () => {
  const client = newClient();
  const one = client.subscribe('flows', {});
  const two = client.subscribe('flows', {});
  client.start();
  wire().answer(await wire().request('subscribe'), attach(1, {}));
  await reached(client, 'online');
  one.close();
  assert.ok(!wire().sent.some(({ method }) => method === 'unsubscribe'));
  two.close();
  assert.ok(wire().sent.some(({ method }) => method === 'unsubscribe'));
  assert.equal(wire().sent.filter(({ method }) => method === 'subscribe').length, 1);
});
