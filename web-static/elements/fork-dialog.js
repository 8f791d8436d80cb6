/** `<sb-fork-dialog>`: makes a new flow of what a flow was at a position, and leads there. */

import { randomId } from '../client/random-id.js';
import { h, replace, setText } from '../lib/dom.js';
import { count } from '../lib/format.js';
import { call, explain } from '../lib/http.js';
import { routeTo } from '../lib/router.js';

export class ForkDialog extends HTMLElement {
  #from;
  /** A second attempt after an answer that was lost must not make a second flow. */
  #key = randomId();
  #dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'fork-heading' });
  #title = h('input', { type: 'text', id: 'fork-title', maxlength: 200, autocomplete: 'off', dataset: { testid: 'fork-title' } });
  #again = h('input', { type: 'checkbox', id: 'fork-again', dataset: { testid: 'fork-again' } });
  #error = h('p', { class: 'notice error', role: 'alert', hidden: true });
  #submit = h('button', { type: 'submit', class: 'primary', dataset: { testid: 'fork-submit' } }, 'Fork');

  /** @param {{flow: object, at: number}} from the flow as a document has it, and the position */
  constructor(from) {
    super();
    this.#from = from;
  }

  connectedCallback() {
    const { flow, at } = this.#from;
    this.#title.value = flow.title ?? '';
    const form = h('form', {},
      h('h2', { id: 'fork-heading' }, `Fork at #${count(at)}`),
      h('p', {}, 'A new flow begins with the state and the finished steps of this one as they were there, and goes on by itself. '
        + 'This flow stays as it is. Steps that run again do again what they do outside.'),
      this.#error,
      h('div', { class: 'field' }, h('label', { for: 'fork-title' }, 'Title'), this.#title),
      h('div', { class: 'field check' },
        this.#again, h('label', { for: 'fork-again' }, 'Ask again what people have decided')),
      h('div', { class: 'dialog-actions' },
        h('button', { type: 'button', onClick: () => this.#dialog.close() }, 'Cancel'), this.#submit));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#fork();
    });
    form.addEventListener('input', () => { this.#key = randomId(); });
    this.#dialog.addEventListener('close', () => this.remove());
    replace(this.#dialog, form);
    replace(this, this.#dialog);
    this.#dialog.showModal();
  }

  async #fork() {
    const { flow, at } = this.#from;
    this.#error.hidden = true;
    this.#submit.disabled = true;
    try {
      const body = { at, ask_again: this.#again.checked, ...(this.#title.value !== '' && { title: this.#title.value }) };
      const made = await call('POST', `/v1/flows/${encodeURIComponent(flow.id)}/fork`, {
        body, headers: { 'Idempotency-Key': this.#key },
      });
      this.#dialog.close();
      location.hash = routeTo('flows', made.id);
    } catch (error) {
      this.#error.hidden = false;
      setText(this.#error, explain(error));
    } finally {
      this.#submit.disabled = false;
    }
  }
}

customElements.define('sb-fork-dialog', ForkDialog);
