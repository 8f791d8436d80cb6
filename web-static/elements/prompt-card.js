/** `<sb-prompt-card>`: one prompt in full, to be decided or with its outcome. */

import { h, replace } from '../lib/dom.js';
import { label } from '../lib/format.js';
import { lamp, statusLabel } from '../lib/lamp.js';
import { renderMarkdown } from '../lib/markdown.js';
import { KIND_LABELS, VERBS, formOf, isOpen, mayDecide, names } from '../lib/prompt-rules.js';
import { routeTo } from '../lib/router.js';
import { session } from '../lib/session.js';
import { call } from '../lib/http.js';
import './prompt-decision.js';
import './relative-time.js';
import './shown-value.js';

const END_LABELS = { expire: 'ends', reject: 'rejected by itself', approve: 'approved by itself' };
const EXECUTION_LABELS = { pending: 'being carried out', succeeded: 'carried out', failed: 'could not be carried out' };

export class PromptCard extends HTMLElement {
  #prompt; #content; #decision;
  #head = h('header', { class: 'prompt-head' });
  #body = h('div', { class: 'prompt-body' });
  #foot = h('div', { class: 'prompt-foot' });
  /** Whether to name and link the flow; on the flow's own page that would be noise. */
  namesFlow = true;
  /** Whether the prompt is shown as it was once: nobody can decide it there. */
  isPast = false;

  connectedCallback() {
    this.dataset.testid = 'prompt-card';
    this.classList.add('panel', 'prompt-card');
    // Being moved within a list connects it again; listeners are the same functions, so they count once.
    if (this.childElementCount === 0) replace(this, this.#head, this.#body, this.#foot);
    this.addEventListener('decided', this.#decided);
    this.addEventListener('outdated', this.#outdated);
  }

  /** Shows a version of the prompt. An older one than shown (a late answer) changes nothing. */
  show(prompt) {
    const before = this.#prompt;
    if (before?.id === prompt.id && (before === prompt || before.version > prompt.version)) return;
    this.#prompt = prompt;
    Object.assign(this.dataset, { promptId: prompt.id, step: prompt.step ?? '', status: prompt.status });
    this.#renderHead();
    const content = `${prompt.id} ${prompt.shown_digest} ${this.#decides()}`;
    if (content !== this.#content) {
      this.#content = content;
      this.#renderBody();
    }
    this.#renderFoot();
  }

  /** The form goes away under the focus, which then belongs to what took its place. */
  #decided = ({ detail }) => {
    this.show(detail);
    if (!isOpen(detail)) this.#head.querySelector('h3').focus();
  };

  #outdated = ({ detail }) => (detail.prompt ? this.show(detail.prompt) : this.#reload());

  async #reload() {
    try {
      this.show(await call('GET', `/v1/prompts/${encodeURIComponent(this.#prompt.id)}`));
    } catch {
      // The notice above the buttons already says what happened.
    }
  }

  #decides() {
    return !this.isPast && isOpen(this.#prompt) && (Object.hasOwn(session.inbox, this.#prompt.id) || mayDecide(this.#prompt, session.user));
  }

  #renderHead() {
    const prompt = this.#prompt;
    const { expires_at: expires, on_expiry: onExpiry, need = 1 } = prompt.policy ?? {};
    replace(this.#head,
      lamp(prompt.status),
      h('div', { class: 'prompt-titles' },
        h('h3', { tabindex: '-1' }, prompt.title ?? 'Decision needed'),
        h('p', { class: 'meta' },
          h('span', {}, KIND_LABELS[prompt.kind] ?? label(prompt.kind)),
          prompt.step && h('span', {}, label(prompt.step)),
          prompt.attempt > 1 && h('span', {}, `attempt ${prompt.attempt}`),
          prompt.action?.risk && h('span', { class: `risk ${prompt.action.risk}` }, `${prompt.action.risk} risk`),
          need > 1 && h('span', {}, `${prompt.votes?.length ?? 0} of ${need} votes`),
          h('span', {}, 'asked ', h('sb-time', { datetime: prompt.created_at })),
          isOpen(prompt) && expires && h('span', {}, `${END_LABELS[onExpiry] ?? 'ends'} `, h('sb-time', { datetime: expires })),
          this.namesFlow && h('a', { href: routeTo('flows', prompt.flow_id) }, prompt.flow_title ?? 'Open the flow'))),
      h('span', { class: 'prompt-status' }, statusLabel(prompt.status)));
  }

  #renderBody() {
    const prompt = this.#prompt;
    const about = this.#decides() ? formOf(prompt) : undefined;
    const { proposal, ...others } = prompt.shown ?? {};
    // What stands in the form to be edited need not be shown a second time.
    const inForm = about?.target === 'response' && proposal !== undefined && about.value === proposal;
    const shown = inForm ? others : prompt.shown ?? {};
    const parts = [
      prompt.message && h('div', { class: 'markdown' }, renderMarkdown(prompt.message)),
      Object.keys(shown).length > 0 && valueOf(shown),
      prompt.action && h('div', { class: 'action' }, h('h4', {}, 'Tool ', h('code', {}, prompt.action.tool)),
        about?.target !== 'arguments' && valueOf(prompt.action.arguments ?? {})),
    ];
    replace(this.#body, isOpen(prompt) ? parts : h('details', {}, h('summary', {}, 'What was shown'), parts));
  }

  #renderFoot() {
    const prompt = this.#prompt;
    if (this.#decides()) {
      if (!this.#decision) {
        this.#decision = h('sb-decision');
        replace(this.#foot, this.#decision);
      }
      this.#decision.show(prompt);
      return;
    }
    this.#decision = undefined;
    replace(this.#foot,
      isOpen(prompt) && h('p', { class: 'muted' }, `Waiting for ${(prompt.assignees?.roles ?? []).join(' or ') || 'somebody else'}.`),
      prompt.outcome && outcome(prompt.outcome),
      prompt.superseded_by && h('p', {}, h('a', { href: routeTo('inbox', prompt.superseded_by) }, 'See the newer draft')));
  }
}

function valueOf(value) {
  const element = h('sb-value');
  element.show(value);
  return element;
}

function outcome({ verb, by = [], at, reason, response, arguments: args, execution }) {
  const sent = response ?? args;
  return h('div', { class: `outcome verb-${verb}` },
    h('p', {},
      h('strong', {}, VERBS[verb]?.done ?? label(verb ?? 'decided')),
      by.length > 0 && ` by ${names(by, session.user)}`, ' ',
      at && h('sb-time', { datetime: at }),
      execution && h('span', { class: `execution ${execution}` }, ` · ${EXECUTION_LABELS[execution] ?? execution}`)),
    reason && h('blockquote', {}, reason),
    sent !== undefined && sent !== null && h('details', {}, h('summary', {}, 'What was sent'), valueOf(sent)));
}

customElements.define('sb-prompt-card', PromptCard);
