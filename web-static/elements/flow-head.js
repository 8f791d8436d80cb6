/** `<sb-flow-head>`: what a flow is called, where it stands, what is wrong, and what can be done with all of it. */

import { h, replace, setText } from '../lib/dom.js';
import { count, label } from '../lib/format.js';
import { call, explain } from '../lib/http.js';
import { lamp, statusLabel } from '../lib/lamp.js';
import { randomId } from '../client/random-id.js';
import { routeTo } from '../lib/router.js';
import { session } from '../lib/session.js';
import { askFirst } from './confirm-dialog.js';
import { ForkDialog } from './fork-dialog.js';
import './relative-time.js';
import { errorText } from './step-graph.js';
import { toast } from './toast-list.js';

/** The statuses after which nothing happens by itself. */
export const ENDED = ['succeeded', 'failed', 'cancelled'];

export class FlowHead extends HTMLElement {
  #flow; #at; #shownStatus;
  #title = h('h1', { tabindex: '-1' }, 'Flow');
  #status = h('span', { class: 'flow-status', dataset: { testid: 'flow-status' } });
  #meta = h('p', { class: 'meta' });
  #cancel = h('button', {
    type: 'button', hidden: true, dataset: { testid: 'flow-cancel' }, onClick: () => this.#askCancel(),
  }, 'Cancel flow');
  #retry = h('button', {
    type: 'button', class: 'primary', hidden: true, dataset: { testid: 'flow-retry' }, onClick: () => this.#command('retry'),
  }, 'Retry');
  #fork = h('button', {
    type: 'button', hidden: true, dataset: { testid: 'flow-fork' },
    onClick: () => document.body.append(new ForkDialog({ flow: this.#flow, at: this.#at })),
  }, 'Fork');
  #problem = h('div', { class: 'notice error', role: 'alert', hidden: true });

  connectedCallback() {
    replace(this,
      h('div', { class: 'page-head' },
        h('div', {}, this.#title, h('div', { class: 'flow-line' }, this.#status, this.#meta)),
        h('div', { class: 'page-actions' }, this.#fork, this.#cancel, this.#retry)),
      this.#problem);
  }

  /**
   * @param {object} flow as a document has it
   * @param {number} at the position
   * @param {boolean} isPast nothing can be done with what was, but make a new flow of it
   */
  show(flow, at, isPast) {
    this.#flow = flow;
    this.#at = at;
    const title = flow.title || label(flow.type ?? 'flow');
    setText(this.#title, title);
    document.title = `${title} · Signalbox`;
    if (this.#shownStatus !== flow.status) {
      this.#shownStatus = flow.status;
      this.#status.dataset.status = flow.status;
      replace(this.#status, lamp(flow.status), statusLabel(flow.status));
      replace(this.#meta, h('span', { class: 'phase' }), h('span', {}, 'started ', h('sb-time', { datetime: flow.created_at })), flow.parent && origin(flow.parent));
    }
    setText(this.#meta.firstElementChild, flow.phase ? label(flow.phase) : label(flow.type ?? ''));
    const operates = session.is('operator', 'admin') && !isPast;
    // Flows of other processes have no steps that could go on.
    this.#fork.hidden = !session.is('operator', 'admin') || !flow.graph || at === 0;
    setText(this.#fork, isPast ? `Fork at #${count(at)}` : 'Fork');
    this.#cancel.hidden = !operates || ENDED.includes(flow.status);
    this.#retry.hidden = !operates || flow.status !== 'failed';
    const failed = Object.entries(flow.steps ?? {}).filter(([, step]) => step.status === 'failed' && step.error);
    const lines = failed.map(([name, step]) => `${label(name)}: ${errorText(step.error)}`);
    if (lines.length === 0 && flow.status === 'failed') lines.push(flow.error ? errorText(flow.error) : 'The flow failed.');
    this.fail(lines.join('\n'));
  }

  /** Says that something is wrong; an empty text that nothing is. */
  fail(text) {
    this.#problem.hidden = text === '';
    setText(this.#problem, text);
  }

  async #askCancel() {
    const sure = await askFirst({
      title: 'Cancel this flow?',
      text: 'Its open prompts are withdrawn. What it has done so far stays.',
      confirm: 'Cancel the flow',
      danger: true,
    });
    if (sure) await this.#command('cancel');
  }

  async #command(name) {
    try {
      await call('POST', `/v1/flows/${encodeURIComponent(this.#flow.id)}/${name}`, { headers: { 'Idempotency-Key': randomId() } });
    } catch (error) {
      toast(explain(error), 'error');
    }
  }
}

/** Where a flow comes from. @param {{flow_id: string, seq?: number}} parent */
function origin({ flow_id: id, seq }) {
  const href = routeTo('flows', id, { at: seq });
  return h('a', { href, dataset: { testid: 'flow-parent' } }, seq === undefined ? 'part of another flow' : `forked at #${count(seq)} of another flow`);
}

customElements.define('sb-flow-head', FlowHead);
