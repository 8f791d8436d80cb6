import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import {
  PatchError, applyPatch, canonicalize, documentDigest, jsonEqual, parseExact, stringifyExact,
} from '../../web-static/signalbox.js';
import { parseJSON } from '../../web-static/client/json/parser.js';

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, '../../protocol/vectors');

const RUNNERS = {
  written: ({ text, written }) => assert.equal(stringifyExact(parseExact(text)), written),
  canonical: ({ text, canonical }) => {
    assert.equal(canonicalize(parseExact(text)), canonical);
    assert.equal(canonicalize(parseExact(canonical)), canonical, 'the canonical form is its own');
  },
  digest: ({ text, digest }) => assert.equal(documentDigest(parseExact(text)), digest),
  equal: ({ left, right, equal }) => {
    assert.equal(jsonEqual(parseExact(left), parseExact(right)), equal);
    assert.equal(jsonEqual(parseExact(right), parseExact(left)), equal);
  },
  apply: ({ document, patch, result, error }) => {
    const before = parseExact(document);
    if (error) assert.throws(() => applyPatch(before, parseExact(patch)), PatchError);
    else {
      const after = applyPatch(before, parseExact(patch));
      assert.ok(jsonEqual(after, parseExact(result)), canonicalize(after));
      assert.equal(canonicalize(after), canonicalize(parseExact(result)));
    }
    assert.equal(stringifyExact(before), stringifyExact(parseExact(document)), 'the document was written to');
  },
};

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const cases = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  assert.ok(Array.isArray(cases) && cases.length > 0, file);
  for (const one of cases) {
    test(`${file}: ${one.kind}: ${one.name}`, () => {
      assert.ok(Object.hasOwn(RUNNERS, one.kind), `unknown kind ${one.kind}`);
      RUNNERS[one.kind](one);
    });
  }
}

const suite = join(here, '../../../shared/vectors/json');
const skip = existsSync(suite) ? false : 'shared vectors are not here';

/** Texts that are valid UTF-8, as those of a WebSocket are; what else there is never reaches the parser. */
function* texts(kind) {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (const name of readdirSync(join(suite, 'test_parsing')).filter((file) => file.startsWith(`${kind}_`))) {
    try {
      yield [name, decoder.decode(readFileSync(join(suite, 'test_parsing', name)))];
    } catch {
      assert.ok(kind !== 'y', name);
    }
  }
}

test('JSON Parsing Test Suite: what must be accepted is, as JSON.parse takes it', { skip }, () => {
  let count = 0;
  for (const [name, text] of texts('y')) {
    count += 1;
    assert.deepEqual(parseJSON(text), JSON.parse(text), name);
  }
  assert.ok(count > 80, String(count));
});

test('JSON Parsing Test Suite: what must be refused is', { skip }, () => {
  let count = 0;
  for (const [name, text] of texts('n')) {
    // So deep that only the depth is refused; such a text cannot come from the server.
    if (name.includes('100000_opening') || name.includes('open_array_object')) continue;
    count += 1;
    assert.throws(() => parseJSON(text), SyntaxError, name);
    assert.throws(() => parseExact(text), SyntaxError, name);
  }
  assert.ok(count > 150, String(count));
});
