import assert from 'node:assert/strict';
import { test } from 'node:test';

import { harness } from './support/harness.js';

const prompt = { id: 'p', shown_digest: 'sha256:d', version: 3, title: 'Pay?' };

test('a decision carries what was shown, and one key per call', async () => {
  const { client, start, socket } = harness();
  await start();
  client.decide(prompt, { verb: 'edit', arguments: { amount: 1 }, reason: 'less' });
  client.decide(prompt, { verb: 'approve' });
  const [first, second] = socket().all('prompt.decide').map(({ params }) => params);
  const { idempotency_key: key, ...rest } = first;
  assert.deepEqual(rest, { prompt: 'p', verb: 'edit', arguments: { amount: 1 }, reason: 'less', shown_digest: 'sha256:d', version: 3 });
  assert.match(key, /^[0-9a-f-]{36}$/);
  assert.deepEqual(Object.keys(second).sort(), ['idempotency_key', 'prompt', 'shown_digest', 'verb', 'version']);
  assert.notEqual(second.idempotency_key, key);
});

test('a decision keeps its key over lost connections, and is made offline', async () => {
  const { client, clock, start, socket } = harness();
  const decided = client.decide(prompt, { verb: 'respond', response: null });
  await start();
  const first = socket().request('prompt.decide');
  assert.equal(first.params.response, null);
  socket().drop();
  await clock.advance(0);
  const second = socket().request('prompt.decide');
  assert.notEqual(first, second);
  assert.deepEqual(second, first);
  socket().answer(second, { id: 'p', status: 'decided' });
  assert.equal((await decided).status, 'decided');
});

test('a key from before can be gone on with', async () => {
  const { client, start, socket } = harness();
  await start();
  client.decide(prompt, { verb: 'approve', idempotencyKey: 'kept' });
  assert.equal(socket().request('prompt.decide').params.idempotency_key, 'kept');
});

test('claim, release and patch', async () => {
  const { client, start, socket } = harness();
  await start();
  const results = [client.claim('p'), client.release('p'), client.patch('f', [{ op: 'remove', path: '/a' }], { ifSeq: 4 }), client.patch('f', [])];
  const sent = socket().sent.slice(1);
  assert.deepEqual(sent.map(({ method, params }) => [method, params]), [
    ['prompt.claim', { prompt: 'p' }], ['prompt.release', { prompt: 'p' }],
    ['patch', { flow: 'f', patch: [{ op: 'remove', path: '/a' }], if_seq: 4 }], ['patch', { flow: 'f', patch: [] }],
  ]);
  sent.forEach((message, index) => socket().answer(message, index));
  assert.deepEqual(await Promise.all(results), [0, 1, 2, 3]);
});

test('numbers of any size reach the server, and come back', async () => {
  const { client, start, socket } = harness();
  await start();
  const texts = [];
  const wire = socket();
  const { send } = wire;
  wire.send = (text) => {
    texts.push(text);
    send.call(wire, text);
  };
  const result = client.patch('f', [{ op: 'add', path: '/n', value: 12345678901234567890n }]);
  assert.match(texts[0], /"value":12345678901234567890\}/);
  wire.deliver(`{"jsonrpc":"2.0","id":${wire.request('patch').id},"result":{"seq":12345678901234567891}}`);
  assert.equal((await result).seq, 12345678901234567891n);
});
