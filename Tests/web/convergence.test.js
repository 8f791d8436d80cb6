import assert from 'node:assert/strict';
import { test } from 'node:test';

import { applyPatch, jsonEqual, stringifyExact } from '../../web-static/signalbox.js';
import { FakeSocket } from './support/fake-socket.js';
import { browser } from './support/fake-tabs.js';
import { harness } from './support/harness.js';
import { ModelServer } from './support/model-server.js';
import { generator } from './support/random.js';

const first = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const SEEDS = 40;

/** A server by chance, and sockets that lead to it. */
function modelOf(seed) {
  const random = generator(seed);
  const server = new ModelServer(random);
  class Socket extends FakeSocket {
    constructor(...given) {
      super(...given);
      server.accept(this);
    }
  }
  return { random, server, Socket };
}

/** Lets things happen, good and bad, and then lets them come to rest. */
async function live(server, random, clock, also = async () => {}) {
  for (let step = 0; step < 60; step += 1) {
    const dice = random();
    if (dice < 0.75) server.change();
    else if (dice < 0.8) server.flush();
    else if (dice < 0.85) server.repeat();
    else if (dice < 0.88) server.skip();
    else if (dice < 0.97) server.socket.drop();
    else server.restore();
    if (random() < 0.3) await clock.advance(Math.floor(random() * 4_000));
    await also();
  }
  await clock.advance(60_000);
  server.change();
  server.flush();
  await clock.advance(60_000);
}

/** Follows a stream twice: as the client does, and only by what its listener is told. */
function follow(client, message) {
  const reader = { told: undefined, seq: -1 };
  reader.subscription = client.subscribe('flows', {
    onSnapshot: (document, { seq }) => Object.assign(reader, { told: document, seq }),
    onEvent: ({ seq, since = seq - 1, event }) => {
      assert.equal(since, reader.seq, `${message}: a gap`);
      Object.assign(reader, { told: applyPatch(reader.told, event.delta), seq });
    },
  });
  return reader;
}

function assertSame({ subscription, told }, server, message) {
  assert.ok(jsonEqual(subscription.document, server.document), `${message}: ${stringifyExact(subscription.document)} is not ${stringifyExact(server.document)}`);
  assert.ok(jsonEqual(told, server.document), `${message}: the listener was told something else`);
  assert.deepEqual(subscription.position, { epoch: String(server.epoch), seq: server.seq }, message);
  assert.equal(subscription.live, true, message);
}

test('whatever happens on the way, the client ends with the document of the server', async () => {
  let resyncs = 0;
  for (let seed = first; seed < first + SEEDS; seed += 1) {
    const { random, server, Socket } = modelOf(seed);
    const { client, clock, start } = harness({ WebSocket: Socket, random });
    const reader = follow(client, `seed ${seed}`);
    await start();
    await live(server, random, clock);
    assertSame(reader, server, `seed ${seed}`);
    assert.equal(client.counters.digestMismatches, 0, `seed ${seed}`);
    resyncs += client.counters.resyncs;
  }
  assert.ok(resyncs > 0, 'nothing went wrong in all of this');
});

test('so do tabs that come and go and share one connection', async () => {
  for (let seed = first; seed < first + SEEDS; seed += 1) {
    const { random, server, Socket } = modelOf(seed);
    const { tab, clock, ports } = browser({ WebSocket: Socket, random });
    const stays = await tab();
    const readers = [follow(stays, `seed ${seed}, first tab`)];
    await clock.advance(0);
    await live(server, random, clock, async () => {
      if (random() > 0.1) return;
      const client = await tab();
      readers.push(follow(client, `seed ${seed}, tab ${readers.length}`));
      if (random() < 0.5 && readers.length > 1) {
        readers.pop();
        client.stop();
      }
    });
    for (const reader of readers) assertSame(reader, server, `seed ${seed}`);
    assert.ok(ports.length >= readers.length);
  }
});
