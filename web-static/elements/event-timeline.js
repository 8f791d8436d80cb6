/** `<sb-timeline>`: the flow's events, newest first, filtered; memory and DOM are bounded. */

import { h, oncePerFrame, reconcile, replace, setText } from '../lib/dom.js';
import { stringifyExact } from '../client/json/text.js';
import { EVENT_GROUPS, describe, stepOf, timeOf } from '../lib/event-text.js';
import { brief, clockTime, absoluteTime, count, plural } from '../lib/format.js';

const KEPT = 1_000;
/** Rows at first, and with each request for more. */
const SHOWN = 60;

export class EventTimeline extends HTMLElement {
  /** Events by seq; insertion order does not matter, history may arrive after live events. */
  #events = new Map();
  /** What is shown in place of them. */
  #past; #link = () => undefined;
  #shown = SHOWN;
  #group = h('select', { 'aria-label': 'Kind of event' },
    Object.entries(EVENT_GROUPS).map(([value, group]) => h('option', { value }, group.label)));
  #search = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter events' });
  #list = h('ol', { class: 'timeline' });
  #note = h('span', { class: 'muted' });
  #more = h('button', { type: 'button', class: 'quiet small', onClick: () => this.#showMore() }, 'Show more');
  #schedule = oncePerFrame(() => this.#render());

  connectedCallback() {
    replace(this, h('div', { class: 'toolbar' }, this.#group, this.#search), this.#list, h('p', { class: 'timeline-foot' }, this.#note, this.#more));
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

  /** Makes the positions links. @param {(seq: number) => string|undefined} link */
  set link(link) {
    this.#link = link;
  }

  /**
   * Shows these events in place of those that were added; nothing goes back to those.
   * @param {Array<{seq: number, event: object}>|undefined} entries
   */
  showOnly(entries) {
    this.#past = entries && new Map(entries.map(({ seq, event }) => [seq, event]));
    this.#schedule();
  }

  #render() {
    const events = this.#past ?? this.#events;
    const { fits } = EVENT_GROUPS[this.#group.value];
    const text = this.#search.value.trim().toLowerCase();
    const found = [...events]
      .sort(([a], [b]) => b - a)
      .filter(([, event]) => fits(event.type))
      .filter(([seq, event]) => text === '' || `${seq} ${event.type} ${stepOf(event)} ${describe(event)}`.toLowerCase().includes(text));
    // What was is gone through quickly: rows are written anew there, while each live event keeps its own.
    const rows = found.slice(0, this.#shown)
      .map(([seq, event], place) => ({ key: this.#past ? `row ${place}` : String(seq), seq, event }));
    reconcile(this.#list, rows, () => h('li'), (row, item) => this.#write(row, item));
    setText(this.#note, noteFor(events.size, found.length, this.#shown));
    this.#more.hidden = found.length <= this.#shown;
  }

  #write(row, { seq, event }) {
    if (row.dataset.seq === String(seq)) return;
    row.dataset.seq = seq;
    replace(row, createRow(seq, event, this.#link(seq)));
  }

  #showMore() {
    this.#shown += SHOWN;
    this.#schedule();
  }
}

function noteFor(known, found, shown) {
  if (known === 0) return 'No events yet.';
  if (found === 0) return 'No event fits this filter.';
  return found > shown ? `The newest ${shown} of ${plural(found, 'event')}.` : '';
}

function createRow(seq, event, href) {
  const date = timeOf(event);
  const details = h('details', {}, h('summary', {},
    href ? h('a', { class: 'event-seq', href, title: `Go to #${count(seq)}` }, seq) : h('span', { class: 'event-seq' }, seq),
    h('span', { class: `event-type group-${event.type.split('_')[0].toLowerCase()}` }, event.type),
    h('span', { class: 'event-text' }, describe(event)),
    date && h('time', { class: 'event-time', datetime: date.toISOString(), title: absoluteTime(date) }, clockTime(date))));
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) details.append(h('pre', {}, brief(stringifyExact(event, 2), 20_000)));
  });
  return details;
}

customElements.define('sb-timeline', EventTimeline);
