/** `<sb-new-flow>`: the dialog that uploads an export and starts a discovery flow with it. */

import { h, replace, setText } from '../lib/dom.js';
import { bytes } from '../lib/format.js';
import { call, explain, upload } from '../lib/http.js';
import { randomId } from '../client/random-id.js';
import { routeTo } from '../lib/router.js';

export class NewFlowDialog extends HTMLElement {
  #file;
  /** A retry after a failed second call must neither upload again nor start a second flow. */
  #uploaded;
  #flowKey;
  #abort;
  #dialog = h('dialog', { class: 'dialog wide', 'aria-labelledby': 'new-flow-title' });
  #input = h('input', {
    type: 'file', class: 'visually-hidden', id: 'upload-file', accept: '.csv,.tsv,.txt,text/csv',
    dataset: { testid: 'upload-file' },
  });
  #title = h('input', {
    type: 'text', id: 'upload-title', maxlength: 200, autocomplete: 'off', dataset: { testid: 'upload-title' },
  });
  #fileText = h('span', { class: 'drop-file' });
  #error = h('p', { class: 'notice error', role: 'alert', hidden: true });
  #progress = h('progress', { max: 1, value: 0, 'aria-label': 'Upload' });
  #progressText = h('span', { class: 'muted', role: 'status' });
  #progressRow = h('div', { class: 'upload-progress', hidden: true }, this.#progress, this.#progressText);
  #submit = h('button', { type: 'submit', class: 'primary', dataset: { testid: 'upload-submit' } }, 'Upload and start');

  connectedCallback() {
    const drop = h('label', { class: 'drop', for: 'upload-file' },
      h('strong', {}, 'Choose a file'), h('span', {}, 'or drop it here'), this.#fileText);
    const form = h('form', {},
      h('h2', { id: 'new-flow-title' }, 'New discovery flow'),
      h('p', { class: 'muted' }, 'An export of your CMDB as CSV: any delimiter, any column names, up to 100 MB.'),
      this.#error,
      h('div', { class: 'drop-field' }, this.#input, drop),
      h('div', { class: 'field' },
        h('label', { for: 'upload-title' }, 'Title', h('span', { class: 'optional' }, ' (optional)')), this.#title),
      this.#progressRow,
      h('div', { class: 'dialog-actions' },
        h('button', { type: 'button', onClick: () => this.#dialog.close() }, 'Cancel'), this.#submit));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start();
    });
    this.#input.addEventListener('change', () => this.#input.files[0] && this.take(this.#input.files[0]));
    this.#dialog.addEventListener('dragover', (event) => event.preventDefault());
    drop.addEventListener('dragenter', () => drop.classList.add('over'));
    drop.addEventListener('dragleave', () => drop.classList.remove('over'));
    this.#dialog.addEventListener('drop', (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      if (event.dataTransfer.files.length > 0) this.take(event.dataTransfer.files[0]);
    });
    this.#dialog.addEventListener('close', () => {
      this.#abort?.abort();
      this.remove();
    });
    replace(this.#dialog, form);
    replace(this, this.#dialog);
    this.#dialog.showModal();
  }

  /** Takes a file as chosen. */
  take(file) {
    this.#file = file;
    this.#uploaded = undefined;
    this.#flowKey = undefined;
    this.#error.hidden = true;
    setText(this.#fileText, `${file.name} · ${bytes(file.size)}`);
    if (this.#title.value === '') this.#title.value = file.name.replace(/\.[^.]+$/, '');
  }

  async #start() {
    if (!this.#file || this.#file.size === 0) {
      this.#fail(this.#file ? 'This file is empty.' : 'Choose a file first.');
      return;
    }
    this.#error.hidden = true;
    this.#submit.disabled = true;
    this.#abort = new AbortController();
    try {
      this.#uploaded ??= await this.#send();
      setText(this.#progressText, 'Starting the flow…');
      this.#flowKey ??= randomId();
      const title = this.#title.value.trim() || this.#file.name;
      const flow = await call('POST', '/v1/flows', {
        body: { type: 'discovery', title, input: { upload_id: this.#uploaded.id } },
        headers: { 'Idempotency-Key': this.#flowKey },
        signal: this.#abort.signal,
      });
      this.#dialog.close();
      location.hash = routeTo('flows', flow.id);
    } catch (error) {
      if (error.name === 'AbortError') return;
      // A refused request may be corrected; under its old key that would be another request.
      if (error.status > 0) this.#flowKey = undefined;
      this.#fail(explain(error));
    } finally {
      this.#submit.disabled = false;
      this.#progressRow.hidden = true;
    }
  }

  async #send() {
    this.#progressRow.hidden = false;
    return upload(this.#file, {
      signal: this.#abort.signal,
      onProgress: (sent, total) => {
        this.#progress.max = total;
        this.#progress.value = sent;
        setText(this.#progressText, sent < total ? `${bytes(sent)} of ${bytes(total)}` : 'Received, being stored…');
      },
    });
  }

  #fail(text) {
    this.#error.hidden = false;
    setText(this.#error, text);
  }
}

customElements.define('sb-new-flow', NewFlowDialog);

/** Opens the dialog, with a file when one was dropped on the page. */
export function openNewFlow(file) {
  const element = h('sb-new-flow');
  document.body.append(element);
  if (file) element.take(file);
}
