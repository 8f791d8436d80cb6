/** `<sb-changes>`: what differs between two JSON documents, one line for each change. */

import { h, replace } from '../lib/dom.js';
import { brief, count, label, plural } from '../lib/format.js';
import { isContainer } from '../client/json/pointer.js';
import { stringifyExact } from '../client/json/text.js';

const SHOWN = 100;
const SIGNS = { added: '+', removed: '−', changed: '±' };
/** Longer texts are shown on request. */
const BRIEF = 160;

export class ChangeList extends HTMLElement {
  #changes = []; #isWhole = true; #shown = SHOWN;

  /** @param {{changes: object[], isWhole: boolean}} diff of `jsonDiff` */
  show({ changes, isWhole }) {
    this.#changes = changes;
    this.#isWhole = isWhole;
    this.#shown = SHOWN;
    this.#render();
  }

  #render() {
    const rest = this.#changes.length - this.#shown;
    replace(this,
      h('ul', { class: 'changes' }, this.#changes.slice(0, this.#shown).map(row)),
      rest > 0 && h('button', { type: 'button', class: 'quiet small', onClick: () => this.#more() }, `${plural(rest, 'more change')}…`),
      rest <= 0 && !this.#isWhole && h('p', { class: 'muted' }, `Only the first ${count(this.#changes.length)} changes are listed.`));
  }

  #more() {
    this.#shown += SHOWN;
    this.#render();
  }
}

function row({ kind, path, before, after }) {
  return h('li', { class: `change ${kind}`, dataset: { testid: 'change', kind } },
    h('span', { class: 'change-sign', title: label(kind), 'aria-label': label(kind) }, SIGNS[kind]),
    h('span', { class: 'change-path' }, path.length === 0 ? 'all of it' : path.join(' › ')),
    h('span', { class: 'change-values' },
      kind !== 'added' && value('del', before), kind === 'changed' && h('span', { class: 'change-arrow', 'aria-label': 'became' }, '→'),
      kind !== 'removed' && value('ins', after)));
}

function value(tag, json) {
  const text = typeof json === 'string' ? JSON.stringify(json) : stringifyExact(json);
  if (!isContainer(json) && text.length <= BRIEF) return h(tag, {}, text);
  const details = h('details', {}, h('summary', {}, brief(text, BRIEF / 2)));
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) {
      details.append(h('pre', {}, brief(typeof json === 'string' ? json : stringifyExact(json, 2), 20_000)));
    }
  });
  return h(tag, {}, details);
}

customElements.define('sb-changes', ChangeList);
