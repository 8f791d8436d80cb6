/** `<sb-flow-progress>`: how far a flow says it is. */

import { h, replace, setAttribute, setText } from '../lib/dom.js';
import { count } from '../lib/format.js';

export class FlowProgress extends HTMLElement {
  #bar = h('progress', { max: 1 });
  #text = h('span');

  connectedCallback() {
    this.classList.add('flow-progress');
    replace(this, this.#bar, this.#text);
  }

  /** @param {{done: number, total: number, unit?: string}|undefined} progress @param {boolean} isOver the flow has ended */
  show(progress, isOver) {
    const known = typeof progress?.done === 'number';
    this.hidden = !known || progress.done >= progress.total || isOver;
    if (!known) return;
    const { done, total, unit = '' } = progress;
    setAttribute(this.#bar, 'value', total > 0 ? Math.min(1, done / total) : undefined);
    setAttribute(this.#bar, 'aria-label', `Progress, ${unit}`);
    setText(this.#text, total > 0
      ? `${count(done)} of ${count(total)} ${unit} · ${Math.floor((100 * Math.min(done, total)) / total)} %`
      : `${count(done)} ${unit}`);
  }
}

customElements.define('sb-flow-progress', FlowProgress);
