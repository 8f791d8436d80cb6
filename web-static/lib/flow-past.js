/**
 * What a flow was: its documents, events and milestones at any position. What lies near something that is known is
 * worked out here; the rest is asked for. What is kept is bounded.
 */

import { applyEvent } from '../client/apply-event.js';
import { shareEqual } from './share-equal.js';

/** So many events are folded into a known document before another one is asked for. */
const NEAR = 200;
/** Documents that are kept. They share what they have in common. */
const KEPT_DOCUMENTS = 32;
const KEPT_EVENTS = 12_000;
const EVENTS_AT_ONCE = 200;
const MILESTONES_AT_ONCE = 1_000;
/** More than a person can jump between, and than a line can show. */
const KEPT_MILESTONES = 5_000;

export class FlowPast {
  #call; #path;
  /** Documents by position, the ones used last at the end. */
  #documents = new Map();
  /** Events by position, in the order in which they came. */
  #events = new Map();
  #milestones = []; #cursor = 0; #first = 0; #asking;

  /**
   * @param {(method: string, path: string, options?: {signal?: AbortSignal}) => Promise<any>} call
   * @param {string} flow
   */
  constructor(call, flow) {
    this.#call = call;
    this.#path = `/v1/flows/${encodeURIComponent(flow)}`;
  }

  /** Forgets everything: the flow's log was replaced. */
  clear() {
    this.#documents.clear();
    this.#events.clear();
    this.#milestones = [];
    this.#cursor = 0;
  }

  /** Takes an event that came by itself. One that stands for several tells none of their positions. */
  add({ seq, since = seq - 1, event, patch }) {
    if (event?.type && since === seq - 1) this.#keepEvent({ seq, event, patch });
  }

  /**
   * The document as it was.
   * @param {number} seq
   * @param {AbortSignal} [signal]
   * @returns {Promise<object>} `{flow, state, prompts}`; never written to
   * @throws {ApiError} `history_gone` with `first_seq` where it is not known any more
   */
  async document(seq, signal) {
    const known = this.#documents.get(seq) ?? await this.#folded(seq, signal);
    if (known) return this.#keepDocument(seq, known);
    const { flow, state, prompts } = await this.#call('GET', `${this.#path}/document?at=${seq}`, { signal });
    const fresh = { flow, state, prompts };
    const last = [...this.#documents.values()].at(-1);
    return this.#keepDocument(seq, last ? shareEqual(last, fresh) : fresh);
  }

  /** Takes a document that is known already. */
  remember(seq, document) {
    this.#keepDocument(seq, document);
  }

  /** The event at a position, if it is known without asking. */
  knownEvent(seq) {
    return this.#events.get(seq)?.event;
  }

  /**
   * The events after a position up to another, in order. Those that are not kept any more are left out.
   * @param {number} after
   * @param {number} last
   * @param {AbortSignal} [signal]
   * @returns {Promise<Array<{seq: number, event: object, patch?: object[]}>>}
   */
  async events(after, last, signal) {
    let seq = after + 1;
    const found = [];
    while (seq <= last) {
      const entry = this.#events.get(seq);
      if (entry) {
        found.push(entry);
        seq += 1;
      } else {
        const page = await this.#page(seq - 1, signal);
        if (page.length === 0) break;
        // Kept one by one: a page may be larger than what is kept.
        found.push(...page.filter((item) => item.seq <= last));
        seq = page.at(-1).seq + 1;
      }
    }
    return found;
  }

  /**
   * The turning points so far, and the first position whose document is known. Those that are known are not asked for
   * again.
   * @returns {Promise<{milestones: object[], first: number}>}
   */
  async milestones() {
    this.#asking ??= this.#askMilestones().finally(() => { this.#asking = undefined; });
    await this.#asking;
    return { milestones: this.#milestones, first: this.#first };
  }

  async #askMilestones() {
    let isWhole = false;
    while (!isWhole && this.#milestones.length < KEPT_MILESTONES) {
      const page = await this.#call('GET', `${this.#path}/milestones?limit=${MILESTONES_AT_ONCE}&cursor=${this.#cursor}`);
      this.#milestones = [...this.#milestones, ...page.items];
      this.#first = page.first_seq;
      this.#cursor = page.next_cursor ?? page.seq;
      isWhole = page.next_cursor === null;
    }
  }

  /** The document out of a known one a little before it; nothing where there is none. */
  async #folded(seq, signal) {
    const base = Math.max(-1, ...[...this.#documents.keys()].filter((known) => known < seq));
    if (base < 0 || seq - base > NEAR) return undefined;
    const events = await this.events(base, seq, signal);
    if (events.length !== seq - base || !this.#documents.has(base)) return undefined;
    return events.reduce((document, entry) => applyEvent(document, entry, true), this.#documents.get(base));
  }

  async #page(after, signal) {
    const ask = async (from) => {
      const { items } = await this.#call('GET', `${this.#path}/events?after=${from}&limit=${EVENTS_AT_ONCE}`, { signal });
      return items;
    };
    let items;
    try {
      items = await ask(after);
    } catch (error) {
      if (error.code !== 'history_gone') throw error;
      items = await ask(error.problem.first_seq - 1);
    }
    items.forEach((entry) => this.#keepEvent(entry));
    return items;
  }

  #keepEvent(entry) {
    if (this.#events.has(entry.seq)) return;
    this.#events.set(entry.seq, entry);
    if (this.#events.size > KEPT_EVENTS) this.#events.delete(this.#events.keys().next().value);
  }

  #keepDocument(seq, document) {
    this.#documents.delete(seq);
    this.#documents.set(seq, document);
    if (this.#documents.size > KEPT_DOCUMENTS) this.#documents.delete(this.#documents.keys().next().value);
    return document;
  }
}
