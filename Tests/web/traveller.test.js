import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FlowPast } from '../../web-static/lib/flow-past.js';
import { Traveller } from '../../web-static/lib/traveller.js';
import { PastServer } from './support/past-server.js';
import { generator } from './support/random.js';

/** A traveller on a server that answers when it is told to. */
function journey() {
  const server = new PastServer();
  server.addRandom(generator(1), 1_000);
  let waiting = [];
  let problem;
  const call = async (...request) => {
    await new Promise((resolve) => { waiting.push(resolve); });
    if (problem) throw problem;
    return server.call(...request);
  };
  const seen = [];
  const traveller = new Traveller(new FlowPast(call, 'f'), () => seen.push(traveller.view?.at));
  const settle = async () => {
    do {
      waiting.splice(0).forEach((resolve) => resolve());
      await new Promise(setImmediate);
    } while (waiting.length > 0);
  };
  return { server, traveller, seen, settle, failWith: (error) => { problem = error; } };
}

test('of many wishes only the first and the last are fulfilled', async () => {
  const { server, traveller, settle } = journey();
  for (const at of [900, 1, 500, 333]) traveller.go(at);
  assert.equal(traveller.at, 333);
  assert.equal(traveller.view, undefined);
  await settle();
  assert.equal(traveller.view.at, 333);
  assert.deepEqual(traveller.view.document, server.documents[333]);
  assert.equal(traveller.view.event.type, traveller.view.entries.at(-1).event.type);
  assert.deepEqual(server.asked.filter((path) => path.includes('document')), ['/v1/flows/f/document?at=900', '/v1/flows/f/document?at=333']);
});

test('an answer that comes after the return to the present shows nothing', async () => {
  const { traveller, seen, settle } = journey();
  traveller.go(100);
  traveller.leave();
  await settle();
  assert.equal(traveller.view, undefined);
  assert.equal(traveller.at, undefined);
  assert.ok(seen.every((at) => at === undefined));
});

test('leaving and going elsewhere meanwhile ends there', async () => {
  const { traveller, seen, settle } = journey();
  traveller.go(100);
  traveller.leave();
  traveller.go(200);
  await settle();
  assert.equal(traveller.view.at, 200);
  assert.ok(!seen.includes(100));
});

test('a position that is not there shows nothing, and the next one does', async () => {
  const { server, traveller, settle } = journey();
  server.first = 50;
  traveller.go(60);
  await settle();
  traveller.go(7);
  await settle();
  assert.equal(traveller.problem.code, 'history_gone');
  assert.equal(traveller.view, undefined);
  traveller.go(70);
  assert.equal(traveller.problem, undefined);
  await settle();
  assert.equal(traveller.view.at, 70);
});

test('while the server is away the last place stays, and can be asked for again', async () => {
  const { traveller, settle, failWith } = journey();
  traveller.go(60);
  await settle();
  failWith(Object.assign(new Error('away'), { status: 0 }));
  traveller.go(900);
  await settle();
  assert.equal(traveller.view.at, 60);
  assert.equal(traveller.problem.message, 'away');
  failWith(undefined);
  traveller.go(900);
  await settle();
  assert.equal(traveller.view.at, 900);
});
