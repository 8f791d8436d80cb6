/**
 * `<sb-time-travel>`: a flow's positions as a line that can be gone along. Fires `travel` with the wanted position
 * (`at`; undefined for the present), `jump` for the next turning point of a `group` in a `direction`, and `compare` when
 * differences are asked for.
 */

import { h, oncePerFrame, replace, setAttribute, setText, svg } from '../lib/dom.js';
import { describe, timeOf } from '../lib/event-text.js';
import { absoluteTime, count } from '../lib/format.js';
import { MILESTONE_GROUPS, marksOf, milestoneText, nextMilestone } from '../lib/milestones.js';

/** Marks that fit on the line, about one for each three pixels of a wide page. */
const MARKS = 360;
const PLAY_MS = 350;
/** A whole flow is played in about so many turns. */
const PLAY_TURNS = 120;

export class TimeTravel extends HTMLElement {
  #first = 0; #last = 0; #at; #milestones = []; #here; #playing; #isBusy = false;
  #slider = h('input', { type: 'range', step: 1, 'aria-label': 'Position in the flow’s past', dataset: { testid: 'travel-slider' } });
  #marks = svg('svg', { class: 'travel-marks', viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  #position = h('strong', { class: 'travel-position', dataset: { testid: 'travel-position' } });
  #event = h('span', { class: 'travel-event' });
  #group = h('select', { 'aria-label': 'What to jump between', dataset: { testid: 'travel-group' } },
    Object.entries(MILESTONE_GROUPS).map(([value, { label }]) => h('option', { value }, label)));
  #play = button('travel-play', 'Play', 'M6 4v16l14-8Z', () => this.#toggle());
  #back = button('travel-back', 'Back to the turning point before', 'M7 5v14M19 5 10 12l9 7Z', () => this.#jump(-1));
  #forward = button('travel-forward', 'On to the next turning point', 'M17 5v14M5 5l9 7-9 7Z', () => this.#jump(1));
  #compare = h('button', {
    type: 'button', class: 'small', dataset: { testid: 'travel-compare' }, onClick: () => this.#fire('compare'),
  }, 'Compare…');
  #live = h('button', {
    type: 'button', class: 'small primary', dataset: { testid: 'travel-live' }, onClick: () => this.#go(undefined),
  });
  #schedule = oncePerFrame(() => this.#render());

  connectedCallback() {
    this.classList.add('travel');
    this.setAttribute('role', 'group');
    this.setAttribute('aria-label', 'Time travel');
    this.#slider.addEventListener('input', () => this.#go(Number(this.#slider.value)));
    replace(this,
      h('div', { class: 'travel-line' }, this.#slider, this.#marks),
      h('div', { class: 'travel-controls' },
        h('div', { class: 'travel-buttons' }, this.#back, this.#play, this.#forward, this.#group),
        h('p', { class: 'travel-text', role: 'status' }, this.#position, this.#event),
        h('div', { class: 'travel-ends' }, this.#compare, this.#live)));
  }

  disconnectedCallback() {
    this.#stop();
  }

  /** @param {object[]} milestones in order @param {number} first the first position that is known */
  setMilestones(milestones, first) {
    this.#milestones = milestones;
    this.#first = first;
    this.#marks.dataset.stale = 'true';
    this.#schedule();
  }

  /**
   * @param {{last: number, at?: number, event?: object, isBusy?: boolean, isComparing?: boolean}} where `last`: the present position; `at`: the one
   *   that is shown, undefined for the present; `event`: the one there
   */
  show({ last, at, event, isBusy = false, isComparing = false }) {
    if (last !== this.#last) this.#marks.dataset.stale = 'true';
    this.#last = last;
    this.#at = at;
    this.#isBusy = isBusy;
    this.#compare.hidden = isComparing;
    this.#here = event;
    if (at === undefined) this.#stop();
    this.#schedule();
  }

  #render() {
    const isPast = this.#at !== undefined;
    this.hidden = this.#last <= this.#first;
    this.classList.toggle('past', isPast);
    setAttribute(this.#slider, 'min', this.#first);
    setAttribute(this.#slider, 'max', this.#last);
    const value = String(this.#at ?? this.#last);
    if (this.#slider.value !== value) this.#slider.value = value;
    const place = `#${count(this.#at ?? this.#last)} of ${count(this.#last)}`;
    const date = timeOf(this.#here);
    const what = isPast ? this.#eventText() : 'live';
    const text = [date && absoluteTime(date), what].filter(Boolean).join(' · ');
    setAttribute(this.#slider, 'aria-valuetext', [place, text].filter(Boolean).join(', '));
    setText(this.#position, isPast ? place : `#${count(this.#last)}`);
    setText(this.#event, text);
    this.#live.hidden = !isPast;
    setText(this.#live, `Back to live (#${count(this.#last)})`);
    const group = this.#group.value;
    const here = this.#at ?? this.#last;
    this.#back.disabled = !nextMilestone(this.#milestones, here, -1, group);
    this.#forward.disabled = !isPast;
    this.#play.setAttribute('aria-label', this.#playing ? 'Pause' : 'Play');
    this.#play.title = this.#playing ? 'Pause' : 'Play';
    this.#play.classList.toggle('playing', this.#playing !== undefined);
    this.#drawMarks();
  }

  #eventText() {
    const milestone = this.#milestones.find(({ seq }) => seq === this.#at);
    if (milestone) return milestoneText(milestone);
    if (this.#at === 0) return 'before the first event';
    return this.#here && [this.#here.type, describe(this.#here)].filter(Boolean).join(' ');
  }

  #drawMarks() {
    if (this.#marks.dataset.stale !== 'true') return;
    this.#marks.dataset.stale = 'false';
    const marks = marksOf(this.#milestones, { first: this.#first, last: this.#last }, MARKS);
    replace(this.#marks, marks.map(({ at, tone }) => svg('path', { class: `mark ${tone}`, d: `M${at * 1000} 0v10` })));
  }

  #go(at) {
    // The end of the line is the present, which goes on.
    this.#fire('travel', { at: at !== undefined && at >= this.#last ? undefined : at });
  }

  #jump(direction) {
    this.#fire('jump', { direction, group: this.#group.value });
  }

  #toggle() {
    if (this.#playing) this.#stop();
    else {
      this.#playing = setInterval(() => this.#turn(), PLAY_MS);
      // From the end there is nothing to play: it begins anew.
      this.#go(this.#at ?? this.#first);
    }
    this.#schedule();
  }

  #turn() {
    if (this.#isBusy) return;
    const stride = Math.max(1, Math.ceil((this.#last - this.#first) / PLAY_TURNS));
    this.#go((this.#at ?? this.#first) + stride);
  }

  #stop() {
    clearInterval(this.#playing);
    this.#playing = undefined;
  }

  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function button(testid, name, path, onClick) {
  return h('button', { type: 'button', class: 'icon', 'aria-label': name, title: name, dataset: { testid }, onClick },
    svg('svg', { class: 'line-icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: path })));
}

customElements.define('sb-time-travel', TimeTravel);
