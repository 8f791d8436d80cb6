/** `<sb-flow-prompts>`: a flow's open prompts with their forms, and what became of the earlier ones. */

import { h, reconcile, replace, setText } from '../lib/dom.js';
import { call } from '../lib/http.js';
import { isOpen } from '../lib/prompt-rules.js';
import './prompt-card.js';

export class FlowPrompts extends HTMLElement {
  #flow;
  /** Every prompt seen, by id: the flow's document need not keep those that are decided. */
  #known = new Map();
  #asked = new Set();
  #openList = h('div', { class: 'prompt-list' });
  #openSection = h('section', { 'aria-label': 'Open prompts', hidden: true }, this.#openList);
  #pastCount = h('summary', {});
  #pastList = h('div', { class: 'prompt-list' });
  #pastSection = h('details', { class: 'past-prompts', hidden: true }, this.#pastCount, this.#pastList);

  connectedCallback() {
    replace(this, this.#openSection, this.#pastSection);
    this.addEventListener('decided', ({ detail }) => this.#take([detail]));
  }

  /** @param {string} flow id @param {object[]} prompts as the flow's document has them */
  show(flow, prompts) {
    if (this.#flow === undefined) {
      this.#flow = flow;
      this.#fetchPast();
    }
    const present = new Set(prompts.map(({ id }) => id));
    for (const prompt of this.#known.values()) {
      if (isOpen(prompt) && !present.has(prompt.id)) this.#fetch(prompt);
    }
    this.#take(prompts);
  }

  #take(prompts) {
    for (const prompt of prompts) {
      const known = this.#known.get(prompt.id);
      if (!known || known.version <= prompt.version) this.#known.set(prompt.id, prompt);
    }
    const all = [...this.#known.values()].sort((a, b) => (a.created_at ?? '').localeCompare(b.created_at ?? ''));
    const open = all.filter(isOpen);
    const past = all.filter((prompt) => !isOpen(prompt)).reverse();
    fill(this.#openList, open);
    fill(this.#pastList, past);
    this.#openSection.hidden = open.length === 0;
    this.#pastSection.hidden = past.length === 0;
    setText(this.#pastCount, `Earlier prompts (${past.length})`);
  }

  /** An open prompt that left the document was answered: by whom and how is a question of its own. */
  async #fetch({ id, version }) {
    const key = `${id}:${version}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    try {
      this.#take([await call('GET', `/v1/prompts/${encodeURIComponent(id)}`)]);
    } catch {
      this.#known.delete(id);
      this.#take([]);
    }
  }

  async #fetchPast() {
    try {
      const { items } = await call('GET', `/v1/prompts?flow=${encodeURIComponent(this.#flow)}&limit=100`);
      this.#take(items.filter((prompt) => prompt.flow_id === this.#flow && !isOpen(prompt)));
    } catch {
      // The open prompts came with the document; without the past ones the page is still whole.
    }
  }
}

function fill(list, prompts) {
  reconcile(list, prompts.map((prompt) => ({ key: prompt.id, prompt })), () => {
    const card = h('sb-prompt-card');
    card.namesFlow = false;
    return card;
  }, (card, { prompt }) => card.show(prompt));
}

customElements.define('sb-flow-prompts', FlowPrompts);
