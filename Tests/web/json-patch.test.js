import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { jsonEqual } from '../../web-static/client/json/equality.js';
import { PatchError, applyPatch } from '../../web-static/client/json/patch.js';
import { formatPointer, parsePointer, resolvePointer } from '../../web-static/client/json/pointer.js';
import { generator } from './support/random.js';

// The public vectors live beside the repository; without them these tests are reported as skipped.
const vectors = join(dirname(fileURLToPath(import.meta.url)), '../../../shared/vectors/jsonpatch');
const skip = existsSync(vectors) ? false : 'shared vectors are not here';
const read = (name) => JSON.parse(readFileSync(join(vectors, name), 'utf8'));

for (const file of ['tests.json', 'spec_tests.json']) {
  test(`json-patch-tests: ${file}`, { skip }, () => {
    const records = read(file).filter((record) => record.patch && !record.disabled);
    assert.ok(records.length > 15);
    for (const record of records) {
      const before = structuredClone(record.doc);
      if (Object.hasOwn(record, 'error')) {
        assert.throws(() => applyPatch(record.doc, record.patch), PatchError, record.comment ?? record.error);
      } else {
        const result = applyPatch(record.doc, record.patch);
        if (Object.hasOwn(record, 'expected')) assert.deepEqual(result, record.expected, record.comment);
      }
      assert.deepEqual(record.doc, before, `input changed: ${record.comment}`);
    }
  });
}

test('RFC 6901 section 5 examples and pointers that must fail', { skip }, () => {
  const { document, pointers, must_fail: mustFail } = read('rfc6901_section5.json');
  for (const { pointer, value } of pointers) assert.deepEqual(resolvePointer(document, pointer), value, pointer);
  for (const pointer of mustFail) assert.throws(() => resolvePointer(document, pointer), { name: 'PointerError' }, pointer);
});

test('pointers survive a round trip', () => {
  for (const tokens of [[], [''], ['a/b', '~', '~1'], ['0', '-', 'é']]) {
    assert.deepEqual(parsePointer(formatPointer(tokens)), tokens);
  }
});

test('untouched parts are shared, touched ones are not', () => {
  const document = { a: { deep: [1, 2, { x: 1 }] }, b: { y: 1 } };
  const result = applyPatch(document, [{ op: 'replace', path: '/a/deep/2/x', value: 2 }]);
  assert.equal(result.b, document.b);
  assert.notEqual(result.a, document.a);
  assert.deepEqual(document, { a: { deep: [1, 2, { x: 1 }] }, b: { y: 1 } });
  assert.equal(applyPatch(document, []), document);
});

test('values inside a patch are not written to by its later operations', () => {
  const patch = [{ op: 'add', path: '/list', value: [1] }, { op: 'add', path: '/list/-', value: 2 }];
  assert.deepEqual(applyPatch({}, patch), { list: [1, 2] });
  assert.deepEqual(patch[0].value, [1]);
  assert.deepEqual(applyPatch({}, patch), { list: [1, 2] });
});

test('a copied value and its source change independently', () => {
  const patch = [
    { op: 'add', path: '/a/n', value: 1 },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'replace', path: '/b/n', value: 2 },
  ];
  assert.deepEqual(applyPatch({ a: {} }, patch), { a: { n: 1 }, b: { n: 2 } });
});

test('a failing operation leaves the document as it was', () => {
  const document = { list: [1, 2, 3] };
  const patch = [{ op: 'remove', path: '/list/0' }, { op: 'test', path: '/list/0', value: 'no' }];
  assert.throws(() => applyPatch(document, patch), (error) => error instanceof PatchError && error.index === 1);
  assert.deepEqual(document, { list: [1, 2, 3] });
});

test('names of Object.prototype are ordinary members', () => {
  const result = applyPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
  assert.deepEqual(Object.keys(result), ['__proto__']);
  assert.equal({}.polluted, undefined);
  assert.throws(() => applyPatch({}, [{ op: 'add', path: '/constructor/x', value: 1 }]), PatchError);
  assert.throws(() => applyPatch({}, [{ op: 'replace', path: '/toString', value: 1 }]), PatchError);
});

test('equality ignores the order of members and the form of integers', () => {
  assert.ok(jsonEqual({ a: 1, b: [null] }, { b: [null], a: 1 }));
  assert.ok(jsonEqual(5, 5n));
  assert.ok(!jsonEqual({ a: undefined }, { b: undefined }));
  assert.ok(!jsonEqual([], {}));
  assert.ok(!jsonEqual('5', 5));
});

test('random edits: patching equals editing a copy', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  const random = generator(seed);
  let document = { list: [], map: {} };
  for (let i = 0; i < 500; i += 1) {
    const copy = structuredClone(document);
    const operation = randomOperation(document, random);
    edit(copy, operation);
    document = applyPatch(document, [operation]);
    assert.deepEqual(document, copy, `seed ${seed}, edit ${i}: ${JSON.stringify(operation)}`);
  }
});

function randomOperation(document, random) {
  const pick = (n) => Math.floor(random() * n);
  const value = { n: pick(100), tags: ['x'.repeat(pick(3))] };
  const index = pick(document.list.length + 1);
  const key = `k/~${pick(6)}`;
  const path = formatPointer(['map', key]);
  if (random() < 0.4) return { op: 'add', path: `/list/${index}`, value };
  if (index < document.list.length && random() < 0.5) return { op: 'remove', path: `/list/${index}` };
  return Object.hasOwn(document.map, key) && random() < 0.5 ? { op: 'remove', path } : { op: 'add', path, value };
}

function edit(document, { op, path, value }) {
  const [container, token] = parsePointer(path);
  if (container === 'list') document.list.splice(Number(token), op === 'remove' ? 1 : 0, ...(op === 'remove' ? [] : [value]));
  else if (op === 'remove') delete document.map[token];
  else document.map[token] = value;
}
