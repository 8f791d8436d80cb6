/** `<sb-timeline>`: the flow's events, newest first, filtered; memory and DOM are bounded. */

import { h, oncePerFrame, reconcile, replace, setText } from '../lib/dom.js';
import { stringifyExact } from '../client/json/text.js';
import { brief, clockTime, absoluteTime, label, plural } from '../lib/format.js';

const KEPT = 1_000;
const SHOWN = 200;
const GROUPS = {
  '': { label: 'All events', fits: () => true },
  steps: { label: 'Steps', fits: (type) => type.startsWith('STEP_') },
  runs: { label: 'Runs', fits: (type) => type.startsWith('RUN_') },
  state: { label: 'State', fits: (type) => type.startsWith('STATE_') },
  messages: { label: 'Messages and tools', fits: (type) => /^(TEXT_|TOOL_|REASONING_|MESSAGES_|ACTIVITY_)/.test(type) },
  custom: { label: 'Custom', fits: (type) => type === 'CUSTOM' || type === 'RAW' },
};

export class EventTimeline extends HTMLElement {
  /** Events by seq; insertion order does not matter, history may arrive after live events. */
  #events = new Map();
  #group = h('select', { 'aria-label': 'Kind of event' },
    Object.entries(GROUPS).map(([value, group]) => h('option', { value }, group.label)));
  #search = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter events' });
  #list = h('ol', { class: 'timeline' });
  #note = h('p', { class: 'muted' });
  #schedule = oncePerFrame(() => this.#render());

  connectedCallback() {
    replace(this, h('div', { class: 'toolbar' }, this.#group, this.#search), this.#list, this.#note);
    this.#group.addEventListener('change', this.#schedule);
    this.#search.addEventListener('input', this.#schedule);
    this.#render();
  }

  /** @param {Array<{seq: number, event: object}>} entries in any order; known ones are ignored */
  add(entries) {
    for (const { seq, event } of entries) {
      if (event?.type && !this.#events.has(seq)) this.#events.set(seq, event);
    }
    if (this.#events.size > KEPT) {
      const oldest = [...this.#events.keys()].sort((a, b) => a - b).slice(0, this.#events.size - KEPT);
      oldest.forEach((seq) => this.#events.delete(seq));
    }
    this.#schedule();
  }

  #render() {
    const { fits } = GROUPS[this.#group.value];
    const text = this.#search.value.trim().toLowerCase();
    const found = [...this.#events]
      .sort(([a], [b]) => b - a)
      .filter(([, event]) => fits(event.type))
      .filter(([seq, event]) => text === '' || `${seq} ${event.type} ${stepOf(event)} ${describe(event)}`.toLowerCase().includes(text));
    reconcile(this.#list, found.slice(0, SHOWN).map(([seq, event]) => ({ key: String(seq), event })), createRow, () => {});
    setText(this.#note, noteFor(this.#events.size, found.length));
  }
}

function noteFor(known, found) {
  if (known === 0) return 'No events yet.';
  if (found === 0) return 'No event fits this filter.';
  return found > SHOWN ? `The newest ${SHOWN} of ${plural(found, 'event')}.` : '';
}

function createRow({ key, event }) {
  const date = typeof event.timestamp === 'number' ? new Date(event.timestamp) : undefined;
  const details = h('details', {}, h('summary', {},
    h('span', { class: 'event-seq' }, key),
    h('span', { class: `event-type group-${event.type.split('_')[0].toLowerCase()}` }, event.type),
    h('span', { class: 'event-text' }, describe(event)),
    date && h('time', { class: 'event-time', datetime: date.toISOString(), title: absoluteTime(date) }, clockTime(date))));
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) details.append(h('pre', {}, brief(stringifyExact(event, 2), 20_000)));
  });
  return h('li', {}, details);
}

function stepOf(event) {
  return event.stepName ?? event.metadata?.signalbox?.step ?? event.value?.step ?? '';
}

function describe(event) {
  switch (event.type) {
    case 'STATE_DELTA': {
      const paths = [...new Set((event.delta ?? []).map(({ path }) => path))];
      return paths.slice(0, 3).join(', ') + (paths.length > 3 ? ` and ${paths.length - 3} more` : '');
    }
    case 'RUN_FINISHED': return label(event.outcome?.type ?? 'success');
    case 'RUN_ERROR': return event.message ?? '';
    case 'CUSTOM': return [event.name, stepOf(event)].filter(Boolean).join(' · ');
    case 'TEXT_MESSAGE_CONTENT': return brief(event.delta ?? '', 120);
    case 'TOOL_CALL_START': return event.toolCallName ?? '';
    default: return stepOf(event);
  }
}

customElements.define('sb-timeline', EventTimeline);
