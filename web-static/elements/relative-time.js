/** `<sb-time datetime="…">`: how long ago, kept right while it stands there. */

import { h, setText } from '../lib/dom.js';
import { absoluteTime, relativeTime } from '../lib/format.js';

const REFRESH_MS = 20_000;

export class RelativeTime extends HTMLElement {
  static observedAttributes = ['datetime'];

  #time = h('time');
  #timer;

  connectedCallback() {
    this.append(this.#time);
    this.#render();
    this.#timer = setInterval(() => this.#render(), REFRESH_MS);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  attributeChangedCallback() {
    this.#render();
  }

  #render() {
    const text = this.getAttribute('datetime') ?? '';
    const date = new Date(text);
    if (Number.isNaN(date.getTime())) {
      setText(this.#time, '');
      return;
    }
    this.#time.setAttribute('datetime', text);
    this.#time.title = absoluteTime(date);
    setText(this.#time, relativeTime(date));
  }
}

customElements.define('sb-time', RelativeTime);
