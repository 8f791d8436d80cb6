/** `<sb-past-prompts>`: the prompts that were open at some time, to be read and not decided. */

import { h, reconcile, replace } from '../lib/dom.js';
import './prompt-card.js';

export class PastPrompts extends HTMLElement {
  #list = h('div', { class: 'prompt-list' });

  connectedCallback() {
    replace(this, h('section', { 'aria-label': 'Prompts that were open then' }, this.#list));
  }

  /** @param {object[]} prompts as the flow's document had them */
  show(prompts) {
    this.hidden = prompts.length === 0;
    // A card shows no older version than it has shown.
    reconcile(this.#list, prompts.map((prompt) => ({ key: `${prompt.id}:${prompt.version}`, prompt })), () => {
      const card = h('sb-prompt-card');
      card.namesFlow = false;
      card.isPast = true;
      return card;
    }, (card, { prompt }) => card.show(prompt));
  }
}

customElements.define('sb-past-prompts', PastPrompts);
