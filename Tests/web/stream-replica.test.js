import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StreamReplica } from '../../web-static/client/stream-replica.js';
import { documentDigest } from '../../web-static/client/json/digest.js';

const snapshot = (document, seq = 1, digest = undefined) => ({ mode: 'snapshot', epoch: 'e', seq, snapshot: document, digest });

test('a flow: the delta changes the state, the patch the rest', () => {
  const replica = new StreamReplica('flow:1');
  const document = { flow: { status: 'running' }, state: { n: 1 }, prompts: [] };
  assert.equal(replica.attach(snapshot(document, 7), 0), 'ok');
  const outcome = replica.apply({
    seq: 8,
    event: { type: 'STATE_DELTA', delta: [{ op: 'replace', path: '/n', value: 2 }] },
    patch: [{ op: 'replace', path: '/flow/status', value: 'waiting' }],
  }, 0);
  assert.equal(outcome, 'applied');
  assert.deepEqual(replica.document, { flow: { status: 'waiting' }, state: { n: 2 }, prompts: [] });
  assert.equal(replica.document.prompts, document.prompts);
  assert.deepEqual(replica.subscribeParams(), { stream: 'flow:1', since: { epoch: 'e', seq: 8 } });
});

test('a view: the delta changes the document', () => {
  const replica = new StreamReplica('flows');
  replica.attach(snapshot({ items: {} }), 0);
  replica.apply({ seq: 2, event: { type: 'STATE_DELTA', delta: [{ op: 'add', path: '/items/a', value: {} }] } }, 0);
  assert.deepEqual(replica.document, { items: { a: {} } });
});

test('repeats are ignored; a gap and a patch that does not fit ask for a resync', () => {
  const replica = new StreamReplica('flows');
  replica.attach(snapshot({ items: {} }, 5), 0);
  const event = { type: 'STATE_DELTA', delta: [] };
  assert.equal(replica.apply({ seq: 5, event }, 0), 'ignored');
  assert.equal(replica.apply({ seq: 7, event }, 0), 'resync');
  assert.equal(replica.apply({ seq: 6, event: { type: 'STATE_DELTA', delta: [{ op: 'remove', path: '/x' }] } }, 0), 'resync');
  assert.equal(replica.seq, 5);
  assert.deepEqual(replica.document, { items: {} });
});

test('nothing is applied between a resync and its answer', () => {
  const replica = new StreamReplica('flows');
  replica.attach(snapshot({ items: {} }), 0);
  replica.detach('attaching');
  assert.equal(replica.apply({ seq: 2, event: { type: 'STATE_DELTA', delta: [] } }, 0), 'ignored');
});

test('continuing: the position stays until the missed events came', () => {
  const replica = new StreamReplica('flows');
  replica.attach(snapshot({ items: {} }, 3), 0);
  replica.detach();
  assert.equal(replica.attach({ mode: 'patches', epoch: 'e', seq: 5 }, 0), 'ok');
  assert.equal(replica.seq, 3);
  assert.equal(replica.apply({ seq: 4, event: { type: 'STATE_DELTA', delta: [] } }, 0), 'applied');
});

test('continuing under another epoch, or behind, asks for a resync', () => {
  const replica = new StreamReplica('flows');
  replica.attach(snapshot({ items: {} }, 3), 0);
  assert.equal(replica.attach({ mode: 'patches', epoch: 'other', seq: 9 }, 0), 'resync');
  assert.equal(replica.attach({ mode: 'patches', epoch: 'e', seq: 2 }, 0), 'resync');
});

test('digests: a drifted copy asks for a resync; a wrong snapshot is counted and does not loop', () => {
  let mismatches = 0;
  const replica = new StreamReplica('flow:1', { onMismatch: () => { mismatches += 1; } });
  const document = { flow: {}, state: { n: 1 }, prompts: [] };
  replica.attach(snapshot(document, 1, documentDigest({ n: 1 })), 0);
  assert.equal(mismatches, 0);
  const event = { type: 'STATE_DELTA', delta: [] };
  assert.equal(replica.apply({ seq: 2, event, digest: '0'.repeat(16) }, 10), 'applied', 'checked a moment ago');
  assert.equal(replica.apply({ seq: 3, event, digest: '0'.repeat(16) }, 1e9), 'resync');
  assert.equal(mismatches, 1);
  assert.equal(replica.attach(snapshot(document, 3, '0'.repeat(16)), 1e9), 'ok');
  assert.equal(mismatches, 2);
  assert.equal(replica.apply({ seq: 4, event, digest: '0'.repeat(16) }, 2e9), 'applied');
});
