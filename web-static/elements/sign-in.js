/** `<sb-sign-in>`: tenant, email, password. */

import { h } from '../lib/dom.js';
import { explain } from '../lib/http.js';
import { session } from '../lib/session.js';
import { logo } from '../lib/logo.js';

const TENANT_KEY = 'signalbox:tenant';

export class SignIn extends HTMLElement {
  #error = h('p', { class: 'notice error', role: 'alert', hidden: true });
  #tenant = field('login-tenant', { autocomplete: 'organization', autocapitalize: 'none', spellcheck: 'false' });
  #email = field('login-email', { type: 'email', autocomplete: 'username' });
  #password = field('login-password', { type: 'password', autocomplete: 'current-password' });
  #submit = h('button', { type: 'submit', class: 'primary', dataset: { testid: 'login-submit' } }, 'Sign in');

  connectedCallback() {
    document.title = 'Sign in · Signalbox';
    this.#tenant.value = localStorage.getItem(TENANT_KEY) ?? '';
    const form = h('form', { class: 'sign-in panel', novalidate: true },
      h('div', { class: 'sign-in-head' }, logo(), h('h1', {}, 'Signalbox')),
      h('p', { class: 'muted' }, 'Live state and human approvals for agent flows.'),
      this.#error,
      row('Tenant', this.#tenant), row('Email', this.#email), row('Password', this.#password),
      this.#submit,
      h('p', { class: 'field-hint' }, 'Trying it out? ', h('code', {}, 'make run'), ' prints the demo logins.'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#signIn();
    });
    this.append(h('main', { id: 'main', class: 'sign-in-page', tabindex: '-1' }, form));
    (this.#tenant.value ? this.#email : this.#tenant).focus();
  }

  async #signIn() {
    const empty = [this.#tenant, this.#email, this.#password].find((input) => input.value.trim() === '');
    if (empty) {
      this.#fail('Fill in tenant, email and password.', empty);
      return;
    }
    this.#error.hidden = true;
    this.#submit.disabled = true;
    this.#submit.textContent = 'Signing in…';
    try {
      await session.signIn(this.#tenant.value.trim(), this.#email.value.trim(), this.#password.value);
      localStorage.setItem(TENANT_KEY, this.#tenant.value.trim());
    } catch (error) {
      const text = error.status === 401 ? 'Tenant, email and password do not fit together.' : explain(error);
      this.#fail(text, error.status === 401 ? this.#password : undefined);
    } finally {
      this.#submit.disabled = false;
      this.#submit.textContent = 'Sign in';
    }
  }

  #fail(text, input) {
    this.#error.textContent = text;
    this.#error.hidden = false;
    input?.focus();
  }
}

function field(testid, attributes) {
  return h('input', { type: 'text', required: true, id: testid, dataset: { testid }, ...attributes });
}

function row(label, input) {
  return h('div', { class: 'field' }, h('label', { for: input.id }, label), input);
}

customElements.define('sb-sign-in', SignIn);
