/**
 * A small, safe subset of Markdown: paragraphs, headings, lists, fenced code, bold, emphasis, code
 * and http(s) links. Parsing gives plain values, so it can be tested without a browser; building
 * makes DOM nodes from them. Text never passes through markup, and nothing else is understood.
 *
 * @typedef {string | {tag: 'strong'|'em'|'code', children: Inline[]} | {tag: 'a', href: string, children: Inline[]}} Inline
 * @typedef {{tag: 'p'|'h', level?: number, children: Inline[]} | {tag: 'pre', text: string}
 *   | {tag: 'ul'|'ol', items: Inline[][]}} Block
 */

import { h } from './dom.js';

const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|__(.+?)__|\*([^*\s][^*]*?)\*|\[([^\]]+)\]\(([^()\s]+)\)/;
/** Bold in emphasis in a link …: deeper than this is text. */
const MAX_NESTING = 6;

/**
 * @param {string} source
 * @returns {Block[]}
 */
export function parseMarkdown(source) {
  const blocks = [];
  const lines = String(source).split(/\r?\n/);
  let i = 0;
  while (i < lines.length) {
    const line = lines[i];
    const heading = /^(#{1,6})\s+(.+?)\s*#*$/.exec(line);
    if (line.trim() === '') {
      i += 1;
    } else if (line.startsWith('```')) {
      const end = lines.findIndex((other, j) => j > i && other.startsWith('```'));
      const stop = end < 0 ? lines.length : end;
      blocks.push({ tag: 'pre', text: lines.slice(i + 1, stop).join('\n') });
      i = stop + 1;
    } else if (heading) {
      blocks.push({ tag: 'h', level: heading[1].length, children: parseInline(heading[2]) });
      i += 1;
    } else if (item(line)) {
      const { tag } = item(line);
      const items = [];
      for (; i < lines.length && lines[i].trim() !== ''; i += 1) {
        const next = item(lines[i]);
        if (next && next.tag !== tag) break;
        if (next) items.push(next.text);
        else items[items.length - 1] += ` ${lines[i].trim()}`;
      }
      blocks.push({ tag, items: items.map((text) => parseInline(text)) });
    } else {
      const start = i;
      while (i < lines.length && !startsBlock(lines[i], i > start)) i += 1;
      blocks.push({ tag: 'p', children: parseInline(lines.slice(start, i).map((text) => text.trim()).join(' ')) });
    }
  }
  return blocks;
}

function startsBlock(line, inParagraph) {
  return inParagraph
    && (line.trim() === '' || line.startsWith('```') || /^#{1,6}\s/.test(line) || item(line) !== undefined);
}

function item(line) {
  const bullet = /^\s{0,3}[-*+]\s+(.*)$/.exec(line);
  if (bullet) return { tag: 'ul', text: bullet[1] };
  const numbered = /^\s{0,3}[0-9]{1,9}[.)]\s+(.*)$/.exec(line);
  return numbered ? { tag: 'ol', text: numbered[1] } : undefined;
}

/**
 * @param {string} text
 * @returns {Inline[]}
 */
export function parseInline(text, depth = 0) {
  const parts = [];
  let rest = text;
  for (;;) {
    const match = depth < MAX_NESTING ? INLINE.exec(rest) : null;
    if (!match) break;
    if (match.index > 0) parts.push(rest.slice(0, match.index));
    parts.push(inlineNode(match, depth));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest !== '') parts.push(rest);
  return parts;
}

function inlineNode([whole, code, bold, underlined, emphasis, linkText, target], depth) {
  if (code !== undefined) return { tag: 'code', children: [code] };
  const strong = bold ?? underlined;
  if (strong !== undefined) return { tag: 'strong', children: parseInline(strong, depth + 1) };
  if (emphasis !== undefined) return { tag: 'em', children: parseInline(emphasis, depth + 1) };
  const href = safeHref(target);
  return href ? { tag: 'a', href, children: parseInline(linkText, depth + 1) } : whole;
}

/** The target when it is an absolute http(s) address, else undefined. */
export function safeHref(target) {
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return undefined;
  return new URL(target).href;
}

/**
 * Markdown as DOM.
 * @param {string} source
 * @param {number} [topLevel] the level a first-order heading becomes
 * @returns {DocumentFragment}
 */
export function renderMarkdown(source, topLevel = 4) {
  const fragment = document.createDocumentFragment();
  fragment.append(...parseMarkdown(source).map((block) => blockElement(block, topLevel)));
  return fragment;
}

function blockElement(block, topLevel) {
  switch (block.tag) {
    case 'pre': return h('pre', {}, h('code', {}, block.text));
    case 'h': return h(`h${Math.min(6, topLevel + block.level - 1)}`, {}, block.children.map(inlineElement));
    case 'p': return h('p', {}, block.children.map(inlineElement));
    default: return h(block.tag, {}, block.items.map((children) => h('li', {}, children.map(inlineElement))));
  }
}

function inlineElement(node) {
  if (typeof node === 'string') return node;
  const link = node.tag === 'a' ? { href: node.href, rel: 'noopener noreferrer', target: '_blank' } : {};
  return h(node.tag, link, node.children.map(inlineElement));
}
