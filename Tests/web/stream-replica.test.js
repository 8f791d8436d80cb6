import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StreamReplica } from '../../web-static/client/stream-replica.js';
import { documentDigest } from '../../web-static/client/json/digest.js';
import { ManualClock } from './support/manual-clock.js';

const snapshot = (document, seq = 1, digest = undefined) => ({ mode: 'snapshot', epoch: 'e', seq, snapshot: document, digest });
const delta = (...operations) => ({ type: 'STATE_DELTA', delta: operations });
const wrong = '0'.repeat(16);

/** A replica, live at a position. */
function replicaAt(seq, document = { items: {} }, name = 'flows') {
  const replica = new StreamReplica(name);
  assert.equal(replica.attach(snapshot(document, seq)), 'replaced');
  return replica;
}

/** The parts of a document, cut at these places of its text. */
function partsOf(document, seq, cuts, digest) {
  const text = JSON.stringify(document);
  const edges = [0, ...cuts, text.length];
  const parts = edges.length - 1;
  return Array.from({ length: parts }, (_, part) => ({
    stream: 'flows', epoch: 'e', seq, part, parts, text: text.slice(edges[part], edges[part + 1]),
    ...(part === parts - 1 && digest && { digest }),
  }));
}

test('a flow: the delta changes the state, the patch the rest', () => {
  const document = { flow: { status: 'running' }, state: { n: 1 }, prompts: [] };
  const replica = replicaAt(7, document, 'flow:1');
  const patch = [{ op: 'replace', path: '/flow/status', value: 'waiting' }];
  assert.equal(replica.apply({ seq: 8, event: delta({ op: 'replace', path: '/n', value: 2 }), patch }), 'applied');
  assert.deepEqual(replica.document, { flow: { status: 'waiting' }, state: { n: 2 }, prompts: [] });
  assert.equal(replica.document.prompts, document.prompts);
  assert.deepEqual(replica.subscribeParams(), { stream: 'flow:1', since: { epoch: 'e', seq: 8 } });
});

test('a flow: STATE_SNAPSHOT replaces the state only', () => {
  const replica = replicaAt(7, { flow: {}, state: { n: 1 }, prompts: [] }, 'flow:1');
  replica.apply({ seq: 8, event: { type: 'STATE_SNAPSHOT', snapshot: { m: 2 } } });
  assert.deepEqual(replica.document, { flow: {}, state: { m: 2 }, prompts: [] });
});

test('a view: delta and snapshot change the document', () => {
  const replica = replicaAt(1);
  replica.apply({ seq: 2, event: delta({ op: 'add', path: '/items/a', value: {} }) });
  assert.deepEqual(replica.document, { items: { a: {} } });
  replica.apply({ seq: 3, event: { type: 'STATE_SNAPSHOT', snapshot: { items: { b: 1 } } } });
  assert.deepEqual(replica.document, { items: { b: 1 } });
});

test('other events move the position and nothing else', () => {
  const replica = replicaAt(1);
  const { document } = replica;
  assert.equal(replica.apply({ seq: 2, event: { type: 'RUN_STARTED' } }), 'applied');
  assert.equal(replica.document, document);
  assert.equal(replica.seq, 2);
});

test('repeats are ignored; a gap and a patch that does not fit ask for a resync', () => {
  const replica = replicaAt(5);
  assert.equal(replica.apply({ seq: 5, event: delta() }), 'ignored');
  assert.equal(replica.apply({ seq: 7, event: delta() }), 'resync');
  assert.equal(replica.apply({ seq: 6, event: delta({ op: 'remove', path: '/x' }) }), 'resync');
  assert.equal(replica.seq, 5);
  assert.deepEqual(replica.document, { items: {} });
});

test('a conflated event is taken only where it begins', () => {
  const replica = replicaAt(5);
  const to9 = { since: 5, seq: 9, event: delta({ op: 'add', path: '/items/a', value: 1 }) };
  assert.equal(replica.apply({ ...to9, since: 4 }), 'resync');
  assert.equal(replica.apply({ ...to9, since: 6 }), 'resync');
  assert.equal(replica.seq, 5);
  assert.equal(replica.apply(to9), 'applied');
  assert.equal(replica.seq, 9);
  assert.equal(replica.apply(to9), 'ignored');
  assert.equal(replica.apply({ seq: 10, event: delta() }), 'applied');
  assert.deepEqual(replica.document, { items: { a: 1 } });
});

test('nothing is applied between a resync and its answer', () => {
  const replica = replicaAt(1);
  replica.detach('attaching');
  assert.equal(replica.apply({ seq: 2, event: delta() }), 'ignored');
  assert.equal(replica.takePart(partsOf({}, 2, [])[0]), 'ignored');
});

test('continuing: the position stays until the missed events came', () => {
  const replica = replicaAt(3);
  replica.detach();
  assert.equal(replica.attach({ mode: 'patches', epoch: 'e', seq: 5 }), 'continued');
  assert.equal(replica.seq, 3);
  assert.equal(replica.apply({ seq: 4, event: delta() }), 'applied');
});

test('continuing under another epoch, behind, or from nothing asks for a resync', () => {
  const replica = replicaAt(3);
  assert.equal(replica.attach({ mode: 'patches', epoch: 'other', seq: 9 }), 'resync');
  assert.equal(replica.attach({ mode: 'patches', epoch: 'e', seq: 2 }), 'resync');
  assert.equal(new StreamReplica('flows').attach({ mode: 'patches', epoch: 'e', seq: 2 }), 'resync');
});

test('an answer may bring its events along', () => {
  const replica = replicaAt(3);
  const events = [{ seq: 4, event: delta({ op: 'add', path: '/items/a', value: 1 }) }, { seq: 5, event: delta() }];
  assert.equal(replica.attach({ mode: 'patches', epoch: 'e', seq: 5, events }), 'continued');
  assert.deepEqual([replica.seq, replica.document], [5, { items: { a: 1 } }]);
  assert.equal(replica.attach({ mode: 'patches', epoch: 'e', seq: 9, events: [{ seq: 9, event: delta() }] }), 'resync');
});

test('parts: the document is there with the last one, wherever it was cut', () => {
  const document = { items: { é: '😀"\\', n: [1, 2.5] } };
  const { length } = JSON.stringify(document);
  for (let cut = 0; cut <= length; cut += 1) {
    const replica = new StreamReplica('flows');
    const [first, last] = partsOf(document, 7, [cut], documentDigest(document));
    assert.equal(replica.attach({ epoch: 'e', seq: 7, mode: 'snapshot', parts: 2 }), 'receiving');
    assert.equal(replica.takePart(first), 'receiving');
    assert.equal(replica.document, undefined);
    assert.equal(replica.takePart(last), 'replaced');
    assert.deepEqual(replica.document, document);
    assert.equal(replica.status, 'live');
    assert.equal(replica.apply({ seq: 8, event: delta() }), 'applied');
  }
});

test('parts that come unasked replace a live document, and the position jumps', () => {
  const replica = replicaAt(5);
  const [a, b] = partsOf({ items: { z: 1 } }, 90, [4]);
  assert.equal(replica.takePart(a), 'receiving');
  assert.deepEqual([replica.seq, replica.document], [5, { items: {} }]);
  assert.equal(replica.takePart(b), 'replaced');
  assert.deepEqual([replica.seq, replica.document], [90, { items: { z: 1 } }]);
});

test('part 0 of a newer set throws an unfinished one away', () => {
  const replica = replicaAt(5);
  replica.takePart(partsOf({ old: 1 }, 6, [2, 4])[0]);
  const [a, b] = partsOf({ items: { z: 1 } }, 9, [4]);
  assert.equal(replica.takePart(a), 'receiving');
  assert.equal(replica.takePart(b), 'replaced');
  assert.deepEqual(replica.document, { items: { z: 1 } });
});

test('parts out of order, of another set, without a beginning, or no JSON ask for a resync', () => {
  const [a, b, c] = partsOf({ items: { z: 1 } }, 9, [3, 6]);
  for (const faulty of [[b], [a, c], [a, b, b], [a, { ...b, seq: 10 }], [a, { ...b, epoch: 'f' }], [a, { ...b, parts: 4 }]]) {
    const replica = replicaAt(5);
    assert.equal(faulty.map((part) => replica.takePart(part)).at(-1), 'resync');
    assert.deepEqual([replica.seq, replica.document], [5, { items: {} }]);
  }
  const replica = replicaAt(5);
  assert.equal(replica.takePart({ ...a, parts: 1 }), 'resync');
});

test('an event amid the parts of a set asks for a resync', () => {
  const replica = replicaAt(5);
  replica.takePart(partsOf({ items: {} }, 9, [4])[0]);
  assert.equal(replica.apply({ seq: 6, event: delta() }), 'resync');
});

test('a new answer and a lost connection throw an unfinished set away', () => {
  const [, last] = partsOf({ items: {} }, 9, [4]);
  for (const forget of [(replica) => replica.attach(snapshot({ items: {} }, 5)), (replica) => {
    replica.detach();
    replica.attach({ mode: 'patches', epoch: 'e', seq: 5 });
  }]) {
    const replica = replicaAt(5);
    replica.takePart(partsOf({ items: {} }, 9, [4])[0]);
    forget(replica);
    assert.equal(replica.takePart(last), 'resync');
  }
});

/** A replica of a flow with a clock, and what it counted. */
function verified() {
  const clock = new ManualClock();
  const counts = { mismatches: 0 };
  const replica = new StreamReplica('flow:1', { clock, onMismatch: () => { counts.mismatches += 1; } });
  return { clock, counts, replica };
}

const flow = { flow: {}, state: { n: 1 }, prompts: [] };

test('digests: a drifted copy asks for a resync, and is looked at now and then only', async () => {
  const { clock, counts, replica } = verified();
  replica.attach(snapshot(flow, 1, documentDigest({ n: 1 })));
  assert.equal(counts.mismatches, 0);
  assert.equal(replica.apply({ seq: 2, event: delta(), digest: wrong }), 'applied', 'checked a moment ago');
  await clock.advance(3_000);
  assert.equal(replica.apply({ seq: 3, event: delta(), digest: documentDigest({ n: 1 }) }), 'applied');
  await clock.advance(3_000);
  assert.equal(replica.apply({ seq: 4, event: delta(), digest: wrong }), 'resync');
  assert.equal(counts.mismatches, 1);
});

test('digests: a wrong snapshot is counted, and does not loop', async () => {
  const { clock, counts, replica } = verified();
  assert.equal(replica.attach(snapshot(flow, 3, wrong)), 'replaced');
  assert.equal(counts.mismatches, 1);
  await clock.advance(1_000_000);
  assert.equal(replica.apply({ seq: 4, event: delta(), digest: wrong }), 'applied');
});

test('digests: the last part brings that of the document', () => {
  const { counts, replica } = verified();
  replica.attach({ epoch: 'e', seq: 9, mode: 'snapshot', parts: 2 });
  const parts = partsOf(flow, 9, [5], wrong);
  parts.forEach((part) => replica.takePart(part));
  assert.equal(counts.mismatches, 1);
});

test('digests: where a client goes on without missed events, its copy is compared', () => {
  const { counts, replica } = verified();
  replica.attach(snapshot(flow, 3));
  assert.equal(replica.attach({ mode: 'patches', epoch: 'e', seq: 3, digest: documentDigest({ n: 1 }) }), 'continued');
  assert.equal(replica.attach({ mode: 'patches', epoch: 'e', seq: 3, digest: wrong }), 'resync');
  assert.equal(counts.mismatches, 1);
});

test('digests: a fault that comes back each time is healed ever less often', () => {
  let now = 0;
  const replica = new StreamReplica('flow:1', { clock: { now: () => now } });
  replica.attach(snapshot(flow, 1));
  let resyncs = 0;
  for (let seq = 2; seq < 3602; seq += 1) {
    now += 1_000;
    if (replica.apply({ seq, event: delta(), digest: wrong }) !== 'resync') continue;
    resyncs += 1;
    replica.attach(snapshot(flow, seq, documentDigest({ n: 1 })));
  }
  assert.ok(resyncs >= 5 && resyncs < 25, `${resyncs} in an hour`);
});
