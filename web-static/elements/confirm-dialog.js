/** A yes-or-no question in a modal dialog. */

import { h } from '../lib/dom.js';

/**
 * @param {{title: string, text: string, confirm: string, danger?: boolean}} question
 * @returns {Promise<boolean>} false also when the dialog is dismissed
 */
export function askFirst({ title, text, confirm, danger = false }) {
  return new Promise((resolve) => {
    const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'ask-title' },
      h('form', { method: 'dialog' },
        h('h2', { id: 'ask-title' }, title),
        h('p', {}, text),
        h('div', { class: 'dialog-actions' },
          h('button', { value: 'no', autofocus: true }, 'Keep as it is'),
          h('button', { value: 'yes', class: danger ? 'danger' : 'primary' }, confirm))));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
