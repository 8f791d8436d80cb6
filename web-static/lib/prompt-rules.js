/**
 * What a prompt allows and how a decision on it is put together. Pure; APPROVALS.md has the reasons.
 */

/** Verbs in the order their buttons stand, with what they say. */
export const VERBS = {
  approve: { label: 'Approve', done: 'Approved' },
  respond: { label: 'Send answer', done: 'Answered' },
  edit: { label: 'Approve with my changes', done: 'Approved with changes' },
  reject: { label: 'Reject', done: 'Rejected' },
  ignore: { label: 'Ignore', done: 'Ignored' },
};

export const KIND_LABELS = {
  confirmation: 'Confirmation', tool_call: 'Tool call', input_required: 'Question', choice: 'Choice',
};

/** Whether the prompt still waits for an answer. */
export function isOpen(prompt) {
  return prompt.status === 'open' || prompt.status === 'claimed';
}

/**
 * Whether this user belongs to those who are asked. The server decides; this only spares people
 * buttons that would be refused.
 */
export function mayDecide(prompt, user) {
  const { users = [], roles = [] } = prompt.assignees ?? {};
  if (users.includes(user.id) || user.roles.includes('admin')) return true;
  const asked = users.length === 0 && roles.length === 0 ? ['reviewer'] : roles;
  return asked.some((role) => user.roles.includes(role));
}

/** Whether somebody else holds the claim. */
export function claimedByOther(prompt, user) {
  return Boolean(prompt.claim) && prompt.claim.by !== user.id;
}

/**
 * What the form of a prompt is about.
 * @returns {{schema: object, value: unknown, target: 'response'|'arguments'}|undefined}
 */
export function formOf(prompt) {
  if (prompt.kind === 'tool_call' && prompt.allowed?.includes('edit') && prompt.action) {
    return { schema: prompt.action.arguments_schema ?? {}, value: prompt.action.arguments, target: 'arguments' };
  }
  const asks = prompt.allowed?.some((verb) => sendsForm(verb));
  if (!asks || !hasMembers(prompt.response_schema)) return undefined;
  return { schema: prompt.response_schema, value: prompt.shown?.proposal, target: 'response' };
}

/** Whether a verb sends what is in the form. The others stand for themselves. */
export function sendsForm(verb) {
  return verb === 'edit' || verb === 'respond';
}

/**
 * The decision to give to `SignalboxClient.decide`, without the idempotency key.
 * @param {string} verb
 * @param {{value?: unknown, target?: 'response'|'arguments', answer?: string, reason?: string}} input
 */
export function decisionOf(verb, { value, target, answer, reason }) {
  const decision = { verb };
  if (target !== undefined && sendsForm(verb) && !(verb === 'respond' && target === 'arguments')) {
    decision[target] = value;
  } else if (verb === 'respond') {
    decision.response = answer;
  }
  if (reason) decision.reason = reason;
  return decision;
}

/**
 * What to tell the person whose decision was not taken.
 * @param {{code: string, message: string, data?: object}} error
 * @param {{id: string}} user the person
 * @returns {{text: string, final: boolean}} `final`: this prompt cannot be decided any more
 */
export function explainRefusal({ code, message, data = {} }, user) {
  switch (code) {
    case 'already_decided': {
      const { verb, by = [] } = data.outcome ?? {};
      const done = VERBS[verb]?.done.toLowerCase() ?? 'decided';
      const who = by.length > 0 ? ` by ${names(by, user)}` : '';
      return { text: `Somebody was quicker: this was ${done}${who}. Your decision changed nothing.`, final: true };
    }
    case 'stale_prompt':
      return { text: 'A newer draft has replaced this question. Your decision changed nothing; look at the new one.', final: true };
    case 'prompt_changed':
      return { text: 'What was shown has changed since you opened it. Nothing was decided: read it again, then decide.', final: false };
    case 'claimed':
      return { text: 'Somebody else has claimed this. Nothing was decided.', final: false };
    case 'claim_required':
      return { text: 'Claim it first: only who holds the claim may decide.', final: false };
    case 'cancelled':
      return { text: 'The flow ended before your decision. Nothing was executed.', final: true };
    case 'expired':
      return { text: 'The time to decide is over. Nothing was executed.', final: true };
    case 'invalid_decision':
      return { text: 'The answer does not fit yet. Correct the marked fields; nothing was decided.', final: false };
    case 'idempotency_mismatch':
      return { text: 'An earlier, different decision is still on record. Press the button again.', final: false };
    case 'forbidden':
      return { text: 'You may not decide this one.', final: false };
    case 'not_found':
      return { text: 'This prompt does not exist, or no longer.', final: true };
    case 'timeout':
    case 'connection_lost':
      return { text: 'No answer came. It is safe to press the button again: the same decision counts once.', final: false };
    case 'signed_out':
      return { text: 'You were signed out before the answer came. Sign in and press the button again.', final: false };
    default:
      return { text: message, final: false };
  }
}

/**
 * People as a reader knows them: oneself as "you", others by what the server calls them, shortened
 * where that is only an id.
 * @param {string[]} subjects
 * @param {{id: string}} user
 */
export function names(subjects, user) {
  return subjects.map((subject) => {
    if (subject === user.id) return 'you';
    return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(subject) ? `user …${subject.slice(-6)}` : subject;
  }).join(', ');
}

function hasMembers(schema) {
  return schema !== undefined && schema !== null && Object.keys(schema).length > 0;
}
