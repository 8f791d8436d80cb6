/** `<sb-app>`: signed in or not, navigation, and the page the address names. */

import { h, oncePerFrame, replace } from '../lib/dom.js';
import { explain } from '../lib/http.js';
import { logo } from '../lib/logo.js';
import { parseRoute } from '../lib/router.js';
import { isOpen } from '../lib/prompt-rules.js';
import { session } from '../lib/session.js';
import './asset-list.js';
import './connection-state.js';
import './flow-list.js';
import './flow-page.js';
import './prompt-inbox.js';
import './sign-in.js';
import './theme-toggle.js';
import { toast } from './toast-list.js';

const RETRY_MS = 2_000;

export class AppShell extends HTMLElement {
  #main; #badge; #links; #inbox; #page;

  async connectedCallback() {
    session.addEventListener('change', ({ detail }) => {
      if (detail?.ended) toast('You are signed out.');
      this.#render();
    });
    globalThis.addEventListener('hashchange', () => this.#route(true));
    await this.#restore();
  }

  async #restore() {
    try {
      if (!await session.restore()) this.#render();
    } catch (error) {
      replace(this, h('p', { class: 'boot', role: 'status' }, `${explain(error)} Trying again…`));
      setTimeout(() => this.#restore(), RETRY_MS);
    }
  }

  #render() {
    this.#inbox?.close();
    this.#inbox = undefined;
    this.#page = undefined;
    if (!session.user) {
      replace(this, h('sb-sign-in'));
      return;
    }
    this.#main = h('main', { id: 'main', tabindex: '-1' });
    replace(this, h('a', { class: 'skip', href: '#main', onClick: (event) => this.#skip(event) }, 'Skip to the content'),
      this.#header(), this.#main);
    this.#followInbox();
    this.#route(false);
  }

  #header() {
    this.#badge = h('span', { class: 'badge', hidden: true });
    this.#links = {
      flows: link('flows', 'Flows'), inbox: link('inbox', 'Inbox', this.#badge), assets: link('assets', 'Assets'),
    };
    const { name, tenant, roles } = session.user;
    const signOut = h('button', {
      type: 'button', class: 'quiet', dataset: { testid: 'sign-out' },
      onClick: () => session.signOut().catch((error) => toast(explain(error), 'error')),
    }, 'Sign out');
    return h('header', { class: 'shell-head' },
      h('a', { class: 'brand', href: '#/flows', 'aria-label': 'Signalbox, to the flows' }, logo(), h('span', {}, 'Signalbox')),
      h('nav', { 'aria-label': 'Main' }, Object.values(this.#links)),
      h('div', { class: 'shell-tools' },
        h('sb-connection'),
        h('span', { class: 'who', title: `Roles: ${roles.join(', ')}` },
          h('span', { class: 'who-name' }, name), h('span', { class: 'who-tenant' }, tenant)),
        h('sb-theme-toggle'), signOut));
  }

  #followInbox() {
    const show = oncePerFrame(() => {
      const open = Object.values(session.inbox).filter(isOpen).length;
      this.#badge.textContent = String(open);
      this.#badge.hidden = open === 0;
      this.#links.inbox.setAttribute('aria-label', open === 0 ? 'Inbox' : `Inbox, ${open} waiting`);
    });
    this.#inbox = session.client.subscribe('prompts', {
      onDocument: (document) => {
        session.inbox = document.items ?? {};
        show();
      },
    });
  }

  #route(moved) {
    if (!session.user) return;
    const route = parseRoute(location.hash);
    for (const [page, anchor] of Object.entries(this.#links)) {
      if (page === route.page) anchor.setAttribute('aria-current', 'page');
      else anchor.removeAttribute('aria-current');
    }
    // The inbox keeps its list while the reader goes from prompt to prompt.
    if (route.page === 'inbox' && this.#page?.localName === 'sb-inbox') {
      this.#page.select(route.id);
      return;
    }
    // Another position of the same flow: live goes on underneath.
    if (route.page === 'flows' && this.#page?.localName === 'sb-flow-page' && this.#page.getAttribute('flow-id') === route.id) {
      this.#page.visit(route.query);
      return;
    }
    this.#page = pageFor(route);
    replace(this.#main, this.#page);
    if (this.#page.localName === 'sb-flow-page') this.#page.visit(route.query);
    if (!moved) return;
    globalThis.scrollTo(0, 0);
    (this.#main.querySelector('h1') ?? this.#main).focus();
  }

  /** The address holds the route, so the link cannot work by its fragment. */
  #skip(event) {
    event.preventDefault();
    this.#main.focus();
  }
}

function link(page, text, badge) {
  return h('a', { href: `#/${page}`, dataset: { testid: `nav-${page}` } }, text, badge);
}

function pageFor({ page, id, query }) {
  switch (page) {
    case 'flows': return id ? h('sb-flow-page', { 'flow-id': id }) : h('sb-flow-list');
    case 'inbox': return h('sb-inbox', { 'prompt-id': id });
    case 'assets': return h('sb-assets', { flow: query.get('flow') });
    default: return h('section', { class: 'page' }, h('h1', { tabindex: '-1' }, 'No such page'),
      h('p', {}, h('a', { href: '#/flows' }, 'Go to the flows')));
  }
}

customElements.define('sb-app', AppShell);
