/** `<sb-toasts>`: short messages in a live region. They go by themselves, errors after longer. */

import { h } from '../lib/dom.js';

const SHOW_MS = { info: 6_000, success: 6_000, error: 12_000 };

export class ToastList extends HTMLElement {
  connectedCallback() {
    this.setAttribute('role', 'status');
    this.setAttribute('aria-live', 'polite');
  }

  /** @param {string} text @param {'info'|'success'|'error'} kind */
  show(text, kind) {
    const toast = h('div', { class: `toast ${kind}` },
      h('span', {}, text),
      h('button', { type: 'button', class: 'quiet icon', 'aria-label': 'Dismiss', onClick: () => toast.remove() }, '×'));
    this.append(toast);
    setTimeout(() => toast.remove(), SHOW_MS[kind]);
  }
}

customElements.define('sb-toasts', ToastList);

/** Shows a message wherever the page keeps its toasts. */
export function toast(text, kind = 'info') {
  document.querySelector('sb-toasts')?.show(text, kind);
}
