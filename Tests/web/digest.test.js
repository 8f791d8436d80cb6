import assert from 'node:assert/strict';
import { test } from 'node:test';

import { documentDigest, sipHash24 } from '../../web-static/client/json/digest.js';
import { NotCanonicalError, canonicalize } from '../../web-static/client/json/canonical.js';

test('SipHash-2-4: the reference vectors (key 00…0f, inputs 00, 00 01, …)', () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => i);
  // From the authors' vectors.h; there the eight bytes stand least significant first.
  const expected = new Map([
    [0, '310e0edd47db6f72'], [1, 'fd67dc93c539f874'], [2, '5a4fa9d909806c0d'], [3, '2d7efbd796666785'],
    [4, 'b7877127e09427cf'], [5, '8da699cd64557618'], [6, 'cee3fe586e46c9cb'], [7, '37d1018bf50002ab'],
    [8, '6224939a79f5f593'], [15, 'e545be4961ca29a1'],
  ]);
  for (const [length, bytes] of expected) {
    const input = Uint8Array.from({ length }, (_, i) => i);
    assert.equal(sipHash24(input, key), bytes.match(/../g).reverse().join(''), `length ${length}`);
  }
});

test('SipHash-2-4 reads a view at any offset', () => {
  const bytes = new TextEncoder().encode('....hello, signal box');
  assert.equal(sipHash24(bytes.subarray(4)), sipHash24(bytes.slice(4)));
});

test('a digest does not depend on the order of members', () => {
  assert.equal(documentDigest({ a: 1, b: [true, null] }), documentDigest({ b: [true, null], a: 1 }));
  assert.notEqual(documentDigest({ a: 1 }), documentDigest({ a: '1' }));
  assert.match(documentDigest({}), /^[0-9a-f]{16}$/);
});

test('canonical form: RFC 8785 section 3.2.2 and 3.2.3', () => {
  assert.equal(
    canonicalize({ numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001], literals: [null, true, false] }),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}',
  );
  assert.equal(
    canonicalize({ '\u20ac': 'Euro Sign', '\r': 'Carriage Return', '\ufb33': 'Hebrew', 1: 'One', '\ud83d\ude00': 'Emoji', '\u0080': 'Control', '\u00f6': 'o' }),
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"o","\u20ac":"Euro Sign","\ud83d\ude00":"Emoji","\ufb33":"Hebrew"}',
  );
  assert.equal(canonicalize(-0), '0');
  assert.equal(canonicalize('\u000f\n"\\/\u20ac'), '"\\u000f\\n\\"\\\\/\u20ac"');
});

test('what is not JSON has no canonical form', () => {
  for (const value of [NaN, Infinity, undefined, () => {}]) assert.throws(() => canonicalize([value]), NotCanonicalError);
});
