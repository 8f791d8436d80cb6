/** `<sb-flow-page flow-id="…">`: one flow, live: its steps, state, events and prompts. */

import { h, oncePerFrame, replace, setAttribute, setText } from '../lib/dom.js';
import { count, label } from '../lib/format.js';
import { call, explain } from '../lib/http.js';
import { lamp, statusLabel } from '../lib/lamp.js';
import { pastEvents } from '../lib/past-events.js';
import { isOpen } from '../lib/prompt-rules.js';
import { randomId } from '../client/random-id.js';
import { session } from '../lib/session.js';
import { askFirst } from './confirm-dialog.js';
import './event-timeline.js';
import './flow-prompts.js';
import './relative-time.js';
import './shown-value.js';
import './state-tree.js';
import { errorText } from './step-graph.js';
import { toast } from './toast-list.js';

/** Events before the moment of attaching that the timeline begins with. */
const HISTORY_EVENTS = 200;
const ENDED = ['succeeded', 'failed', 'cancelled'];

export class FlowPage extends HTMLElement {
  #id; #subscription; #document; #live = false; #historyAsked = false; #shownStatus; #summary;
  #title = h('h1', { tabindex: '-1' }, 'Flow');
  #status = h('span', { class: 'flow-status', dataset: { testid: 'flow-status' } });
  #meta = h('p', { class: 'meta' });
  #position = h('span', { class: 'position' });
  #cancel = h('button', {
    type: 'button', hidden: true, dataset: { testid: 'flow-cancel' }, onClick: () => this.#askCancel(),
  }, 'Cancel flow');
  #retry = h('button', {
    type: 'button', class: 'primary', hidden: true, dataset: { testid: 'flow-retry' }, onClick: () => this.#command('retry'),
  }, 'Retry');
  #problem = h('div', { class: 'notice error', role: 'alert', hidden: true });
  #graph = h('sb-step-graph');
  #bar = h('progress', { max: 1 });
  #barText = h('span');
  #progress = h('div', { class: 'flow-progress', hidden: true }, this.#bar, this.#barText);
  #prompts = h('sb-flow-prompts');
  #result = h('sb-value');
  #resultPanel = h('section', { class: 'panel', hidden: true }, h('h2', {}, 'Result'), this.#result);
  #tree = h('sb-state-tree');
  #timeline = h('sb-timeline');
  #schedule = oncePerFrame(() => this.#render());

  connectedCallback() {
    this.#id = this.getAttribute('flow-id');
    const inventory = `#/assets?flow=${encodeURIComponent(this.#id)}`;
    this.#resultPanel.append(h('p', { class: 'panel-foot' }, h('a', { href: inventory }, 'Open these assets in the inventory')));
    replace(this, h('section', { class: 'page' },
      h('a', { class: 'back', href: '#/flows' }, '← All flows'),
      h('div', { class: 'page-head' },
        h('div', {}, this.#title, h('div', { class: 'flow-line' }, this.#status, this.#meta)),
        h('div', { class: 'page-actions' }, this.#cancel, this.#retry)),
      this.#problem, this.#graph, this.#progress, this.#prompts, this.#resultPanel,
      h('div', { class: 'flow-columns' },
        h('section', { class: 'panel' }, h('h2', {}, 'State ', this.#position), this.#tree),
        h('section', { class: 'panel' }, h('h2', {}, 'Events'), this.#timeline))));
    this.#subscription = session.client.subscribe(`flow:${this.#id}`, {
      onDocument: (document) => {
        this.#document = document;
        this.#schedule();
        this.#askHistory();
      },
      onEvent: (params) => this.#timeline.add([params]),
      onStatus: ({ live, error }) => {
        this.#live = live;
        if (error) this.#fail(error.code === 'not_found' ? 'This flow does not exist, or no longer.' : error.message);
        this.#schedule();
      },
    });
    this.#schedule();
  }

  disconnectedCallback() {
    this.#subscription.close();
  }

  #render() {
    if (!this.#document) return;
    const { flow, state, prompts = [] } = this.#document;
    const title = flow.title || label(flow.type ?? 'flow');
    setText(this.#title, title);
    document.title = `${title} · Signalbox`;
    this.#renderStatus(flow);
    this.#graph.show(flow.graph, flow.steps ?? {}, new Set(prompts.filter(isOpen).map(({ step }) => step)));
    this.#renderProgress(flow, state?.progress);
    this.#prompts.show(this.#id, prompts);
    this.#tree.show(state);
    const summary = flow.result ?? state?.summary;
    this.#resultPanel.hidden = flow.status !== 'succeeded' || !summary;
    if (!this.#resultPanel.hidden && this.#summary !== summary) {
      this.#summary = summary;
      this.#result.show(summary, 'Result');
    }
    const { seq } = this.#subscription.position;
    setText(this.#position, this.#live ? `live at #${count(seq)}` : `as of #${count(seq)}`);
    this.#position.classList.toggle('stale', !this.#live);
  }

  #renderStatus(flow) {
    if (this.#shownStatus !== flow.status) {
      this.#shownStatus = flow.status;
      this.#status.dataset.status = flow.status;
      replace(this.#status, lamp(flow.status), statusLabel(flow.status));
      replace(this.#meta, h('span', { class: 'phase' }), h('span', {}, 'started ', h('sb-time', { datetime: flow.created_at })));
    }
    setText(this.#meta.firstElementChild, flow.phase ? label(flow.phase) : label(flow.type ?? ''));
    const operates = session.is('operator', 'admin');
    this.#cancel.hidden = !operates || ENDED.includes(flow.status);
    this.#retry.hidden = !operates || flow.status !== 'failed';
    const failed = Object.entries(flow.steps ?? {}).filter(([, step]) => step.status === 'failed' && step.error);
    const lines = failed.map(([name, step]) => `${label(name)}: ${errorText(step.error)}`);
    if (lines.length === 0 && flow.status === 'failed') lines.push(flow.error ? errorText(flow.error) : 'The flow failed.');
    const text = lines.join('\n');
    this.#problem.hidden = text === '';
    setText(this.#problem, text);
  }

  #renderProgress(flow, progress) {
    const known = typeof progress?.done === 'number';
    this.#progress.hidden = !known || progress.done >= progress.total || ENDED.includes(flow.status);
    if (!known) return;
    const { done, total, unit = '' } = progress;
    setAttribute(this.#bar, 'value', total > 0 ? Math.min(1, done / total) : undefined);
    setAttribute(this.#bar, 'aria-label', `Progress, ${unit}`);
    setText(this.#barText, total > 0
      ? `${count(done)} of ${count(total)} ${unit} · ${Math.floor((100 * Math.min(done, total)) / total)} %`
      : `${count(done)} ${unit}`);
  }

  /** The timeline starts with what happened before; later events come over the socket. */
  async #askHistory() {
    if (this.#historyAsked) return;
    this.#historyAsked = true;
    try {
      const events = await pastEvents(call, this.#id, this.#subscription.position.seq, HISTORY_EVENTS);
      this.#timeline.add(events.map((item) => ({
        seq: item.seq ?? item.metadata?.signalbox?.seq, event: item.event ?? item,
      })));
    } catch (error) {
      toast(`Earlier events cannot be shown: ${explain(error)}`, 'error');
    }
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
      await call('POST', `/v1/flows/${encodeURIComponent(this.#id)}/${name}`, { headers: { 'Idempotency-Key': randomId() } });
    } catch (error) {
      toast(explain(error), 'error');
    }
  }

  #fail(text) {
    this.#problem.hidden = false;
    setText(this.#problem, text);
  }
}

customElements.define('sb-flow-page', FlowPage);
