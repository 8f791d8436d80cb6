import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE_MS, CAP_MS, fullJitter, upperBound } from '../../web-static/client/backoff.js';

test('the bound doubles from the base up to the cap', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(upperBound), [250, 500, 1000, 2000, 4000, 8000]);
  assert.equal(upperBound(6), CAP_MS);
  assert.equal(upperBound(10_000), CAP_MS);
  assert.equal(upperBound(-1), BASE_MS);
});

test('the delay is spread over the whole range', () => {
  assert.equal(fullJitter(3, () => 0), 0);
  assert.equal(fullJitter(3, () => 0.5), 1000);
  assert.equal(fullJitter(3, () => 0.999999), 1999);
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const delay = fullJitter(attempt);
    assert.ok(Number.isInteger(delay) && delay >= 0 && delay < upperBound(attempt));
  }
});
