/** Where a step stands, in words: what it does or waits for, how often it was tried, how long it took. Pure. */

import { clockTime, duration } from './format.js';
import { statusLabel } from './lamp.js';

/** What a step does in each status in which the time it takes still grows. */
const DOES = { running: 'runs', waiting: 'waits', suspended: 'waits', ready: 'goes on', retrying: 'tries again' };

/**
 * @param {{status?: string, attempt?: number, round?: number, started_at?: string, finished_at?: string,
 *   due_at?: string}|undefined} step progress as the flow's document has it; `due_at`: when it goes on by itself
 * @param {boolean} asks whether a prompt of the step is open
 * @param {number} now the time of what is shown
 * @returns {{shown: string, text: string, details: string[], isMoving: boolean}} `shown`: the status of the lamp;
 *   `details`: for under the name; `isMoving`: whether the words change with time alone
 */
export function stepState(step, asks, now) {
  const status = step?.status ?? 'pending';
  // An open prompt shows on its step even before the step itself says that it waits.
  const shown = asks && status !== 'done' && status !== 'failed' ? 'waiting' : status;
  const isMoving = step !== undefined && Object.hasOwn(DOES, shown);
  const count = [step?.round > 1 && `round ${step.round}`, step?.attempt > 1 && `attempt ${step.attempt}`];
  const time = isMoving ? doing(step, shown, now) : duration(step?.started_at, step?.finished_at);
  return { shown, text: statusLabel(shown), details: [count.filter(Boolean).join(', '), time].filter(Boolean), isMoving };
}

function doing(step, shown, now) {
  const due = ['suspended', 'retrying'].includes(shown) && step.due_at ? new Date(step.due_at) : undefined;
  if (shown === 'ready' || due?.getTime() <= now) return 'goes on any moment now';
  if (due) return `${DOES[shown]} ${shown === 'retrying' ? 'at' : 'until'} ${clockTime(due)}`;
  // The clocks of two machines differ.
  const passed = Math.max(now, Date.parse(step.started_at));
  return Number.isNaN(passed) ? DOES[shown] : `${DOES[shown]} ${duration(step.started_at, new Date(passed).toISOString(), 1_000)}`;
}
