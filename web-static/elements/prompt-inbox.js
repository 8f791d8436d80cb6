/** `<sb-inbox>`: what waits for this person; the chosen prompt beside (on a phone: instead of) the list. */

import { h, oncePerFrame, reconcile, replace, setAttribute, setText } from '../lib/dom.js';
import { label, plural } from '../lib/format.js';
import { call, explain } from '../lib/http.js';
import { lamp } from '../lib/lamp.js';
import { KIND_LABELS, isOpen, names } from '../lib/prompt-rules.js';
import { routeTo } from '../lib/router.js';
import { session } from '../lib/session.js';
import './prompt-card.js';
import './relative-time.js';

export class PromptInbox extends HTMLElement {
  #subscription; #items; #selected; #card; #asked;
  #summary = h('p', { class: 'muted', role: 'status' });
  #list = h('ul', { class: 'rows inbox-list' });
  #empty = h('div', { class: 'empty' });
  #detail = h('div', { class: 'inbox-detail' });
  #schedule = oncePerFrame(() => this.#render());

  connectedCallback() {
    replace(this, h('section', { class: 'page inbox' },
      h('div', { class: 'page-head' }, h('div', {}, h('h1', { tabindex: '-1' }, 'Inbox'), this.#summary)),
      h('div', { class: 'inbox-columns' }, h('div', { class: 'inbox-side' }, this.#list, this.#empty), this.#detail)));
    this.#subscription = session.client.subscribe('prompts', {
      onDocument: (document) => {
        this.#items = document.items ?? {};
        this.#schedule();
      },
      onStatus: ({ error }) => error && setText(this.#summary, `The inbox cannot be shown: ${error.message}`),
    });
    this.select(this.getAttribute('prompt-id') ?? undefined);
  }

  disconnectedCallback() {
    this.#subscription.close();
  }

  /** Shows a prompt; undefined goes back to the list. */
  select(id) {
    document.title = 'Inbox · Signalbox';
    this.#selected = id;
    this.#card = undefined;
    this.#asked = false;
    this.classList.toggle('has-selection', id !== undefined);
    replace(this.#detail, id === undefined && h('p', { class: 'muted inbox-hint' }, 'Choose a prompt to decide it.'));
    this.#render();
  }

  #render() {
    if (!this.#items) {
      setText(this.#summary, 'Loading…');
      return;
    }
    const open = Object.values(this.#items).filter(isOpen)
      .sort((a, b) => (a.created_at ?? '').localeCompare(b.created_at ?? '') || a.id.localeCompare(b.id));
    setText(this.#summary, open.length === 0 ? 'Nothing waits for you.' : `${plural(open.length, 'decision')} waiting, oldest first`);
    setText(this.#empty, 'All clear. New questions appear here by themselves.');
    this.#empty.hidden = open.length > 0;
    reconcile(this.#list, open.map((prompt) => ({ key: prompt.id, prompt })), createRow, (row, { prompt }) => {
      row.update(prompt);
      setAttribute(row.firstElementChild, 'aria-current', prompt.id === this.#selected ? 'true' : undefined);
    });
    this.#showSelected();
  }

  #showSelected() {
    if (this.#selected === undefined) return;
    const prompt = this.#items[this.#selected];
    if (prompt) {
      this.#asked = false;
      this.#show(prompt);
    } else if (!this.#asked && !['decided', 'expired', 'cancelled', 'superseded'].includes(this.#card?.dataset.status)) {
      this.#asked = true;
      this.#fetchSelected();
    }
  }

  #show(prompt) {
    if (!this.#card) {
      this.#card = h('sb-prompt-card');
      replace(this.#detail, back(), this.#card);
    }
    this.#card.show(prompt);
  }

  /** The prompt left the inbox (decided, expired …) or was never in it: show how it stands now. */
  async #fetchSelected() {
    const id = this.#selected;
    try {
      const prompt = await call('GET', `/v1/prompts/${encodeURIComponent(id)}`);
      if (id === this.#selected) this.#show(prompt);
    } catch (error) {
      if (id !== this.#selected || this.#card) return;
      replace(this.#detail, back(), h('p', { class: 'notice warning' }, explain(error)));
    }
  }
}

function back() {
  return h('a', { class: 'back', href: '#/inbox' }, '← All prompts');
}

function createRow() {
  const parts = { title: h('span', { class: 'row-title' }), detail: h('span', { class: 'row-detail' }), time: h('sb-time') };
  const anchor = h('a', { class: 'row' }, h('span', { class: 'row-lamp' }, lamp('open')),
    h('span', { class: 'row-text' }, parts.title, parts.detail), parts.time);
  const element = h('li', {}, anchor);
  element.update = (prompt) => {
    setAttribute(anchor, 'href', routeTo('inbox', prompt.id));
    setText(parts.title, prompt.title ?? label(prompt.step ?? 'Decision needed'));
    const claim = prompt.claim && `claimed by ${names([prompt.claim.by], session.user)}`;
    const kind = KIND_LABELS[prompt.kind] ?? prompt.kind;
    setText(parts.detail, [prompt.flow_title, kind, prompt.step && label(prompt.step), claim].filter(Boolean).join(' · '));
    setAttribute(parts.time, 'datetime', prompt.created_at);
  };
  return element;
}

customElements.define('sb-inbox', PromptInbox);
