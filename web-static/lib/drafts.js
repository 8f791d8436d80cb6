/**
 * Half-made decisions, kept in this tab across redraws, reconnects and reloads. A draft belongs to
 * what was shown when it was begun: another `shown_digest` starts afresh.
 *
 * @typedef {{form?: unknown, reason?: string, answer?: string, attempt?: {key: string, body: string}}} Draft
 */

import { parseExact, stringifyExact } from '../client/json/text.js';
import { randomId } from '../client/random-id.js';

const PREFIX = 'signalbox:draft';

function storageKey(prompt) {
  return `${PREFIX}:${prompt.id}:${prompt.shown_digest}`;
}

/** @returns {Draft} */
export function loadDraft(prompt) {
  try {
    return parseExact(sessionStorage.getItem(storageKey(prompt)) ?? '{}');
  } catch {
    return {};
  }
}

/** Merges members into the draft. A full or forbidden storage costs the draft, never the form. */
export function saveDraft(prompt, members) {
  try {
    sessionStorage.setItem(storageKey(prompt), stringifyExact({ ...loadDraft(prompt), ...members }));
  } catch {
    // The form itself still holds everything; only a reload would lose it.
  }
}

/** Forgets all drafts of a prompt, whatever was shown. */
export function dropDrafts(promptId) {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(`${PREFIX}:${promptId}:`)) sessionStorage.removeItem(key);
  }
}

/**
 * The idempotency key of a decision: the same decision, sent again because no answer came, keeps its
 * key even across a reload; a different decision gets a new one.
 * @param {object} prompt
 * @param {string} body the decision as JSON, without the key
 */
export function idempotencyKey(prompt, body) {
  const { attempt } = loadDraft(prompt);
  if (attempt?.body === body) return attempt.key;
  const key = randomId();
  saveDraft(prompt, { attempt: { key, body } });
  return key;
}
