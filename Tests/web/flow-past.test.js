import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FlowPast } from '../../web-static/lib/flow-past.js';
import { PastServer } from './support/past-server.js';
import { generator } from './support/random.js';

function flow(seed, count) {
  const server = new PastServer();
  server.addRandom(generator(seed), count);
  return { server, past: new FlowPast(server.call, 'a/b') };
}

for (let seed = 1; seed <= 20; seed += 1) {
  test(`documents asked for in any order are those of the server (${seed})`, async () => {
    const { server, past } = flow(seed, 900);
    const random = generator(seed + 100);
    let at = 0;
    for (let turn = 0; turn < 150; turn += 1) {
      // Mostly a few steps on or back, as a slider goes, and now and then a leap.
      at = random() < 0.2 ? Math.floor(random() * (server.last + 1)) : at + Math.floor(random() * 30) - 12;
      at = Math.max(0, Math.min(server.last, at));
      assert.deepEqual(await past.document(at), server.documents[at], `at ${at}`);
    }
  });
}

test('what was given out is never changed, however much is shared with it', async () => {
  const { server, past } = flow(7, 600);
  const given = [];
  for (const at of [10, 300, 301, 20, 310, 599, 5, 302]) given.push([at, await past.document(at)]);
  for (const [at, document] of given) assert.deepEqual(document, server.documents[at]);
});

test('neighbours are folded here', async () => {
  const { server, past } = flow(3, 600);
  await past.document(200);
  server.count('document');
  for (let at = 200; at <= 320; at += 3) await past.document(at);
  assert.equal(server.count('document'), 0);
  assert.ok(server.count('events') <= 1);
  await past.document(300);
  assert.equal(server.asked.length, 0);
  await past.document(590);
  assert.equal(server.count('document'), 1);
});

test('documents share what is the same in them, also those that were asked for', async () => {
  const { server, past } = flow(5, 2);
  for (let n = 0; n < 500; n += 1) server.add({ event: { type: 'STATE_DELTA', delta: [{ op: 'add', path: '/n', value: n }] } });
  const [early, late] = [await past.document(2), await past.document(501)];
  assert.equal(server.count('document'), 2);
  assert.equal(early.state.items, late.state.items);
  assert.equal(early.flow, late.flow);
});

test('an event that comes by itself is not asked for, one that stands for several is', async () => {
  const { server, past } = flow(9, 50);
  const at = server.last;
  past.remember(at, server.documents[at]);
  const next = { event: { type: 'STATE_DELTA', delta: [{ op: 'replace', path: '/n', value: 'x' }] } };
  server.add(next);
  past.add({ seq: at + 1, ...next });
  assert.deepEqual(await past.document(at + 1), server.documents[at + 1]);
  assert.equal(server.asked.length, 0);
  server.add(next);
  server.add(next);
  past.add({ seq: at + 3, since: at + 1, ...next });
  assert.equal(past.knownEvent(at + 3), undefined);
  assert.deepEqual(await past.document(at + 3), server.documents[at + 3]);
  assert.equal(server.count('events'), 1);
});

test('what is gone is said, and events begin where they are kept', async () => {
  const { server, past } = flow(11, 300);
  server.first = 120;
  await assert.rejects(past.document(119), { code: 'history_gone' });
  assert.deepEqual(await past.document(120), server.documents[120]);
  const seqs = (events) => events.map(({ seq }) => seq);
  assert.deepEqual(seqs(await past.events(100, 124)), [121, 122, 123, 124]);
  assert.deepEqual(await past.events(50, 110), []);
});

test('events are those of the range, across pages', async () => {
  const { past } = flow(13, 900);
  const seqs = (await past.events(150, 650)).map(({ seq }) => seq);
  assert.deepEqual(seqs, Array.from({ length: 500 }, (_, i) => i + 151));
});

test('milestones go on from what is known', async () => {
  const { server, past } = flow(17, 4_500);
  const steps = () => server.asked.length;
  const all = (await past.milestones()).milestones;
  assert.ok(all.length > 1_000 && steps() === 2, `${all.length} in ${steps()} calls`);
  server.add({ event: { type: 'STEP_STARTED', stepName: 'late' } });
  const { milestones, first } = await past.milestones();
  assert.deepEqual([milestones.length, milestones.at(-1).step, first], [all.length + 1, 'late', 0]);
  assert.equal(new Set(milestones.map(({ seq }) => seq)).size, milestones.length);
});

test('a log that was replaced is forgotten', async () => {
  const { server, past } = flow(19, 40);
  await past.document(30);
  past.clear();
  await past.document(30);
  assert.equal(server.count('document'), 2);
});
