import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import * as module from '../../web-static/signalbox.js';

const web = join(dirname(fileURLToPath(import.meta.url)), '../../web-static');
const declarations = readFileSync(join(web, 'signalbox.d.ts'), 'utf8');

test('what is exported is declared, and nothing else', () => {
  const declared = [...declarations.matchAll(/^export (?:class|function|const) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(declared.sort(), Object.keys(module).sort());
});

test('the members of the classes are declared, and no others', () => {
  for (const [, name, body] of declarations.matchAll(/^export class (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)) {
    const declared = new Set([...body.matchAll(/^ {2}(?:readonly )?(\w+)[(<:]/gm)].map(([, member]) => member));
    const inherited = ['addEventListener', 'removeEventListener'];
    const actual = Object.getOwnPropertyNames(module[name].prototype);
    for (const member of actual) assert.ok(declared.has(member), `${name}.${member} is not declared`);
    const own = Object.getOwnPropertyNames(sample(name));
    for (const member of declared) {
      assert.ok(actual.includes(member) || own.includes(member) || inherited.includes(member), `${name} has no ${member}`);
    }
  }
});

function sample(name) {
  switch (name) {
    case 'SignalboxClient': return new module.SignalboxClient({ url: 'ws://test', page: new EventTarget() });
    case 'ExactNumber': return new module.ExactNumber('1');
    case 'PatchError': return new module.PatchError('x', 0);
    default: return new module[name]('code', 'message');
  }
}

test('the client needs nothing beside its own folder', () => {
  const folder = join(web, 'client');
  const files = ['signalbox.js', ...readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.js')).map((file) => join('client', file))];
  assert.ok(files.length > 20);
  for (const file of files) {
    const text = readFileSync(join(web, file), 'utf8');
    for (const [, target] of text.matchAll(/(?:^(?:import|export|\}) .*from |import\(|^import )'([^'\n]+)'/gm)) {
      const path = relative(web, resolve(dirname(join(web, file)), target));
      assert.ok(target.startsWith('.') && files.includes(path), `${file} imports ${target}`);
    }
  }
});
