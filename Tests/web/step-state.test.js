import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clockTime, duration } from '../../web-static/lib/format.js';
import { stepState } from '../../web-static/lib/step-state.js';

const BEGIN = '2026-01-02T03:04:05.000Z';
const later = (seconds) => Date.parse(BEGIN) + seconds * 1_000;
const at = (seconds) => new Date(later(seconds)).toISOString();
const state = (step, asks, seconds) => {
  const { shown, details, isMoving } = stepState(step, asks, later(seconds));
  return [shown, details, isMoving];
};

test('a step that was not begun has nothing to tell', () => {
  assert.deepEqual(state(undefined, false, 0), ['pending', [], false]);
});

test('what goes on tells how long', () => {
  assert.deepEqual(state({ status: 'running', attempt: 1, started_at: BEGIN }, false, 75), ['running', ['runs 1 min 15 s'], true]);
  assert.deepEqual(state({ status: 'running', attempt: 3, started_at: BEGIN }, true, 4), ['waiting', ['attempt 3', 'waits 4 s'], true]);
  // The clock of this machine is behind.
  assert.deepEqual(state({ status: 'running', attempt: 1, started_at: BEGIN }, false, -30), ['running', ['runs 0 s'], true]);
});

test('what has ended tells how long it took', () => {
  assert.deepEqual(state({ status: 'done', attempt: 2, started_at: BEGIN, finished_at: at(3.4) }, false, 99), ['done', ['attempt 2', '3.4 s'], false]);
  assert.deepEqual(state({ status: 'failed', attempt: 1, started_at: BEGIN, finished_at: at(0.02) }, true, 99), ['failed', ['20 ms'], false]);
});

test('what waits for a time tells which', () => {
  const due = at(60);
  const clock = clockTime(new Date(due));
  assert.deepEqual(state({ status: 'retrying', attempt: 2, started_at: BEGIN, due_at: due }, false, 9), ['retrying', ['attempt 2', `tries again at ${clock}`], true]);
  const suspended = { status: 'suspended', attempt: 1, started_at: BEGIN };
  assert.deepEqual(state({ ...suspended, due_at: due }, false, 9), ['suspended', [`waits until ${clock}`], true]);
  assert.deepEqual(state({ ...suspended, due_at: due }, false, 61), ['suspended', ['goes on any moment now'], true]);
  // For another flow, which may take as long as it takes.
  assert.deepEqual(state(suspended, false, 61), ['suspended', ['waits 1 min 1 s'], true]);
  assert.deepEqual(state({ ...suspended, status: 'ready', due_at: due }, false, 61), ['ready', ['goes on any moment now'], true]);
});

test('a step that the flow came back to tells how often', () => {
  const step = { status: 'done', attempt: 2, round: 3, started_at: BEGIN, finished_at: at(1) };
  assert.deepEqual(state(step, false, 9), ['done', ['round 3, attempt 2', '1.0 s'], false]);
});

test('durations in the units that fit', () => {
  const of = (seconds, grain) => duration(BEGIN, at(seconds), grain);
  assert.deepEqual([of(0.5), of(59.94), of(60), of(119.9), of(3_600), of(3_725), of(90_000), of(-1)],
    ['500 ms', '59.9 s', '1 min', '1 min 59 s', '1 h', '1 h 2 min', '1 d 1 h', '']);
  assert.deepEqual([of(0.9, 1_000), of(59.9, 1_000)], ['0 s', '59 s']);
});
