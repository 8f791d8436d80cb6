/**
 * Values as people read them. The interface is in English, so the formats are too.
 */

import { stringifyExact } from '../client/json/text.js';

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const integer = new Intl.NumberFormat('en');

const UNITS = [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3_600], ['minute', 60]];

/** "3 minutes ago", "in 2 hours", "just now". */
export function relativeTime(date, now = Date.now()) {
  const seconds = (date.getTime() - now) / 1000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return seconds > 10 ? 'in less than a minute' : 'just now';
}

/** A point in time in full, local to the reader. */
export function absoluteTime(date) {
  return absolute.format(date);
}

/** The time of day only. */
export function clockTime(date) {
  return clock.format(date);
}

/**
 * The time between two RFC 3339 times; the end may be missing. `grain`: 1 for milliseconds, 1000 for whole seconds,
 * which is what a clock that goes should show.
 */
export function duration(from, to, grain = 1) {
  if (!from || !to) return '';
  const ms = Date.parse(to) - Date.parse(from);
  if (!Number.isFinite(ms) || ms < 0) return '';
  if (ms < 60_000) {
    if (grain >= 1000) return `${Math.floor(ms / 1000)} s`;
    return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
  }
  const seconds = Math.floor(ms / 1000);
  const parts = [[86_400, 'd'], [3_600, 'h'], [60, 'min'], [1, 's']]
    .map(([size, unit], i, all) => [Math.floor((i === 0 ? seconds : seconds % all[i - 1][0]) / size), unit]);
  const begin = parts.findIndex(([amount]) => amount > 0);
  return parts.slice(begin, begin + 2).filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount} ${unit}`).join(' ');
}

/** 1,234,567 */
export function count(number) {
  return integer.format(number);
}

/** "1 asset", "2 assets" */
export function plural(number, singular, many = `${singular}s`) {
  return `${count(number)} ${number === 1 ? singular : many}`;
}

/** Bytes in the unit that gives one to three digits. */
export function bytes(number) {
  if (number < 1000) return `${number} B`;
  const units = ['kB', 'MB', 'GB'];
  const power = Math.min(Math.floor(Math.log10(number) / 3), units.length);
  return `${(number / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}

const ACRONYMS = /\b(id|ip|os|fqdn|mac|dns|cpu|ram|url|csv|pii)\b/gi;

/** An identifier such as `map_attributes` as a label: "Map attributes". */
export function label(identifier) {
  const words = String(identifier).replaceAll(/[_-]+/g, ' ').replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').trim();
  if (words === '') return String(identifier);
  return (words[0].toUpperCase() + words.slice(1)).replaceAll(ACRONYMS, (word) => word.toUpperCase());
}

/** A JSON value in one short line. */
export function brief(value, limit = 80) {
  const text = typeof value === 'string' ? value : stringifyExact(value) ?? '';
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
