import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseInline, parseMarkdown, safeHref } from '../../web-static/lib/markdown.js';

test('blocks: headings, paragraphs, lists, code', () => {
  const source = '# Title\ntext one\ntext two\n\n- a\n- b\n  more b\n1. one\n2) two\n\n```js\n<b>**x**</b>\n```\nend';
  assert.deepEqual(parseMarkdown(source), [
    { tag: 'h', level: 1, children: ['Title'] },
    { tag: 'p', children: ['text one text two'] },
    { tag: 'ul', items: [['a'], ['b more b']] },
    { tag: 'ol', items: [['one'], ['two']] },
    { tag: 'pre', text: '<b>**x**</b>' },
    { tag: 'p', children: ['end'] },
  ]);
});

test('a fence that never closes takes the rest', () => {
  assert.deepEqual(parseMarkdown('```\na\nb'), [{ tag: 'pre', text: 'a\nb' }]);
});

test('inline: bold, emphasis, code, links', () => {
  assert.deepEqual(parseInline('a **b `c`** *d* [e](https://x.test/y)'), [
    'a ',
    { tag: 'strong', children: ['b ', { tag: 'code', children: ['c'] }] },
    ' ',
    { tag: 'em', children: ['d'] },
    ' ',
    { tag: 'a', href: 'https://x.test/y', children: ['e'] },
  ]);
});

test('code is taken literally', () => {
  assert.deepEqual(parseInline('`**x**`'), [{ tag: 'code', children: ['**x**'] }]);
});

test('markup stays text', () => {
  const source = '<img src=x onerror=alert(1)> <script>alert(1)</script>';
  assert.deepEqual(parseMarkdown(source), [{ tag: 'p', children: [source] }]);
});

test('only absolute http and https addresses become links', () => {
  for (const target of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', '//evil.test', '/local', 'https://', 'http:evil']) {
    assert.equal(safeHref(target), undefined, target);
    assert.ok(parseInline(`[x](${target})`).every((node) => typeof node === 'string' || node.tag !== 'a'), target);
  }
  assert.equal(safeHref('HTTPS://Example.test/a'), 'https://example.test/a');
});

test('lone marks and nonsense end', () => {
  for (const source of ['*', '**', '- ', '#', '[a](', '`', '1.', '***a***', '_'.repeat(5000), '*a'.repeat(500), '**a '.repeat(200)]) {
    assert.ok(Array.isArray(parseMarkdown(source)));
  }
});
