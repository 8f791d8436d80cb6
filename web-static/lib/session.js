/**
 * Who is signed in, shared by all parts of the page and, by a broadcast, by all its tabs.
 */

import { SignalboxClient } from '../signalbox.js';
import { ApiError, call, httpEvents } from './http.js';

class Session extends EventTarget {
  /** @type {{id: string, email: string, name: string, tenant: string, roles: string[]}|undefined} */
  user = undefined;
  /** @type {Record<string, object>} prompts this user may decide, by id, as the inbox stream has them */
  inbox = {};
  /** The one live connection of all tabs in which this user is signed in. */
  client = new SignalboxClient({
    isSignedIn: () => this.#isSignedIn(), shared: () => `${this.user?.tenant} ${this.user?.id}`,
  });

  #channel = new BroadcastChannel('signalbox-session');

  constructor() {
    super();
    this.client.addEventListener('signedout', () => this.#ended());
    httpEvents.addEventListener('signedout', () => this.#ended());
    this.#channel.onmessage = ({ data }) => {
      if (data === 'signed-in') this.restore().catch(() => {});
      if (data === 'signed-out') this.#ended();
    };
  }

  /**
   * Finds out whether the session cookie is still good.
   * @returns {Promise<boolean>}
   * @throws {ApiError} when the server cannot be asked
   */
  async restore() {
    try {
      this.#begin(await call('GET', '/v1/me', { quiet401: true }));
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        this.#ended();
        return false;
      }
      throw error;
    }
  }

  /** @throws {ApiError} */
  async signIn(tenant, email, password) {
    await call('POST', '/v1/auth/login', { body: { tenant, email, password }, quiet401: true });
    await this.restore();
    this.#channel.postMessage('signed-in');
  }

  async signOut() {
    await call('POST', '/v1/auth/logout', { quiet401: true }).catch((error) => {
      if (error.status !== 401) throw error;
    });
    this.#channel.postMessage('signed-out');
    this.#ended();
  }

  /** Whether the user holds any of these roles. */
  is(...roles) {
    return this.user !== undefined && roles.some((role) => this.user.roles.includes(role));
  }

  async #isSignedIn() {
    try {
      await call('GET', '/v1/me', { quiet401: true });
      return true;
    } catch (error) {
      return error.status !== 401;
    }
  }

  #begin(me) {
    const user = identity(me);
    const same = this.user?.id === user.id && this.user?.tenant === user.tenant;
    this.user = user;
    if (same) return;
    this.client.stop();
    this.client.start();
    this.dispatchEvent(new Event('change'));
  }

  #ended() {
    const was = this.user;
    this.user = undefined;
    this.inbox = {};
    this.client.stop();
    if (was) this.dispatchEvent(new CustomEvent('change', { detail: { ended: true } }));
  }
}

/** The members the page needs, wherever `/v1/me` nests them. */
function identity(me) {
  const user = me.user ?? me;
  const tenant = me.tenant ?? user.tenant;
  const email = user.email ?? me.email ?? '';
  return {
    id: user.id ?? user.sub ?? me.sub ?? email,
    email,
    name: user.name ?? user.display_name ?? email,
    tenant: typeof tenant === 'object' && tenant !== null ? tenant.name ?? tenant.id : tenant ?? me.tenant_id ?? '',
    roles: me.roles ?? user.roles ?? [],
  };
}

export const session = new Session();
