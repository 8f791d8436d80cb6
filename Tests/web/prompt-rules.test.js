import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decisionOf, explainRefusal, formOf, mayDecide } from '../../web-static/lib/prompt-rules.js';

const base = { id: 'p', shown_digest: 'sha256:x', version: 3, allowed: ['approve', 'edit', 'reject'] };
const confirmation = { ...base, kind: 'confirmation', response_schema: { type: 'object' }, shown: { proposal: { a: 1 } } };
const toolCall = { ...base, kind: 'tool_call', action: { arguments: { x: 1 }, arguments_schema: { type: 'object' } }, response_schema: null };
const user = { id: 'u', email: 'u@x.test', roles: ['reviewer'] };

test('a confirmation: approve sends nothing, edit the full response', () => {
  assert.deepEqual(formOf(confirmation), { schema: { type: 'object' }, value: { a: 1 }, target: 'response' });
  assert.deepEqual(decisionOf('approve', { value: { a: 2 }, target: 'response' }), { verb: 'approve' });
  assert.deepEqual(decisionOf('edit', { value: { a: 2 }, target: 'response' }), { verb: 'edit', response: { a: 2 } });
  assert.deepEqual(decisionOf('reject', { reason: 'no' }), { verb: 'reject', reason: 'no' });
});

test('a tool call: edit sends arguments, an answer stays an answer', () => {
  assert.equal(formOf(toolCall).target, 'arguments');
  assert.deepEqual(decisionOf('edit', { value: { x: 2 }, target: 'arguments' }).arguments, { x: 2 });
  const answer = decisionOf('respond', { value: { x: 2 }, target: 'arguments', answer: 'why?' });
  assert.equal(answer.response, 'why?');
  assert.equal(answer.arguments, undefined);
});

test('nothing to fill in, no form', () => {
  assert.equal(formOf({ ...confirmation, response_schema: null }), undefined);
  assert.equal(formOf({ ...confirmation, allowed: ['approve', 'reject'] }), undefined);
});

test('who may decide', () => {
  assert.ok(mayDecide({ assignees: { users: ['u'], roles: [] } }, { ...user, roles: [] }));
  assert.ok(mayDecide({ assignees: { users: [], roles: ['reviewer'] } }, user));
  assert.ok(mayDecide({ assignees: { users: [], roles: [] } }, user));
  assert.ok(!mayDecide({ assignees: { users: ['other'], roles: [] } }, user));
  assert.ok(!mayDecide({ assignees: { users: [], roles: ['operator'] } }, user));
});

test('every refusal of the contract has words of its own', () => {
  const codes = ['already_decided', 'stale_prompt', 'prompt_changed', 'claimed', 'claim_required', 'expired', 'cancelled', 'invalid_decision', 'forbidden', 'not_found'];
  const texts = new Set(codes.map((code) => explainRefusal({ code, message: 'raw' }, user).text));
  assert.equal(texts.size, codes.length);
  assert.ok(!texts.has('raw'));
});
