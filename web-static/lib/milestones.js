/** The turning points of a flow, and the way from one to the next. Pure. */

import { label } from './format.js';

/** What can be jumped between. */
export const MILESTONE_GROUPS = {
  all: { label: 'all turning points', fits: () => true },
  steps: { label: 'steps', fits: ({ kind }) => kind.startsWith('step.') },
  prompts: { label: 'prompts', fits: ({ kind }) => kind.startsWith('prompt.') },
  errors: { label: 'errors', fits: ({ kind }) => kind.endsWith('.failed') },
};

/** The group whose colour a milestone has. */
export function milestoneTone({ kind }) {
  if (kind.endsWith('.failed')) return 'error';
  if (kind.startsWith('prompt.')) return 'prompt';
  return kind.startsWith('step.') ? 'step' : 'run';
}

/** "Prompt opened: Confirm the mapping" */
export function milestoneText({ kind, step, title }) {
  // A prompt's title is somebody's sentence; how a run ended is a word of the protocol.
  const words = kind === 'run.finished' && title ? label(title) : title;
  const about = words ?? (step && label(step));
  return [label(kind.replaceAll('.', ' ')), about].filter(Boolean).join(': ');
}

/**
 * The nearest milestone of a group before or after a position.
 * @param {object[]} milestones in the order of their positions
 * @param {number} seq
 * @param {-1|1} direction
 * @param {keyof typeof MILESTONE_GROUPS} group
 * @returns {object|undefined}
 */
export function nextMilestone(milestones, seq, direction, group = 'all') {
  const { fits } = MILESTONE_GROUPS[group];
  const lies = direction > 0 ? (item) => item.seq > seq : (item) => item.seq < seq;
  return direction > 0
    ? milestones.find((item) => lies(item) && fits(item))
    : milestones.findLast((item) => lies(item) && fits(item));
}

const TONES = ['run', 'step', 'prompt', 'error'];

/**
 * Where to draw the milestones on a line: one mark for all that would lie on each other, in the colour of the
 * weightiest.
 * @param {object[]} milestones
 * @param {{first: number, last: number}} range of positions, the ends of the line
 * @param {number} places how many marks fit on it
 * @returns {Array<{at: number, tone: string}>} `at` from 0 to 1
 */
export function marksOf(milestones, { first, last }, places) {
  const length = Math.max(1, last - first);
  const marks = new Map();
  for (const item of milestones) {
    if (item.seq < first || item.seq > last) continue;
    const place = Math.round(((item.seq - first) / length) * places);
    const tone = milestoneTone(item);
    const known = marks.get(place);
    if (!known || TONES.indexOf(known.tone) < TONES.indexOf(tone)) marks.set(place, { at: place / places, tone });
  }
  return [...marks.values()];
}
