import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeHttp } from './support/fake-http.js';
import { FakeSocket } from './support/fake-socket.js';
import { add, change, harness, snapshotOf } from './support/harness.js';

const items = (...names) => ({ items: Object.fromEntries(names.map((name) => [name, 1])) });

/** A client where WebSockets fail and HTTP answers. */
async function overHttp(options = {}) {
  const http = new FakeHttp();
  const tools = harness({ fallback: true, fetch: http.fetch, csrf: () => 'proof', ...options });
  FakeSocket.reachable = false;
  await tools.start();
  await tools.clock.advance(1);
  return { ...tools, http };
}

/** The same, and `flows` attached at position 4. */
async function following(options) {
  const tools = await overHttp(options);
  const events = [];
  const subscription = tools.client.subscribe('flows', { onEvent: ({ seq }) => events.push(seq) });
  await tools.clock.advance(0);
  tools.http.streams[0].tell('attach', snapshotOf('flows', 4, items()), 'e:4');
  await tools.clock.advance(0);
  return { ...tools, events, subscription };
}

test('two failed handshakes while HTTP answers: HTTP does the work', async () => {
  const { client, http } = await overHttp();
  assert.equal(client.state, 'online');
  assert.equal(client.transport, 'http');
  assert.equal(client.session.user.id, 'ada');
  assert.equal(http.calls[0].path, '/v1/me');
  assert.equal(FakeSocket.all.length, 3, 'and one more beside HTTP');
});

test('one failed handshake is no reason', async () => {
  const http = new FakeHttp();
  const { client, clock, start } = harness({ fallback: true, fetch: http.fetch, random: () => 0.5 });
  FakeSocket.reachable = false;
  await start();
  assert.equal(http.calls.length, 0);
  FakeSocket.reachable = true;
  await clock.advance(1_000);
  assert.equal(client.transport, 'websocket');
});

test('a server that was away and answers both is used by WebSocket', async () => {
  const http = new FakeHttp();
  const { client, clock, start } = harness({ fallback: true, fetch: http.fetch });
  client.subscribe('flows', {});
  FakeSocket.reachable = false;
  // It comes up between the failed handshake and the call.
  http.onCall = () => { FakeSocket.reachable = true; };
  await start();
  await clock.advance(0);
  assert.equal(http.calls.length, 1);
  assert.equal(client.transport, 'websocket');
  assert.equal(client.counters.connects, 1);
  assert.equal(http.streams.length, 0);
});

test('a proxy that lets handshakes through and nothing else is as good as none', async () => {
  const http = new FakeHttp();
  const { client, clock, start } = harness({ fallback: true, fetch: http.fetch });
  FakeSocket.hello = undefined;
  await start();
  await clock.advance(32_500);
  assert.equal(client.transport, 'http');
});

test('with neither, attempts go on with growing delays', async () => {
  const http = new FakeHttp();
  http.isReachable = false;
  const { client, clock, start } = harness({ fallback: true, fetch: http.fetch, random: () => 0.999 });
  FakeSocket.reachable = false;
  await start();
  await clock.advance(60_000);
  assert.equal(client.state, 'offline');
  assert.ok(FakeSocket.all.length > 6 && FakeSocket.all.length < 20, `${FakeSocket.all.length} handshakes in a minute`);
});

test('server-sent events are the notifications', async () => {
  const { events, http, subscription, clock } = await following();
  assert.equal(http.streams[0].call.path, '/v1/streams/flows');
  assert.equal(http.streams[0].call.headers.get('Last-Event-ID'), null);
  assert.deepEqual(subscription.document, items());
  http.streams[0].push(': beat\n\n');
  http.streams[0].tell('event', change(5, [add('/items/a', 1)]), 'e:5');
  http.streams[0].tell('event', { ...change(9, [add('/items/b', 1)]), since: 5 }, 'e:9');
  await clock.advance(0);
  assert.deepEqual(subscription.document, items('a', 'b'));
  assert.deepEqual(events, [5, 9]);
  http.streams[0].tell('snapshot', { stream: 'flows', epoch: 'e', seq: 20, part: 0, parts: 2, text: '{"items":' });
  http.streams[0].tell('snapshot', { stream: 'flows', epoch: 'e', seq: 20, part: 1, parts: 2, text: '{"z":1}}' });
  await clock.advance(0);
  assert.deepEqual(subscription.document, items('z'));
  assert.deepEqual(subscription.position, { epoch: 'e', seq: 20 });
});

test('a stream says how the database is, and several say it once', async () => {
  const { client, http, clock } = await following();
  client.subscribe('prompts', {});
  await clock.advance(0);
  const told = [];
  client.addEventListener('state', () => told.push(client.session.service));
  for (const status of ['degraded', 'ok']) {
    for (const stream of http.streams) stream.tell('service', { status });
    await clock.advance(0);
  }
  assert.deepEqual(told, ['degraded', 'ok']);
});

test('names and filters are escaped', async () => {
  const { client, http, clock } = await overHttp();
  client.subscribe('flow:a/b', {});
  client.subscribe('flows', {}, { filter: { status: 'running', type: 'x&y' } });
  await clock.advance(0);
  assert.deepEqual(http.commands.map(({ path }) => path), ['/v1/streams/flow%3Aa%2Fb', '/v1/streams/flows?status=running&type=x%26y']);
});

test('a response that ends is followed by another from the same position', async () => {
  const { client, http, subscription, clock, events } = await following();
  http.streams[0].tell('event', change(5, []), 'e:5');
  await clock.advance(10_000);
  http.streams[0].end();
  await clock.advance(0);
  assert.equal(client.state, 'online');
  assert.equal(http.streams[1].call.headers.get('Last-Event-ID'), 'e:5');
  http.streams[1].tell('attach', { stream: 'flows', epoch: 'e', seq: 5, mode: 'patches' });
  http.streams[1].tell('event', change(6, [add('/items/a', 1)]));
  await clock.advance(0);
  assert.deepEqual(subscription.document, items('a'));
  assert.deepEqual(events, [5, 6]);
});

test('a response that ends amid the parts of a document goes on from before them', async () => {
  const { http, clock } = await following();
  http.streams[0].tell('snapshot', { stream: 'flows', epoch: 'e', seq: 20, part: 0, parts: 2, text: '{"items":' }, 'e:20');
  await clock.advance(10_000);
  http.streams[0].end();
  await clock.advance(0);
  assert.equal(http.streams[1].call.headers.get('Last-Event-ID'), 'e:4');
});

test('a response without a byte for long is dead', async () => {
  const { http, clock } = await following();
  await clock.advance(59_000);
  http.streams[0].push(': beat\n\n');
  await clock.advance(59_000);
  assert.equal(http.streams.length, 1);
  await clock.advance(2_000);
  assert.equal(http.streams[0].aborted, true);
  assert.equal(http.streams.length, 2);
});

test('an event that does not fit asks for the whole document', async () => {
  const { client, http, subscription, clock } = await following();
  http.streams[0].tell('event', change(9, []));
  await clock.advance(0);
  assert.equal(http.streams[0].aborted, true);
  assert.equal(http.streams[1].call.headers.get('Last-Event-ID'), null);
  http.streams[1].tell('attach', snapshotOf('flows', 9, items('healed')));
  await clock.advance(0);
  assert.deepEqual(subscription.document, items('healed'));
  assert.equal(client.counters.resyncs, 1);
});

test('unsubscribing ends the response', async () => {
  const { http, subscription, clock } = await following();
  subscription.close();
  await clock.advance(0);
  assert.equal(http.streams[0].aborted, true);
  assert.equal(http.streams.length, 1);
});

test('back to WebSocket when it opens; nothing is lost or applied twice', async () => {
  const { client, http, subscription, clock, events, socket } = await following();
  const states = [];
  client.addEventListener('state', () => states.push([client.state, client.transport]));
  FakeSocket.reachable = true;
  http.streams[0].tell('event', change(5, [add('/items/a', 1)]));
  await clock.advance(15_000);
  assert.deepEqual(states, [['online', 'websocket']]);
  assert.equal(http.streams[0].aborted, true);
  assert.deepEqual(socket().request('subscribe').params.since, { epoch: 'e', seq: 5 });
  socket().answer(socket().request('subscribe'), { stream: 'flows', epoch: 'e', seq: 5, mode: 'patches' });
  socket().tell('event', change(6, [add('/items/b', 1)]));
  assert.deepEqual(subscription.document, items('a', 'b'));
  assert.deepEqual(events, [5, 6]);
});

test('while HTTP works, WebSocket is tried ever less often', async () => {
  const { client, http, clock } = await following();
  const beat = async (ms) => {
    for (let passed = 0; passed < ms; passed += 30_000) {
      http.streams.at(-1).push(':\n\n');
      await clock.advance(30_000);
    }
  };
  const before = FakeSocket.all.length;
  await beat(600_000);
  const first = FakeSocket.all.length - before;
  await beat(600_000);
  assert.ok(first >= 4 && first <= 10, `${first} in ten minutes`);
  assert.ok(FakeSocket.all.length - before - first <= 5);
  assert.equal(client.transport, 'http');
  assert.equal(http.streams.length, 1);
});

test('commands are calls, with proof that the page meant them', async () => {
  const { client, http } = await overHttp();
  http.answer = ({ path }) => [200, { path }];
  const prompt = { id: 'p/1', shown_digest: 'd', version: 2 };
  await client.decide(prompt, { verb: 'approve', idempotencyKey: 'k' });
  await client.claim('p');
  await client.release('p');
  await client.patch('f', [add('/a', 1)], { ifSeq: 7 });
  const [decision, claim, release, patch] = http.commands;
  assert.deepEqual([decision.method, decision.path], ['POST', '/v1/prompts/p%2F1/decision']);
  assert.deepEqual(decision.body, { verb: 'approve', shown_digest: 'd', version: 2, idempotency_key: 'k' });
  assert.deepEqual([claim.method, claim.path, release.path], ['POST', '/v1/prompts/p/claim', '/v1/prompts/p/release']);
  assert.deepEqual([patch.method, patch.path, patch.body], ['PATCH', '/v1/flows/f/state', [add('/a', 1)]]);
  assert.equal(patch.headers.get('If-Match'), '"7"');
  assert.equal(patch.headers.get('Content-Type'), 'application/json-patch+json');
  for (const { headers } of http.commands) assert.equal(headers.get('X-CSRF-Token'), 'proof');
  await assert.rejects(client.request('presence.set', {}), { code: 'method_not_found' });
});

test('a token stands for the cookie, in a header', async () => {
  const { client, http } = await overHttp({ token: async () => 'jwt' });
  http.answer = () => [200, {}];
  await client.claim('p');
  assert.equal(http.commands[0].headers.get('Authorization'), 'Bearer jwt');
  assert.equal(http.commands[0].headers.get('X-CSRF-Token'), null);
});

test('a fresh token takes the place of the old one', async () => {
  const { client, http } = await overHttp({ token: async () => 'old' });
  http.answer = () => [200, {}];
  await client.request('auth.refresh', { token: 'new' });
  await client.claim('p');
  assert.equal(http.commands[0].headers.get('Authorization'), 'Bearer new');
});

test('a WebSocket on trial ends with the client', async () => {
  const { client, clock } = await following();
  FakeSocket.reachable = undefined;
  await clock.advance(8_000);
  const candidate = FakeSocket.last;
  assert.equal(candidate.closed, undefined);
  client.stop();
  assert.equal(candidate.closed, 1000);
});

test('and it ends when HTTP does', async () => {
  const { clock, http } = await following();
  FakeSocket.reachable = undefined;
  await clock.advance(8_000);
  const candidate = FakeSocket.last;
  http.streams.at(-1).fail();
  await clock.advance(0);
  assert.equal(candidate.closed, 1000);
});

test('what was asked over HTTP and is asked again over WebSocket is not missed', async () => {
  const { client, http, clock, socket } = await overHttp();
  client.subscribe('flows', {});
  await clock.advance(0);
  http.streams[0].push(': slow\n\n');
  FakeSocket.reachable = true;
  await clock.advance(8_000);
  socket().answer(socket().request('subscribe'), snapshotOf('flows', 1, items()));
  await clock.advance(20_000);
  assert.equal(socket().closed, undefined);
  assert.equal(client.transport, 'websocket');
});

test('problems are errors with the same codes', async () => {
  const { client, http } = await overHttp();
  http.answer = () => [409, { code: 'already_decided', title: 'Too late', detail: 'Bob was first.', outcome: { verb: 'reject' } }];
  await assert.rejects(client.decide({ id: 'p' }, { verb: 'approve' }), (error) => error.code === 'already_decided'
    && error.message === 'Bob was first.' && error.data.outcome.verb === 'reject');
  http.answer = () => [502, undefined];
  await assert.rejects(client.claim('p'), { code: 'http_502' });
});

test('a decision whose answer was lost is made again with its key', async () => {
  const { client, http, clock } = await overHttp({ random: () => 0.5 });
  await clock.advance(1_000);
  assert.equal(client.transport, 'http');
  http.answer = () => Promise.reject(new TypeError('network error'));
  const decided = client.decide({ id: 'p' }, { verb: 'approve' });
  const claimed = client.claim('p').catch((error) => error.code);
  await clock.advance(0);
  assert.equal(await claimed, 'connection_lost');
  http.answer = () => [200, { status: 'decided' }];
  await clock.advance(30_000);
  assert.equal((await decided).status, 'decided');
  const keys = http.commands.filter(({ path }) => path.endsWith('decision')).map(({ body }) => body.idempotency_key);
  assert.ok(keys.length >= 2);
  assert.equal(new Set(keys).size, 1);
});

test('commands under way when WebSocket takes over still get their answer', async () => {
  const { client, http, clock, socket } = await overHttp();
  let answer;
  http.answer = () => new Promise((resolve) => { answer = resolve; });
  const claimed = client.claim('p');
  await clock.advance(0);
  FakeSocket.reachable = true;
  await clock.advance(8_000);
  assert.equal(client.transport, 'websocket');
  assert.equal(socket().all('prompt.claim').length, 0);
  answer([200, { status: 'claimed' }]);
  assert.equal((await claimed).status, 'claimed');
});

test('401 is the end of the session', async () => {
  const { client, http, clock } = await overHttp();
  http.answer = () => [401, { code: 'session_ended', title: 'The session is over' }];
  const refused = assert.rejects(client.claim('p'));
  await clock.advance(0);
  await refused;
  assert.equal(client.state, 'signed-out');
});

test('a proxy that holds bytes back: long polls', async () => {
  const { client, http, clock } = await overHttp();
  http.streaming = false;
  const polls = [];
  http.answer = ({ path }) => new Promise((resolve) => { polls.push({ path, answer: (body) => resolve([200, body]) }); });
  const events = [];
  const subscription = client.subscribe('flows', { onEvent: ({ seq }) => events.push(seq) });
  await clock.advance(5_999);
  assert.equal(polls.length, 0);
  await clock.advance(1);
  assert.equal(polls[0].path, '/v1/streams/flows');
  polls[0].answer(snapshotOf('flows', 4, items()));
  await clock.advance(0);
  assert.deepEqual(subscription.document, items());
  assert.equal(polls[1].path, '/v1/streams/flows?since=e%3A4&wait=25');
  polls[1].answer({ stream: 'flows', epoch: 'e', seq: 6, mode: 'patches', events: [change(5, [add('/items/a', 1)]), change(6, [])] });
  await clock.advance(0);
  assert.deepEqual(subscription.document, items('a'));
  assert.deepEqual(events, [5, 6]);
  assert.match(polls[2].path, /since=e%3A6&/);
  await clock.advance(25_000);
  polls[2].answer({ stream: 'flows', epoch: 'e', seq: 6, mode: 'patches', events: [], service: 'degraded' });
  await clock.advance(0);
  assert.equal(client.session.service, 'degraded');
  assert.match(polls[3].path, /since=e%3A6&/);
  polls[3].answer(snapshotOf('flows', 3, items('restored'), { epoch: 'f' }));
  await clock.advance(0);
  assert.deepEqual(subscription.document, items('restored'));
  assert.match(polls[4].path, /since=f%3A3&/);
  client.subscribe('prompts', {});
  await clock.advance(0);
  assert.equal(polls[5].path, '/v1/streams/prompts', 'no other stream waits for bytes again');
});

test('polls that the server does not hold are not a flood', async () => {
  const { client, http, clock } = await overHttp();
  http.streaming = false;
  http.answer = ({ path }) => [200, path.includes('since')
    ? { stream: 'flows', epoch: 'e', seq: 4, mode: 'patches', events: [] } : snapshotOf('flows', 4, items())];
  client.subscribe('flows', {});
  await clock.advance(6_000);
  const before = http.commands.length;
  await clock.advance(10_000);
  const polls = http.commands.length - before;
  assert.ok(polls >= 9 && polls <= 11, `${polls} polls in ten seconds`);
});

test('a browser that cannot read a response in pieces polls at once', async () => {
  const { client, http, clock } = await overHttp();
  http.bodies = false;
  http.answer = () => new Promise(() => {});
  client.subscribe('flows', {});
  await clock.advance(0);
  assert.deepEqual(http.commands.map(({ headers }) => headers.get('Accept')), ['text/event-stream', 'application/json']);
});
