/**
 * `<sb-flow-diff>`: what changed of a flow between two positions, and what happened in between. The second one is what
 * the page shows. Fires `from` with another first position, `travel` with another second one and `close`.
 */

import { h, replace, setText } from '../lib/dom.js';
import { count, plural } from '../lib/format.js';
import { explain } from '../lib/http.js';
import { jsonDiff } from '../lib/json-diff.js';
import './change-list.js';
import './event-timeline.js';

/** Events in between that are listed, the last ones. */
const EVENTS = 200;

export class FlowDiff extends HTMLElement {
  #past; #wanted; #shown; #isBusy = false;
  #from = position('Compare from position', 'diff-from', (seq) => this.#fire('from', { from: seq }));
  #to = position('to position', 'diff-to', (seq) => this.#fire('travel', { at: seq }));
  #summary = h('p', { class: 'diff-summary', role: 'status', dataset: { testid: 'diff-summary' } });
  #state = h('sb-changes');
  #flow = h('sb-changes');
  #flowPart = h('div', {}, h('h3', {}, 'Status, steps and prompts'), this.#flow);
  #statePart = h('div', {}, h('h3', {}, 'State'), this.#state);
  #events = h('sb-timeline');
  #eventsPart = h('details', {}, h('summary', {}, 'What happened in between'), this.#events);

  connectedCallback() {
    this.classList.add('panel', 'flow-diff');
    this.#events.showOnly([]);
    replace(this,
      h('div', { class: 'diff-head' },
        h('h2', {}, 'Differences'),
        h('div', { class: 'diff-range' },
          h('label', {}, 'from # ', this.#from), h('label', {}, 'to # ', this.#to),
          h('button', { type: 'button', class: 'small', onClick: () => this.#swap() }, 'Swap')),
        h('button', { type: 'button', class: 'small quiet', dataset: { testid: 'diff-close' }, onClick: () => this.#fire('close') }, 'Close')),
      this.#summary, this.#statePart, this.#flowPart, this.#eventsPart);
  }

  /**
   * @param {import('../lib/flow-past.js').FlowPast} past
   * @param {number} from the first position
   * @param {{seq: number, document: object}} to the second one, with what was there
   * @param {{first: number, last: number}} range of the positions that can be compared
   */
  show(past, from, to, { first, last }) {
    this.#past = past;
    for (const input of [this.#from, this.#to]) Object.assign(input, { min: first, max: last });
    if (document.activeElement !== this.#from) this.#from.value = from;
    if (document.activeElement !== this.#to) this.#to.value = to.seq;
    this.#wanted = { from, to };
    if (!this.#isBusy) this.#compare();
  }

  /** While two documents are being compared, of all that are wanted only the last ones are compared next. */
  async #compare() {
    this.#isBusy = true;
    while (this.#wanted && !this.#isShown(this.#wanted)) {
      const { from, to } = this.#wanted;
      this.#shown = this.#wanted;
      try {
        // Both have the same beginning in time, whichever way they are compared.
        const [low, high] = [Math.min(from, to.seq), Math.max(from, to.seq)];
        const [before, events] = await Promise.all([
          this.#past.document(from), this.#past.events(Math.max(low, high - EVENTS), high),
        ]);
        this.#render(before, to.document, events, high - low);
      } catch (error) {
        setText(this.#summary, error.code === 'history_gone'
          ? `What the flow was at #${count(from)} is no longer kept. It is known from #${count(error.problem.first_seq)} on.`
          : explain(error));
        for (const part of [this.#statePart, this.#flowPart, this.#eventsPart]) part.hidden = true;
      }
    }
    this.#isBusy = false;
  }

  #isShown({ from, to }) {
    return this.#shown?.from === from && this.#shown.to.seq === to.seq && this.#shown.to.document === to.document;
  }

  #render(before, after, events, between) {
    const state = jsonDiff(before.state, after.state);
    const flow = jsonDiff(outside(before), outside(after));
    this.#state.show(state);
    this.#flow.show(flow);
    this.#events.showOnly(events);
    this.#statePart.hidden = state.changes.length === 0;
    this.#flowPart.hidden = flow.changes.length === 0;
    this.#eventsPart.hidden = between === 0;
    const amount = ({ changes, isWhole }, of) => `${isWhole ? '' : 'more than '}${plural(changes.length, 'change')} of the ${of}`;
    const same = state.changes.length + flow.changes.length === 0;
    setText(this.#summary, [
      same ? 'Nothing is different' : `${amount(state, 'state')}, ${amount(flow, 'flow')}`, `${plural(between, 'event')} in between`,
    ].join(' · '));
  }

  #swap() {
    const { from, to } = this.#wanted;
    this.#fire('from', { from: to.seq });
    this.#fire('travel', { at: from });
  }

  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** What can differ beside the state. */
function outside({ flow: { graph, run_id: run, ...flow }, prompts }) {
  // Of a step only one prompt is open.
  return { ...flow, prompts: Object.fromEntries(prompts.map(({ title, step, status, claim }) => [`${title} (${step})`, { status, claim }])) };
}

function position(name, testid, onChange) {
  const input = h('input', { type: 'number', step: 1, inputmode: 'numeric', 'aria-label': name, dataset: { testid } });
  input.addEventListener('change', () => input.value !== '' && input.checkValidity() && onChange(Number(input.value)));
  return input;
}

customElements.define('sb-flow-diff', FlowDiff);
