/** `<sb-theme-toggle>`: a button between light and dark. */

import { h, replace, svg } from '../lib/dom.js';
import { currentTheme, toggleTheme } from '../lib/theme.js';

const ICONS = {
  light: 'M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM12 1v3M12 20v3M1 12h3M20 12h3'
    + 'M4.2 4.2l2.1 2.1M17.7 17.7l2.1 2.1M4.2 19.8l2.1-2.1M17.7 6.3l2.1-2.1',
  dark: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
};

export class ThemeToggle extends HTMLElement {
  #button = h('button', { type: 'button', class: 'quiet icon', onClick: toggleTheme });
  #render = () => {
    const other = currentTheme() === 'dark' ? 'light' : 'dark';
    this.#button.setAttribute('aria-label', `Use the ${other} theme`);
    this.#button.title = `Use the ${other} theme`;
    replace(this.#button, svg('svg', { class: 'line-icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' },
      svg('path', { d: ICONS[other] })));
  };

  connectedCallback() {
    this.append(this.#button);
    document.addEventListener('themechange', this.#render);
    this.#render();
  }

  disconnectedCallback() {
    document.removeEventListener('themechange', this.#render);
  }
}

customElements.define('sb-theme-toggle', ThemeToggle);
