/**
 * `<sb-decision>`: the form and the buttons that decide a prompt. What is typed is kept per prompt and
 * `shown_digest`; a decision whose answer got lost is sent again under the same key.
 */

import { h, replace, setText } from '../lib/dom.js';
import { dropDrafts, idempotencyKey, loadDraft, saveDraft } from '../lib/drafts.js';
import { stringifyExact } from '../client/json/text.js';
import { VERBS, claimedByOther, decisionOf, explainRefusal, formOf, names, sendsForm } from '../lib/prompt-rules.js';
import { randomId } from '../client/random-id.js';
import { session } from '../lib/session.js';
import './schema-form.js';
import { toast } from './toast-list.js';

const DRAFT_DELAY_MS = 200;
/** After these an answer may still have been given: the key must stay the same. */
const UNANSWERED = new Set(['timeout', 'connection_lost', 'closed', 'signed_out']);

export class PromptDecision extends HTMLElement {
  #prompt; #target; #form; #answer; #reason; #buttons = new Map(); #undo; #busy = false; #draftTimer;
  #notice = h('p', { class: 'notice', role: 'alert', hidden: true, dataset: { testid: 'prompt-notice' } });
  #claim = h('div', { class: 'claim' });

  connectedCallback() {
    globalThis.addEventListener('pagehide', this.#saveDraft);
  }

  disconnectedCallback() {
    globalThis.removeEventListener('pagehide', this.#saveDraft);
    this.#saveDraft();
  }

  /** Shows the prompt; what was typed stays as long as the same thing is shown. */
  show(prompt) {
    const fresh = this.#prompt?.shown_digest !== prompt.shown_digest;
    const changed = fresh && this.#prompt !== undefined;
    if (changed) this.#saveDraft();
    this.#prompt = prompt;
    if (fresh) this.#build();
    if (changed) this.#tell('What is shown has just changed. Please read it again.', 'warning');
    this.#refresh();
  }

  #build() {
    const prompt = this.#prompt;
    const draft = loadDraft(prompt);
    const about = formOf(prompt);
    this.#target = about?.target;
    this.#form = about && h('sb-schema-form');
    this.#form?.configure(about.schema, about.value, draft.form);
    const freeAnswer = prompt.allowed.includes('respond') && this.#target !== 'response';
    this.#answer = freeAnswer ? textarea('Your answer', draft.answer, {}) : undefined;
    const needsReason = prompt.allowed.includes('reject');
    this.#reason = textarea(needsReason ? 'Reason (needed to reject)' : 'Reason (optional)', draft.reason, { testid: 'prompt-reason' });
    this.#buttons = new Map(Object.keys(VERBS).filter((verb) => prompt.allowed.includes(verb)).map((verb) => [verb, this.#button(verb)]));
    this.#undo = h('button', { type: 'button', class: 'quiet', hidden: true, onClick: () => this.#reset() }, 'Undo my changes');
    // Only a plain answer is sent by Enter: nobody may approve or reject by a stray key.
    const byEnter = this.#buttons.size === 1 && this.#buttons.has('respond');
    this.#reason.element.hidden = byEnter;
    const form = h('form', { novalidate: true }, this.#form, this.#answer?.element, this.#reason.element, this.#notice, this.#claim,
      h('div', { class: 'verbs' }, [...this.#buttons.values()], this.#undo));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (byEnter) this.#decide('respond');
    });
    if (!byEnter) form.addEventListener('keydown', noSubmitByEnter);
    for (const type of ['input', 'change']) form.addEventListener(type, () => this.#edited());
    this.#notice.hidden = true;
    replace(this, form);
  }

  #button(verb) {
    const style = { approve: 'primary go', respond: 'primary', edit: 'primary', reject: 'danger' }[verb] ?? '';
    return h('button', {
      type: verb === 'respond' && this.#prompt.allowed.length === 1 ? 'submit' : 'button', class: style,
      dataset: { testid: `prompt-verb-${verb}` },
      onClick: (event) => event.currentTarget.type === 'button' && this.#decide(verb),
    }, VERBS[verb].label);
  }

  #edited() {
    clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(this.#saveDraft, DRAFT_DELAY_MS);
    this.#refresh();
  }

  #saveDraft = () => {
    if (this.#draftTimer === undefined) return;
    clearTimeout(this.#draftTimer);
    this.#draftTimer = undefined;
    saveDraft(this.#prompt, { form: this.#form?.raw(), reason: this.#reason.input.value, answer: this.#answer?.input.value });
  };

  #refresh() {
    const prompt = this.#prompt;
    const other = claimedByOther(prompt, session.user);
    const unclaimed = prompt.requires_claim && !prompt.claim;
    this.#undo.hidden = !this.#changedProposal();
    for (const [verb, button] of this.#buttons) {
      button.disabled = this.#busy || unclaimed || (other && prompt.requires_claim);
      // "As proposed" would silently drop what the reader changed.
      button.classList.toggle('held', (verb === 'approve' && this.#changedProposal()) || (verb === 'edit' && !this.#form?.dirty));
    }
    const claimable = unclaimed || (prompt.claim && !other);
    replace(this.#claim,
      other && h('p', { class: 'notice warning' }, `Claimed by ${names([prompt.claim.by], session.user)}.`),
      claimable && h('button', { type: 'button', dataset: { testid: 'prompt-claim' }, onClick: () => this.#setClaim(unclaimed) },
        unclaimed ? 'Claim it to decide' : 'Release my claim'));
  }

  #changedProposal() {
    return this.#buttons.has('approve') && (this.#form?.dirty ?? false);
  }

  #reset() {
    this.#form.reset();
    this.#edited();
    this.#tell('', 'info');
  }

  async #setClaim(claim) {
    try {
      await (claim ? session.client.claim(this.#prompt.id) : session.client.release(this.#prompt.id));
    } catch (error) {
      this.#tell(explainRefusal(error, session.user).text, 'error');
    }
  }

  async #decide(verb) {
    const reason = this.#reason.input.value.trim();
    const complaint = this.#complaint(verb, reason);
    if (complaint) {
      this.#tell(complaint, 'warning');
      return;
    }
    const prompt = this.#prompt;
    const sendForm = this.#form && sendsForm(verb);
    if (sendForm && !this.#form.check()) {
      this.#tell('Correct the marked fields first.', 'warning');
      return;
    }
    const decision = decisionOf(verb, {
      value: sendForm ? this.#form.read() : undefined, target: this.#target, answer: this.#answer?.input.value.trim(), reason,
    });
    this.#setBusy(true);
    if (session.client.state !== 'online') this.#tell('Not connected. The decision is sent as soon as the line is back.', 'info');
    try {
      const key = idempotencyKey(prompt, stringifyExact({ ...decision, version: prompt.version }));
      this.#decided(verb, await session.client.decide(prompt, { ...decision, idempotencyKey: key }));
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#setBusy(false);
    }
  }

  #complaint(verb, reason) {
    if (verb === 'approve' && this.#changedProposal()) {
      return this.#buttons.has('edit')
        ? `You changed the proposal. Use “${VERBS.edit.label}”, or undo your changes to approve it as it is.`
        : 'You changed the proposal. Undo your changes to approve it as it is.';
    }
    if (verb === 'edit' && this.#form && !this.#form.dirty) return 'Nothing is changed yet: change a value, or approve as proposed.';
    if (verb === 'reject' && reason === '') {
      this.#reason.input.focus();
      return 'Say in a few words why you reject this.';
    }
    if (verb === 'respond' && this.#answer && this.#answer.input.value.trim() === '') {
      this.#answer.input.focus();
      return 'Write an answer first.';
    }
    return undefined;
  }

  #decided(verb, prompt) {
    clearTimeout(this.#draftTimer);
    this.#draftTimer = undefined;
    dropDrafts(this.#prompt.id);
    const open = prompt.status === 'open' || prompt.status === 'claimed';
    const need = prompt.policy?.need ?? 1;
    toast(open ? `Your vote counts: ${prompt.votes?.length ?? 1} of ${need}.` : `${VERBS[verb].done}: ${prompt.title}`, 'success');
    this.#tell(open ? `Your vote counts (${prompt.votes?.length ?? 1} of ${need}).` : '', 'info');
    this.dispatchEvent(new CustomEvent('decided', { bubbles: true, detail: prompt }));
  }

  #refused(error) {
    const { text, final } = explainRefusal(error, session.user);
    if (!UNANSWERED.has(error.code)) saveDraft(this.#prompt, { attempt: undefined });
    this.#tell([text, ...this.#showErrors(error.data?.errors ?? [])].join('\n'), 'error');
    const latest = error.data?.prompt;
    if (final || latest) this.dispatchEvent(new CustomEvent('outdated', { bubbles: true, detail: { prompt: latest } }));
  }

  /** Shows what the server found at the fields; returns what belongs to none of them. */
  #showErrors(errors) {
    const inForm = /^#?\/(response|arguments)(?=\/|$)/;
    const fields = errors.filter(({ pointer = '' }) => inForm.test(pointer));
    this.#form?.showProblems(fields.map(({ pointer, message }) => ({ pointer: pointer.replace(inForm, ''), message })));
    return errors.filter((error) => !this.#form || !fields.includes(error)).map(({ pointer = '', message }) => `${pointer} ${message}`);
  }

  #setBusy(busy) {
    this.#busy = busy;
    this.setAttribute('aria-busy', String(busy));
    if (this.#buttons.size > 0) this.#refresh();
  }

  #tell(text, kind) {
    this.#notice.className = `notice ${kind}`;
    this.#notice.hidden = text === '';
    setText(this.#notice, text);
  }
}

function textarea(label, value, dataset) {
  const id = `text-${randomId()}`;
  const input = h('textarea', { id, rows: 2, maxlength: 2000, dataset });
  input.value = value ?? '';
  return { input, element: h('div', { class: 'field' }, h('label', { for: id }, label), input) };
}

function noSubmitByEnter(event) {
  if (event.key === 'Enter' && event.target.localName === 'input') event.preventDefault();
}

customElements.define('sb-decision', PromptDecision);
