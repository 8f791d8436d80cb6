/** `<sb-connection>`: the state of the live connection, always in sight, with "try now" while it waits. */

import { h, replace } from '../lib/dom.js';
import { session } from '../lib/session.js';

const STATES = {
  idle: { state: 'offline', text: 'Offline' },
  connecting: { state: 'connecting', text: 'Connecting…' },
  online: { state: 'online', text: 'Online' },
  degraded: { state: 'degraded', text: 'Online, but changes have to wait' },
  offline: { state: 'offline', text: 'Offline' },
  refused: { state: 'offline', text: 'Connection refused' },
  'signed-out': { state: 'signed-out', text: 'Signed out' },
};

export class ConnectionState extends HTMLElement {
  #label = h('span', { role: 'status' });
  #countdown = h('span', { class: 'countdown' });
  #retry = h('button', { type: 'button', class: 'quiet small', onClick: () => session.client.reconnectNow() }, 'Try now');
  #timer;

  connectedCallback() {
    this.dataset.testid = 'connection-state';
    replace(this, h('span', { class: 'dot', 'aria-hidden': 'true' }), this.#label, this.#countdown, this.#retry);
    session.client.addEventListener('state', this.#render);
    this.#render();
  }

  disconnectedCallback() {
    session.client.removeEventListener('state', this.#render);
    clearInterval(this.#timer);
  }

  #render = () => {
    const { state } = session.client;
    const isDegraded = state === 'online' && session.client.session?.service === 'degraded';
    const { state: shown, text } = STATES[isDegraded ? 'degraded' : state];
    this.dataset.state = shown;
    this.#label.textContent = text;
    this.#retry.hidden = state !== 'offline' && state !== 'refused';
    clearInterval(this.#timer);
    if (state === 'offline') this.#timer = setInterval(() => this.#tick(), 500);
    this.#tick();
  };

  /** The seconds stand outside the live region: nobody wants them read out one by one. */
  #tick() {
    const { state, retryAt, reason } = session.client;
    const seconds = Math.max(0, Math.ceil(((retryAt ?? 0) - Date.now()) / 1000));
    const waiting = seconds > 0 ? `reconnecting in ${seconds} s` : 'reconnecting…';
    this.#countdown.textContent = (state === 'offline' && waiting) || (state === 'refused' && reason) || '';
  }
}

customElements.define('sb-connection', ConnectionState);
