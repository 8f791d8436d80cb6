import assert from 'node:assert/strict';
import { test } from 'node:test';

import { marksOf, milestoneText, nextMilestone } from '../../web-static/lib/milestones.js';
import { parseRoute, routeTo } from '../../web-static/lib/router.js';

const MILESTONES = [
  { seq: 2, kind: 'run.started' }, { seq: 3, kind: 'step.started', step: 'map_attributes' },
  { seq: 7, kind: 'prompt.opened', step: 'confirm', title: 'Is it so?' }, { seq: 9, kind: 'step.failed', step: 'map_attributes' },
  { seq: 10, kind: 'run.failed', title: 'no paper' },
];

test('the way goes to the nearest of what is wanted', () => {
  const to = (seq, direction, group) => nextMilestone(MILESTONES, seq, direction, group)?.seq;
  assert.deepEqual([to(0, 1), to(2, 1), to(10, 1), to(3, -1), to(2, -1)], [2, 3, undefined, 2, undefined]);
  assert.deepEqual([to(0, 1, 'prompts'), to(0, 1, 'errors'), to(9, 1, 'errors'), to(99, -1, 'steps')], [7, 9, 10, 9]);
});

test('what lies on one place is one mark, of the weightiest', () => {
  assert.deepEqual(marksOf(MILESTONES, { first: 0, last: 10 }, 10).map(({ at, tone }) => [at, tone]), [
    [0.2, 'run'], [0.3, 'step'], [0.7, 'prompt'], [0.9, 'error'], [1, 'error'],
  ]);
  assert.deepEqual(marksOf(MILESTONES, { first: 0, last: 10_000 }, 100), [{ at: 0, tone: 'error' }]);
  assert.deepEqual(marksOf(MILESTONES, { first: 4, last: 8 }, 4), [{ at: 0.75, tone: 'prompt' }]);
});

test('milestones in words', () => {
  assert.deepEqual(MILESTONES.map(milestoneText), [
    'Run started', 'Step started: Map attributes', 'Prompt opened: Is it so?', 'Step failed: Map attributes', 'Run failed: no paper',
  ]);
  assert.equal(milestoneText({ kind: 'run.finished', title: 'interrupt' }), 'Run finished: Interrupt');
});

test('an address holds the position', () => {
  const address = routeTo('flows', 'a b', { at: 42, from: undefined });
  assert.equal(address, '#/flows/a%20b?at=42');
  const { page, id, query } = parseRoute(address);
  assert.deepEqual([page, id, query.get('at'), query.get('from')], ['flows', 'a b', '42', null]);
  assert.equal(routeTo('flows', 'a', { at: undefined }), '#/flows/a');
  assert.equal(routeTo('flows', 'a', { at: 0 }), '#/flows/a?at=0');
});
