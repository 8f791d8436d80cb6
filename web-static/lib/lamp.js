/**
 * Signal lamps: one shape and sign per status, so that no meaning hangs on colour alone.
 */

import { svg } from './dom.js';

/**
 * Every status of flows, steps and prompts, as one of the few aspects a lamp can show.
 * @type {Record<string, {aspect: string, label: string}>}
 */
const STATUSES = {
  pending: { aspect: 'dark', label: 'Not started' },
  waiting: { aspect: 'ask', label: 'Waiting for a person' },
  running: { aspect: 'run', label: 'Running' },
  suspended: { aspect: 'later', label: 'Waiting for a time or another flow' },
  ready: { aspect: 'later', label: 'About to go on' },
  retrying: { aspect: 'later', label: 'Waiting for a retry' },
  done: { aspect: 'clear', label: 'Done' },
  succeeded: { aspect: 'clear', label: 'Succeeded' },
  failed: { aspect: 'stop', label: 'Failed' },
  cancelled: { aspect: 'off', label: 'Cancelled' },
  skipped: { aspect: 'off', label: 'Skipped' },
  open: { aspect: 'ask', label: 'Open' },
  claimed: { aspect: 'ask', label: 'Claimed' },
  decided: { aspect: 'clear', label: 'Decided' },
  expired: { aspect: 'off', label: 'Expired' },
  superseded: { aspect: 'off', label: 'Superseded' },
};

/** Shapes in a box of 24 × 24 around the origin. */
const SHAPES = {
  dark: () => [svg('circle', { r: 8 })],
  ask: () => [svg('path', { d: 'M0-11 11 0 0 11-11 0Z' }), svg('path', { class: 'sign', d: 'M-3-2.5a3 3 0 1 1 4.2 2.7Q0 1 0 2.4M0 5v.6' })],
  run: () => [svg('path', { d: 'M-7-10 11 0-7 10Z' })],
  later: () => [svg('circle', { r: 10 }), svg('path', { class: 'sign', d: 'M0-5.5V0l3.8 2.6' })],
  clear: () => [svg('circle', { r: 10 }), svg('path', { class: 'sign', d: 'M-4.5.5-1.3 3.8 4.8-3.4' })],
  stop: () => [svg('rect', { x: -9.5, y: -9.5, width: 19, height: 19, rx: 2 }), svg('path', { class: 'sign', d: 'M-4-4 4 4M4-4-4 4' })],
  off: () => [svg('circle', { r: 8.5 }), svg('path', { class: 'sign', d: 'M-4.5 0h9' })],
};

/** What a status is called. */
export function statusLabel(status) {
  return STATUSES[status]?.label ?? status;
}

/** The aspect of a status; unknown ones stay dark. */
function aspectOf(status) {
  return STATUSES[status]?.aspect ?? 'dark';
}

/** The shape of a status, for use inside a larger drawing. */
export function lampShape(status) {
  const aspect = aspectOf(status);
  return svg('g', { class: `lamp-shape aspect-${aspect}` }, SHAPES[aspect]());
}

/** A lamp to stand beside text; decoration only, the text says the same. */
export function lamp(status) {
  return svg('svg', { class: 'lamp', viewBox: '-13 -13 26 26', 'aria-hidden': 'true', focusable: 'false' }, lampShape(status));
}
