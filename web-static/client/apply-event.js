/** What one event makes of a stream's document. */

import { applyPatch } from './json/patch.js';

/**
 * The document after an event; the one before is not written to.
 * @param {unknown} document
 * @param {{event?: object, patch?: object[]}} entry an AG-UI event, and what else it changed
 * @param {boolean} isFlow whether the document has its state under `/state`
 * @returns {unknown}
 * @throws when the event does not fit the document
 */
export function applyEvent(document, { event, patch }, isFlow) {
  let next = document;
  if (event?.type === 'STATE_SNAPSHOT') {
    next = isFlow ? { ...document, state: event.snapshot } : event.snapshot;
  } else if (event?.type === 'STATE_DELTA') {
    next = withDelta(document, event.delta, isFlow);
  }
  return patch ? applyPatch(next, patch) : next;
}

function withDelta(document, delta, isFlow) {
  if (!isFlow) return applyPatch(document, delta);
  const state = applyPatch(document.state, delta);
  return state === document.state ? document : { ...document, state };
}
