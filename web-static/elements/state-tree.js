/**
 * `<sb-state-tree>`: a JSON document as a collapsible tree in which changes flash. Only what is open
 * exists in the DOM, large containers in pages, and only what changed by reference is looked at.
 */

import { h, replace, setText } from '../lib/dom.js';
import { brief, plural } from '../lib/format.js';
import { isNumeric } from '../client/json/number.js';
import { isContainer } from '../client/json/pointer.js';
import { stringifyExact } from '../client/json/text.js';

const PAGE = 50;
const FLASH_MS = 1_600;
/** How deep the tree is open at first. */
const OPEN_DEPTH = 1;
const OPEN_CHILDREN = 12;

export class StateTree extends HTMLElement {
  #root;

  /**
   * @param {unknown} value shown from now on; must not be written to by anyone
   * @param {boolean} [flashes] whether what changes is to be noticed; after a leap everything has changed
   */
  show(value, flashes = true) {
    this.classList.toggle('still', !flashes);
    if (this.#root) {
      this.#root.update(value);
      return;
    }
    this.#root = new Branch(undefined, value, 0);
    this.#root.details.open = true;
    this.#root.fill();
    replace(this, h('ul', { class: 'tree' }, this.#root.element));
  }
}

/** One member of the tree: a leaf, or a container that is filled when it is first opened. */
class Branch {
  element = h('li');

  constructor(key, value, depth) {
    this.key = key;
    this.depth = depth;
    this.shown = PAGE;
    this.children = undefined;
    this.#build(value);
  }

  update(value) {
    if (value === this.value) return;
    const before = this.value;
    if (isContainer(value) !== isContainer(before) || Array.isArray(value) !== Array.isArray(before)) {
      this.#build(value);
      this.flash();
      return;
    }
    this.value = value;
    if (!isContainer(value)) {
      this.#setLeaf();
      this.flash();
      return;
    }
    setText(this.summary, summaryOf(value));
    if (this.details.open) this.fill(true);
    else this.flash();
  }

  flash() {
    clearTimeout(this.flashTimer);
    const row = this.row;
    // Taken off and put back in two frames, so that a change during the flash starts it anew.
    row.classList.remove('flash');
    requestAnimationFrame(() => row.classList.add('flash'));
    this.flashTimer = setTimeout(() => row.classList.remove('flash'), FLASH_MS);
  }

  #build(value) {
    this.value = value;
    this.children = undefined;
    const name = this.key !== undefined && h('span', { class: 'tree-key' }, this.key);
    if (!isContainer(value)) {
      this.leaf = h('span');
      this.row = h('div', { class: 'tree-row' }, name, this.leaf);
      replace(this.element, this.row);
      this.#setLeaf();
      return;
    }
    this.summary = h('span', { class: 'tree-summary' }, summaryOf(value));
    this.row = h('summary', { class: 'tree-row' }, this.key === undefined ? h('span', { class: 'tree-key' }, 'state') : name, this.summary);
    this.list = h('ul');
    this.details = h('details', {}, this.row, this.list);
    this.details.addEventListener('toggle', () => this.details.open && this.fill());
    replace(this.element, this.details);
    if (this.depth > 0 && this.depth <= OPEN_DEPTH && size(value) > 0 && size(value) <= OPEN_CHILDREN) {
      this.details.open = true;
      this.fill();
    }
  }

  #setLeaf() {
    this.leaf.className = `tree-value type-${typeOf(this.value)}`;
    const full = typeof this.value === 'string' ? JSON.stringify(this.value) : stringifyExact(this.value);
    setText(this.leaf, brief(full, 240));
    this.leaf.title = full.length > 240 ? full : '';
  }

  /** Brings the children in line with the value; `announce` flashes the new ones. */
  fill(announce = false) {
    const keys = Array.isArray(this.value) ? [...this.value.keys()].map(String) : Object.keys(this.value);
    const visible = keys.slice(0, this.shown);
    const before = this.children ?? new Map();
    this.children = new Map();
    const elements = visible.map((key) => {
      let branch = before.get(key);
      if (branch) branch.update(this.value[key]);
      else {
        branch = new Branch(key, this.value[key], this.depth + 1);
        if (announce) branch.flash();
      }
      this.children.set(key, branch);
      return branch.element;
    });
    const hidden = keys.length - visible.length;
    if (hidden > 0) {
      const button = { type: 'button', class: 'quiet small', onClick: () => this.#more() };
      elements.push(h('li', {}, h('button', button, `${plural(hidden, 'more entry', 'more entries')}…`)));
    }
    const same = elements.length === this.list.childElementCount && elements.every((element, i) => element === this.list.children[i]);
    if (!same) replace(this.list, elements);
  }

  #more() {
    this.shown += PAGE;
    this.fill();
  }
}

function typeOf(value) {
  if (value === null) return 'null';
  return isNumeric(value) ? 'number' : typeof value;
}

function size(value) {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function summaryOf(value) {
  return Array.isArray(value) ? `[ ${plural(value.length, 'item')} ]` : `{ ${plural(size(value), 'member')} }`;
}

customElements.define('sb-state-tree', StateTree);
