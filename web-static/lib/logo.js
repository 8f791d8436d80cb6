/**
 * The mark: a semaphore arm over a track.
 */

import { svg } from './dom.js';

/** @returns {SVGElement} decoration; the name stands beside it */
export function logo() {
  return svg('svg', { class: 'logo', viewBox: '0 0 32 32', 'aria-hidden': 'true', focusable: 'false' },
    svg('rect', { class: 'logo-plate', width: 32, height: 32, rx: 7 }),
    svg('path', { class: 'logo-mast', d: 'M10 5v22M5 27h22' }),
    svg('path', { class: 'logo-arm', d: 'M10 8 26 5.2v5.4L10 13.4Z' }),
    svg('circle', { class: 'logo-light', cx: 10, cy: 19.5, r: 3.2 }));
}
