/** Where a step stands, in words: what it does or waits for, how often it was tried, how long it took. Pure. */

import { clockTime, duration } from './format.js';
import { statusLabel } from './lamp.js';

/** What a step is doing while the time it takes still grows. */
const DOING = { running: 'runs', waiting: 'waits', retrying: 'tries again', sleeping: 'sleeps' };

/**
 * @param {{status?: string, attempt?: number, started_at?: string, finished_at?: string, until?: string}|undefined} step
 *   progress as the flow's document has it; `until`: when a retry or a sleep is over
 * @param {boolean} asks whether a prompt of the step is open
 * @param {number} now the time of what is shown
 * @returns {{shown: string, text: string, details: string[], isMoving: boolean}} `shown`: the status of the lamp;
 *   `details`: for under the name; `isMoving`: whether the words change with time alone
 */
export function stepState(step, asks, now) {
  const status = step?.status ?? 'pending';
  // An open prompt shows on its step even before the step itself says that it waits.
  const shown = asks && status !== 'done' && status !== 'failed' ? 'waiting' : status;
  const isMoving = step !== undefined && Object.hasOwn(DOING, shown);
  const attempt = step?.attempt > 1 && `attempt ${step.attempt}`;
  const time = isMoving ? `${DOING[shown]} ${so(step, shown, now)}`.trim() : duration(step?.started_at, step?.finished_at);
  return { shown, text: statusLabel(shown), details: [attempt, time].filter(Boolean), isMoving };
}

/** How long something has gone on, or when it ends. */
function so(step, shown, now) {
  if (step.until) {
    const until = new Date(step.until);
    if (until.getTime() <= now) return 'any moment now';
    return shown === 'retrying' ? `at ${clockTime(until)}` : `until ${clockTime(until)}`;
  }
  // The clocks of two machines differ.
  const passed = Math.max(now, Date.parse(step.started_at));
  return Number.isNaN(passed) ? '' : duration(step.started_at, new Date(passed).toISOString(), 1_000);
}
