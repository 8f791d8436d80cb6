import assert from 'node:assert/strict';
import { test } from 'node:test';

import { canonicalize } from '../../web-static/client/json/canonical.js';
import { jsonEqual } from '../../web-static/client/json/equality.js';
import { ExactNumber, exactNumber, numberText, numbersEqual } from '../../web-static/client/json/number.js';
import { parseJSON } from '../../web-static/client/json/parser.js';
import { applyPatch } from '../../web-static/client/json/patch.js';
import { parseExact, stringifyExact } from '../../web-static/client/json/text.js';

/** Text, type in JavaScript, text written back, canonical text. */
const NUMBERS = [
  ['0', 'number', '0', '0'],
  ['-0', 'number', '-0', '0'],
  ['-0.0e7', 'number', '-0', '0'],
  ['1.0', 'number', '1', '1'],
  ['1e0', 'number', '1', '1'],
  ['10E-1', 'number', '1', '1'],
  ['0.30000000000000004', 'number', '0.30000000000000004', '0.30000000000000004'],
  ['5e-324', 'number', '5e-324', '5e-324'],
  ['1.7976931348623157e308', 'number', '1.7976931348623157e+308', '1.7976931348623157e+308'],
  ['9007199254740992', 'number', '9007199254740992', '9007199254740992'],
  ['9007199254740993', 'bigint', '9007199254740993', '9007199254740993'],
  ['-9223372036854775808', 'bigint', '-9223372036854775808', '-9223372036854775808'],
  ['1152921504606846976', 'bigint', '1152921504606846976', '1152921504606846976'],
  ['1152921504606847000', 'number', '1152921504606847000', '1152921504606847000'],
  ['12345678901234567890', 'bigint', '12345678901234567890', '12345678901234567890'],
  ['12345678901234567890.0', 'bigint', '12345678901234567890', '12345678901234567890'],
  ['1234567890123456789012', 'bigint', '1.234567890123456789012e+21', '1.234567890123456789012e+21'],
  ['1e400', 'object', '1e+400', '1e+400'],
  ['-1e400', 'object', '-1e+400', '-1e+400'],
  ['1e-400', 'object', '1e-400', '0'],
  ['0.1000000000000000055', 'object', '0.1000000000000000055', '0.1'],
  ['123456789012345678901234.5', 'object', '1.234567890123456789012345e+23', '1.2345678901234569e+23'],
];

test('numbers keep their value through text, and have the server’s canonical form', () => {
  for (const [text, type, written, canonical] of NUMBERS) {
    const value = exactNumber(text);
    assert.equal(typeof value, type, text);
    assert.equal(numberText(value), written, text);
    assert.equal(canonicalize(value), canonical, text);
    assert.equal(stringifyExact({ n: [value] }), `{"n":[${written}]}`, text);
    const [again] = parseExact(`{"n":[${text}]}`).n;
    assert.ok(numbersEqual(again, value), text);
    assert.ok(numbersEqual(exactNumber(written), value), text);
  }
});

test('equality is that of decimal values, whatever form they have', () => {
  for (const [a, b] of [['1', '1.0'], ['1e0', '1'], ['0', '-0'], ['1e400', '10e399'], ['0.10000000000000000550', '0.1000000000000000055']]) {
    assert.ok(jsonEqual(exactNumber(a), exactNumber(b)), `${a} ${b}`);
  }
  for (const [a, b] of [['0.1', '0.1000000000000000055'], ['9007199254740992', '9007199254740993'], ['1e400', '1e401'], ['1e400', '-1e400']]) {
    assert.ok(!jsonEqual(exactNumber(a), exactNumber(b)), `${a} ${b}`);
  }
  assert.ok(jsonEqual(5n, 5));
  assert.ok(jsonEqual(new ExactNumber('5'), 5));
  assert.ok(!jsonEqual(new ExactNumber('5'), '5'));
  assert.ok(!jsonEqual(new ExactNumber('1e400'), {}));
});

test('an exact number is a scalar to patches, and cannot be changed', () => {
  const document = parseExact('{"n":1e400}');
  assert.throws(() => applyPatch(document, [{ op: 'add', path: '/n/text', value: 1 }]), /scalar/);
  assert.throws(() => applyPatch(document, [{ op: 'test', path: '/n/text', value: '1e+400' }]), /nothing/);
  assert.equal(applyPatch(document, [{ op: 'test', path: '/n', value: exactNumber('10e399') }]), document);
  assert.throws(() => { 'use strict'; document.n.extra = 1; }, TypeError);
  assert.equal(Number(document.n), Infinity);
  assert.equal(`${document.n}`, '1e+400');
});

test('numbers the server refuses are refused', () => {
  for (const text of ['', '01', '1.', '.5', '+1', '1e', 'NaN', '0x1', '1e999999999', '1e-1000000001', ' 1', '1\n']) {
    assert.throws(() => new ExactNumber(text), RangeError, text);
  }
  assert.throws(() => parseExact('[1e999999999]'), SyntaxError);
});

test('the exact parser agrees with JSON.parse, and takes what a string holds for no number', () => {
  const texts = [
    '{}', '[]', ' [ 1 , -2.5e3 , "" ] ', '{"a":{"b":[null,true,false]},"":0}', '"\\u00e9\\ud83d\\ude00\\n\\"\\\\"', '"\\\\"',
    '{"__proto__":{"x":1}}', '{"a":1,"a":2}', '["12345678901234567890", "a:1e5,1e400"]', `${'['.repeat(500)}${']'.repeat(500)}`,
  ];
  for (const text of texts) assert.deepEqual(parseJSON(text), JSON.parse(text), text);
  assert.deepEqual(Object.keys(parseJSON('{"__proto__":1e400}')), ['__proto__']);
  for (const text of ['', '{', '[1,]', '{"a"}', '{"a":1,}', '{a:1}', '"a', '"\\"', '"\n"', '1 2', 'nul', '[1}', '-', '\u00a01', '"\\x"']) {
    assert.throws(() => parseJSON(text), SyntaxError, text);
    assert.throws(() => JSON.parse(text), SyntaxError, text);
  }
});

test('strings of megabytes are no danger to the stack', () => {
  const long = 'x\\n'.repeat(1_000_000);
  assert.equal(parseExact(`["${long}",1e400]`)[0].length, 2_000_000);
});

test('what is written is well-formed Unicode, names too', () => {
  assert.equal(stringifyExact({ a: '\ud800', '\udc00': '\ud83d\ude00 \\ud800' }), '{"a":"\ufffd","\ufffd":"\ud83d\ude00 \\\\ud800"}');
});

test('JSON.stringify of an exact number never fails', () => {
  assert.match(JSON.stringify([new ExactNumber('0.1000000000000000055')]), /^\[0\.1(000000000000000055)?\]$/);
});

test('indentation and values that need no care are those of JSON.stringify', () => {
  const value = { a: [1, { b: 'x' }], c: null };
  assert.equal(stringifyExact(value, 2), JSON.stringify(value, null, 2));
  assert.equal(stringifyExact(undefined), undefined);
});
