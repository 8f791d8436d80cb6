import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parseExact } from '../../web-static/signalbox.js';
import { parseJSON } from '../../web-static/client/json/parser.js';
import { judge } from './support/vectors.js';

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, '../../protocol/vectors');

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const cases = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  assert.ok(Array.isArray(cases) && cases.length > 0, file);
  for (const one of cases) {
    test(`${file}: ${one.kind}: ${one.name}`, () => judge(one));
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
