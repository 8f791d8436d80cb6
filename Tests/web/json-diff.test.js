import assert from 'node:assert/strict';
import { test } from 'node:test';

import { jsonEqual } from '../../web-static/client/json/equality.js';
import { jsonDiff } from '../../web-static/lib/json-diff.js';
import { shareEqual } from '../../web-static/lib/share-equal.js';
import { generator } from './support/random.js';

const lines = (before, after) => jsonDiff(before, after).changes
  .map(({ kind, path, before: from, after: to }) => [kind, path.join('/'), from, to]);

test('one line for each member that came, went or changed', () => {
  assert.deepEqual(lines({ a: 1, b: { c: 2, d: 3 }, e: 0 }, { a: 1, b: { c: 4, f: 5 }, e: { g: 1 } }), [
    ['changed', 'b/c', 2, 4], ['removed', 'b/d', 3, undefined], ['added', 'b/f', undefined, 5], ['changed', 'e', 0, { g: 1 }],
  ]);
  assert.deepEqual(lines([], {}), [['changed', '', [], {}]]);
});

test('what was a member with no value is told from one that was not there', () => {
  assert.deepEqual(lines({ a: null }, {}), [['removed', 'a', null, undefined]]);
  assert.deepEqual(lines({}, { a: null }), [['added', 'a', undefined, null]]);
});

test('objects of a list are found again by their names', () => {
  const before = [{ id: 'x', n: 1 }, { id: 'y', n: 2 }];
  assert.deepEqual(lines(before, [{ id: 'z', n: 0 }, { id: 'y', n: 3 }, { id: 'x', n: 1 }]), [
    ['changed', 'y/n', 2, 3], ['added', 'z', undefined, { id: 'z', n: 0 }],
  ]);
});

test('other lists keep what is the same at their ends', () => {
  assert.deepEqual(lines([1, 2, 3, 9], [1, 2, 7, 3, 9]), [['added', '2', undefined, 7]]);
  assert.deepEqual(lines([1, 2, 3], [1, 3]), [['removed', '1', 2, undefined]]);
  // Names that are not all different are no names.
  assert.deepEqual(lines([{ id: 1 }, { id: 1 }], [{ id: 1 }, { id: 2 }]), [['changed', '1/id', 1, 2]]);
});

test('numbers are compared by value, and large ones exactly', () => {
  assert.deepEqual(lines({ a: 1, b: 12345678901234567890n }, { a: 1.0, b: 12345678901234567891n }), [
    ['changed', 'b', 12345678901234567890n, 12345678901234567891n],
  ]);
});

test('more lines than wanted are counted out', () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, i]));
  assert.deepEqual([jsonDiff({}, many, { limit: 30 }).isWhole, jsonDiff({}, many, { limit: 29 }).isWhole], [true, false]);
  assert.equal(jsonDiff({}, many, { limit: 29 }).changes.length, 29);
});

test('depth is no matter', () => {
  const deep = (leaf) => Array.from({ length: 4_000 }).reduce((inner) => ({ a: inner }), leaf);
  const [change, ...others] = jsonDiff(deep(1), deep(2)).changes;
  assert.deepEqual([change.kind, change.path.length, others.length], ['changed', 4_000, 0]);
});

function randomJSON(random, depth = 0) {
  const pick = (limit) => Math.floor(random() * limit);
  switch (depth > 3 ? pick(3) : pick(6)) {
    case 0: return pick(3);
    case 1: return ['a', 'b', ''][pick(3)];
    case 2: return [null, true][pick(2)];
    case 3: return Array.from({ length: pick(4) }, () => randomJSON(random, depth + 1));
    case 4: return Array.from({ length: pick(4) }, () => ({ id: pick(6), v: randomJSON(random, depth + 1) }));
    default: return Object.fromEntries(Array.from({ length: pick(4) }, () => [`k${pick(4)}`, randomJSON(random, depth + 1)]));
  }
}

test('there are lines exactly where documents differ, and each says what was and what is', () => {
  const random = generator(42);
  for (let round = 0; round < 5_000; round += 1) {
    const [before, after] = [randomJSON(random), randomJSON(random)];
    const { changes } = jsonDiff(before, after);
    // Members that only changed places are no difference to a reader of names.
    if (changes.length > 0) assert.ok(!jsonEqual(before, after), JSON.stringify([before, after]));
    for (const { kind, before: from, after: to } of changes) {
      if (kind === 'changed') assert.ok(!jsonEqual(from, to));
    }
    const unnamed = JSON.stringify([before, after]).includes('"id"');
    if (!unnamed) assert.equal(changes.length === 0, jsonEqual(before, after));
    assert.deepEqual(jsonDiff(before, structuredClone(before)).changes, []);
  }
});

test('a document that shares with another is what it was', () => {
  const random = generator(43);
  for (let round = 0; round < 5_000; round += 1) {
    const [known, fresh] = [randomJSON(random), randomJSON(random)];
    const [knownBefore, freshBefore] = [structuredClone(known), structuredClone(fresh)];
    assert.deepEqual(shareEqual(known, fresh), freshBefore);
    assert.deepEqual(known, knownBefore);
    assert.equal(shareEqual(known, structuredClone(knownBefore)), known);
  }
});

test('what is equal is shared in depth', () => {
  const known = { a: { b: [1, { c: 2 }] }, n: 1 };
  const shared = shareEqual(known, { n: 2, a: { b: [1, { c: 2 }] } });
  assert.equal(shared.a, known.a);
  assert.equal(shareEqual([known.a], [{ b: [1, { c: 2 }] }, 5])[0], known.a);
});

test('a member called __proto__ stays a member', () => {
  const [known, fresh] = [JSON.parse('{"__proto__":{"a":1},"b":1}'), JSON.parse('{"__proto__":{"a":1},"b":2}')];
  assert.deepEqual(Object.keys(shareEqual(known, fresh)), ['__proto__', 'b']);
  assert.deepEqual(lines(known, fresh), [['changed', 'b', 1, 2]]);
});
