/**
 * What differs between two JSON documents, for people to read: one line for each member that came, went or changed.
 * Parts that are the same reference are not looked into.
 */

import { jsonEqual } from '../client/json/equality.js';
import { isContainer } from '../client/json/pointer.js';

/** Members by which the objects of a list are told apart, the best first. */
const NAMES = ['id', 'key', 'name'];

/**
 * @param {unknown} before
 * @param {unknown} after
 * @param {{limit?: number}} [options] the most lines
 * @returns {{changes: Array<{kind: 'added'|'removed'|'changed', path: string[], before?: unknown, after?: unknown}>,
 *   isWhole: boolean}} `isWhole`: whether these are all
 */
export function jsonDiff(before, after, { limit = 500 } = {}) {
  const changes = [];
  // A stack of its own: documents may be deeper than the call stack.
  const pending = [{ path: [], before, after }];
  while (pending.length > 0) {
    const item = pending.pop();
    if (item.before === item.after) continue;
    const inner = item.kind ? undefined : members(item);
    if (inner) {
      pending.push(...inner.reverse());
      continue;
    }
    if (!item.kind && jsonEqual(item.before, item.after)) continue;
    if (changes.length === limit) return { changes, isWhole: false };
    changes.push({ ...item, kind: item.kind ?? 'changed' });
  }
  return { changes, isWhole: true };
}

/** The pairs of members of two containers; nothing when they are no two of a kind. */
function members({ path, before, after }) {
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) return undefined;
  if (!Array.isArray(before)) return pairs(path, new Map(Object.entries(before)), new Map(Object.entries(after)));
  const name = nameOf(before, after);
  if (name) return pairs(path, named(before, name), named(after, name));
  return aligned(path, before, after);
}

function pairs(path, before, after) {
  const both = [...before.keys()].filter((key) => after.has(key));
  return [
    ...both.map((key) => ({ path: [...path, key], before: before.get(key), after: after.get(key) })),
    ...[...before].filter(([key]) => !after.has(key)).map(([key, value]) => removed([...path, key], value)),
    ...[...after].filter(([key]) => !before.has(key)).map(([key, value]) => added([...path, key], value)),
  ];
}

/** Lists without names: what is the same at both ends stays, what is between is compared one by one. */
function aligned(path, before, after) {
  let start = 0;
  while (start < before.length && start < after.length && jsonEqual(before[start], after[start])) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && jsonEqual(before[before.length - 1 - end], after[after.length - 1 - end])) end += 1;
  const [left, right] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  const common = Math.min(left.length, right.length);
  const at = (index) => [...path, String(start + index)];
  return [
    ...left.slice(0, common).map((value, i) => ({ path: at(i), before: value, after: right[i] })),
    ...left.slice(common).map((value, i) => removed(at(common + i), value)),
    ...right.slice(common).map((value, i) => added(at(common + i), value)),
  ];
}

function added(path, value) {
  return { kind: 'added', path, after: value };
}

function removed(path, value) {
  return { kind: 'removed', path, before: value };
}

/** The member that tells all objects of both lists apart. */
function nameOf(before, after) {
  return NAMES.find((name) => [before, after].every((list) => named(list, name).size === list.length)
    && before.length + after.length > 0);
}

function named(list, name) {
  return new Map(list.filter((item) => isContainer(item) && isName(item[name])).map((item) => [String(item[name]), item]));
}

function isName(value) {
  return typeof value === 'string' || typeof value === 'number';
}
