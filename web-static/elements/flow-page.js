/** `<sb-flow-page flow-id="…">`: one flow, live or as it was: its steps, state, events and prompts. */

import { h, oncePerFrame, replace, setText } from '../lib/dom.js';
import { timeOf } from '../lib/event-text.js';
import { FlowPast } from '../lib/flow-past.js';
import { count } from '../lib/format.js';
import { call, explain } from '../lib/http.js';
import { nextMilestone } from '../lib/milestones.js';
import { pastEvents } from '../lib/past-events.js';
import { isOpen } from '../lib/prompt-rules.js';
import { routeTo } from '../lib/router.js';
import { session } from '../lib/session.js';
import { Traveller } from '../lib/traveller.js';
import './event-timeline.js';
import './flow-diff.js';
import { ENDED } from './flow-head.js';
import './flow-progress.js';
import './flow-prompts.js';
import './past-notice.js';
import './past-prompts.js';
import './shown-value.js';
import './state-tree.js';
import './step-graph.js';
import './time-travel.js';
import { toast } from './toast-list.js';

/** Events before the moment of attaching that the timeline begins with. */
const HISTORY_EVENTS = 200;
/** Positions that are so near that what differs is a change to be seen. */
const NEAR = 20;
/** How soon new turning points are asked for. */
const MILESTONES_MS = 2_000;
/** Browsers take only so many changes of the address. */
const ADDRESS_MS = 300;

export class FlowPage extends HTMLElement {
  #id; #subscription; #live; #isLive = false; #epoch; #historyAsked = false; #summary; #past; #traveller; #from;
  #shownAt = 0; #milestones = []; #milestonesTo = 0; #first = 0; #milestonesTimer; #addressTimer;
  #head = h('sb-flow-head');
  #notice = h('sb-past-notice', { hidden: true });
  #position = h('span', { class: 'position' });
  #graph = h('sb-step-graph');
  #travel = h('sb-time-travel', { hidden: true });
  #diff = h('sb-flow-diff', { hidden: true });
  #progress = h('sb-flow-progress', { hidden: true });
  #prompts = h('sb-flow-prompts');
  #pastPrompts = h('sb-past-prompts', { hidden: true });
  #result = h('sb-value');
  #resultPanel = h('section', { class: 'panel', hidden: true }, h('h2', {}, 'Result'), this.#result);
  #tree = h('sb-state-tree');
  #timeline = h('sb-timeline');
  #columns = h('div', { class: 'flow-columns' },
    h('section', { class: 'panel' }, h('h2', {}, 'State ', this.#position), this.#tree),
    h('section', { class: 'panel' }, h('h2', {}, 'Events'), this.#timeline));
  #schedule = oncePerFrame(() => this.#render());

  connectedCallback() {
    this.#id = this.getAttribute('flow-id');
    this.#past = new FlowPast(call, this.#id);
    this.#traveller = new Traveller(this.#past, this.#schedule);
    this.#timeline.link = (seq) => routeTo('flows', this.#id, { at: seq, from: this.#from });
    const inventory = `#/assets?flow=${encodeURIComponent(this.#id)}`;
    this.#resultPanel.append(h('p', { class: 'panel-foot' }, h('a', { href: inventory }, 'Open these assets in the inventory')));
    for (const element of [this.#travel, this.#diff, this.#notice]) {
      element.addEventListener('travel', ({ detail }) => this.#go(detail.at, this.#from));
    }
    this.#travel.addEventListener('compare', () => this.#compare());
    this.#travel.addEventListener('jump', ({ detail }) => this.#jump(detail));
    this.#diff.addEventListener('from', ({ detail }) => this.#go(this.#traveller.at, detail.from));
    this.#diff.addEventListener('close', () => this.#go(this.#traveller.at, undefined));
    replace(this, h('section', { class: 'page flow' },
      h('a', { class: 'back', href: '#/flows' }, '← All flows'),
      this.#head, this.#notice, this.#graph, this.#travel, this.#diff, this.#progress,
      this.#prompts, this.#pastPrompts, this.#resultPanel, this.#columns));
    this.#subscription = session.client.subscribe(`flow:${this.#id}`, {
      onDocument: (document) => this.#takeDocument(document),
      onEvent: (params) => {
        this.#past.add(params);
        this.#timeline.add([params]);
      },
      onStatus: ({ live, error }) => {
        this.#isLive = live;
        if (error) this.#head.fail(error.code === 'not_found' ? 'This flow does not exist, or no longer.' : error.message);
        this.#schedule();
      },
    });
    this.#schedule();
  }

  disconnectedCallback() {
    this.#subscription.close();
    clearTimeout(this.#milestonesTimer);
    clearTimeout(this.#addressTimer);
  }

  /** Shows what the address asks for: `at` a position, differences `from` another one. @param {URLSearchParams} query */
  visit(query) {
    const [at, from] = ['at', 'from'].map((name) => (/^\d{1,15}$/.test(query.get(name) ?? '') ? Number(query.get(name)) : undefined));
    this.#move(at, from);
  }

  /** The same by the page's own means; the address follows. */
  #go(at, from) {
    this.#move(at, from);
    clearTimeout(this.#addressTimer);
    this.#addressTimer = setTimeout(() => {
      history.replaceState(null, '', routeTo('flows', this.#id, { at: this.#traveller.at, from: this.#from }));
    }, ADDRESS_MS);
  }

  #move(at, from) {
    this.#from = from;
    // What follows shares with the present what did not change, and does not look as if it had.
    if (at !== undefined && this.#traveller.at === undefined && this.#live) this.#past.remember(this.#last, this.#live);
    if (at === undefined) this.#traveller.leave();
    else this.#traveller.go(at);
    this.#schedule();
  }

  /** To the next turning point; after the last there is the present. */
  async #jump({ direction, group }) {
    if (direction > 0 && this.#milestonesTo < this.#last) await this.#askMilestones();
    const found = nextMilestone(this.#milestones, this.#traveller.at ?? this.#last, direction, group);
    if (found && found.seq < this.#last) this.#go(found.seq, this.#from);
    else if (direction > 0) this.#go(undefined, this.#from);
  }

  /** Begins with what the last turning point has changed. */
  #compare() {
    if (this.#from !== undefined) return this.#go(this.#traveller.at, undefined);
    const here = this.#traveller.at ?? this.#last;
    return this.#go(this.#traveller.at, nextMilestone(this.#milestones, here, -1)?.seq ?? this.#first);
  }

  get #last() { return this.#subscription.position?.seq ?? 0; }

  #takeDocument(document) {
    const { epoch } = this.#subscription.position;
    if (this.#epoch !== undefined && this.#epoch !== epoch) this.#past.clear();
    this.#epoch = epoch;
    this.#live = document;
    this.#schedule();
    this.#askHistory();
    this.#milestonesTimer ??= setTimeout(() => this.#askMilestones(), this.#milestones.length === 0 ? 0 : MILESTONES_MS);
  }

  #render() {
    if (!this.#live) return;
    const { at, view, problem } = this.#traveller;
    const isPast = at !== undefined;
    this.firstElementChild.classList.toggle('in-past', isPast);
    this.#notice.show(isPast ? { at, last: this.#last, problem } : undefined);
    const isThere = view?.at === at;
    this.#travel.show({
      last: this.#last,
      at,
      event: isThere ? view?.event : this.#past.knownEvent(at),
      isBusy: !isThere && !problem,
      isComparing: this.#from !== undefined,
    });
    if (isPast && !view) {
      // Nothing of the present may look as if it were the past.
      this.#head.show(this.#live.flow, 0, true);
      this.#hide(true);
      return;
    }
    this.#hide(false);
    const shown = isPast ? view : { at: this.#last, document: this.#live };
    this.#show(shown, isPast);
    // While the slider moves, what is long is not drawn for every place that it passes.
    if (!isPast || isThere) this.#showLong(shown, isPast);
  }

  #hide(isHidden) {
    for (const part of [this.#graph, this.#columns]) part.hidden = isHidden;
    if (!isHidden) return;
    for (const part of [this.#prompts, this.#pastPrompts, this.#progress, this.#resultPanel, this.#diff]) part.hidden = true;
  }

  #show({ at, document, event }, isPast) {
    const { flow, state, prompts = [] } = document;
    this.#head.show(flow, at, isPast);
    const now = isPast ? timeOf(event)?.getTime() ?? Date.parse(flow.created_at) : undefined;
    this.#graph.show(flow.graph, flow.steps ?? {}, new Set(prompts.filter(isOpen).map(({ step }) => step)), now);
    this.#progress.show(state?.progress, ENDED.includes(flow.status));
    this.#tree.show(state, Math.abs(at - this.#shownAt) <= NEAR);
    this.#shownAt = at;
    const word = isPast ? 'as it was at' : this.#isLive ? 'live at' : 'as of';
    setText(this.#position, `${word} #${count(at)}`);
    this.#position.classList.toggle('stale', isPast || !this.#isLive);
  }

  #showLong({ at, document, entries }, isPast) {
    this.#prompts.show(this.#id, this.#live.prompts ?? []);
    this.#prompts.hidden = isPast;
    this.#pastPrompts.show(isPast ? document.prompts ?? [] : []);
    this.#timeline.showOnly(entries);
    this.#showResult(document);
    this.#diff.hidden = this.#from === undefined;
    if (this.#from === undefined) return;
    this.#diff.show(this.#past, this.#from, { seq: at, document }, { first: this.#first, last: this.#last });
  }

  #showResult({ flow, state }) {
    const summary = flow.result ?? state?.summary;
    this.#resultPanel.hidden = flow.status !== 'succeeded' || !summary;
    if (this.#resultPanel.hidden || this.#summary === summary) return;
    this.#summary = summary;
    this.#result.show(summary, 'Result');
  }

  async #askMilestones() {
    const last = this.#last;
    try {
      const { milestones, first } = await this.#past.milestones();
      this.#milestones = milestones;
      this.#milestonesTo = last;
      this.#first = first;
      this.#travel.setMilestones(milestones, first);
    } catch {
      // The line is there without its marks; they are asked for with the next change.
    }
    this.#milestonesTimer = undefined;
  }

  /** The timeline starts with what happened before; later events come over the socket. */
  async #askHistory() {
    if (this.#historyAsked) return;
    this.#historyAsked = true;
    try {
      const events = await pastEvents(call, this.#id, this.#last, HISTORY_EVENTS);
      events.forEach((entry) => this.#past.add(entry));
      this.#timeline.add(events);
    } catch (error) {
      toast(`Earlier events cannot be shown: ${explain(error)}`, 'error');
    }
  }
}

customElements.define('sb-flow-page', FlowPage);
