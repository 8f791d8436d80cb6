/** `<sb-past-notice>`: says that what is shown was, or that what was is no longer known. Fires `travel`. */

import { h, replace } from '../lib/dom.js';
import { count } from '../lib/format.js';
import { explain } from '../lib/http.js';

export class PastNotice extends HTMLElement {
  #shown;

  connectedCallback() {
    this.setAttribute('role', 'status');
    this.dataset.testid = 'past-notice';
  }

  /**
   * @param {{at: number, last: number, problem?: Error}|undefined} where the position, and why it cannot be shown
   */
  show(where) {
    this.hidden = where === undefined;
    const text = where && textOf(where);
    if (text === this.#shown) return;
    this.#shown = text;
    if (text === undefined) return;
    const first = where.problem?.problem?.first_seq;
    this.className = `notice ${where.problem ? 'warning' : 'past'}`;
    replace(this, h('span', {}, text),
      first !== undefined && h('button', { type: 'button', class: 'small', onClick: () => this.#go(first) }, `Go to #${count(first)}`),
      where.problem && h('button', { type: 'button', class: 'small', onClick: () => this.#go(undefined) }, 'Back to live'));
  }

  #go(at) {
    this.dispatchEvent(new CustomEvent('travel', { detail: { at } }));
  }
}

function textOf({ at, last, problem }) {
  const place = `#${count(at)}`;
  if (!problem) return `This is how it was at ${place}. Nothing here can be decided; live goes on.`;
  if (problem.code === 'history_gone') {
    return `What this flow was at ${place} is no longer kept: its history is known from #${count(problem.problem.first_seq)} on.`;
  }
  if (problem.status === 400) return `This flow has not come to ${place} yet: it is at #${count(last)}.`;
  return `What this flow was at ${place} cannot be shown: ${explain(problem)}`;
}

customElements.define('sb-past-notice', PastNotice);
