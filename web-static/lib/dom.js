/**
 * Building DOM without markup strings: text is always text, so nothing from a server can become markup.
 */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Creates an HTML element.
 * @param {string} tag
 * @param {object} [props] `class`, `on…` listeners, `dataset`, DOM properties for booleans, else attributes
 * @param {...(Node|string|number|null|undefined|false|Array)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** Creates an SVG element; same arguments as {@link h}. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2).toLowerCase(), value);
    else if (name === 'dataset') Object.assign(element.dataset, value);
    else if (value === true) element.setAttribute(name, '');
    else element.setAttribute(name, value);
  }
  element.append(...nodes(children));
  return element;
}

function nodes(children) {
  return children.flat(3)
    .filter((node) => node !== null && node !== undefined && node !== false)
    .map((node) => (typeof node === 'number' ? String(node) : node));
}

/** Replaces all children. */
export function replace(element, ...children) {
  element.replaceChildren(...nodes(children));
}

/** Sets an attribute only when it differs, so that observers and transitions stay quiet. */
export function setAttribute(element, name, value) {
  if (value === undefined || value === null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** Sets the text only when it differs. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes a function that runs `render` once per frame however often it is called.
 * A hidden page gets no frames; there a timer takes over, so that nothing is stale when it is shown.
 */
export function oncePerFrame(render) {
  let frame; let timer;
  const run = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    timer = undefined;
    render();
  };
  return () => {
    if (timer !== undefined) return;
    timer = setTimeout(run, 250);
    frame = requestAnimationFrame(run);
  };
}

/**
 * Brings the children of a list in line with keyed items, keeping (and only moving) existing elements.
 * @param {Element} list
 * @param {Array<{key: string}>} items
 * @param {(item: object) => Element} create
 * @param {(element: Element, item: object) => void} update
 */
export function reconcile(list, items, create, update) {
  const existing = new Map([...list.children].map((element) => [element.dataset.key, element]));
  let cursor = list.firstElementChild;
  for (const item of items) {
    let element = existing.get(item.key);
    if (element) existing.delete(item.key);
    else {
      element = create(item);
      element.dataset.key = item.key;
    }
    if (element === cursor) cursor = cursor.nextElementSibling;
    else list.insertBefore(element, cursor);
    update(element, item);
  }
  for (const element of existing.values()) element.remove();
}
