/**
 * JSON Patch (RFC 6902), structure-sharing: the result shares every untouched part with the input,
 * and no value that was passed in is ever written to. A reference that is still the same after a
 * patch is therefore unchanged in depth, which is what the page compares to know what to redraw.
 */

import { jsonEqual } from './equality.js';
import { PointerError, arrayIndex, child, isContainer, parsePointer, resolvePointer } from './pointer.js';

/** A patch that is malformed or does not fit the document. The document is as it was before. */
export class PatchError extends Error {
  /** @param {string} message @param {number} index which operation of the patch */
  constructor(message, index) {
    super(`operation ${index}: ${message}`);
    this.name = 'PatchError';
    this.index = index;
  }
}

/**
 * Applies a patch; all or nothing.
 * Cost: the containers on the way to each changed value are copied once per patch, nothing else.
 * @template T
 * @param {T} document
 * @param {ReadonlyArray<object>} patch
 * @returns {T} the patched document; `document` itself when nothing changed
 * @throws {PatchError}
 */
export function applyPatch(document, patch) {
  if (!Array.isArray(patch)) throw new PatchError('a patch must be an array', 0);
  const editor = new Editor(document);
  patch.forEach((operation, index) => {
    try {
      editor.apply(operation);
    } catch (error) {
      if (error instanceof PatchError) throw error;
      throw new PatchError(error.message, index);
    }
  });
  return editor.root;
}

class Editor {
  /** Containers made by this patch. Nobody else has seen them, so they may be written in place. */
  #owned = new Set();

  constructor(document) {
    this.root = document;
  }

  apply(operation) {
    if (operation === null || typeof operation !== 'object') throw new Error('an operation must be an object');
    const path = parsePointer(operation.path);
    switch (operation.op) {
      case 'add': return this.#add(path, member(operation, 'value'));
      case 'remove': return this.#remove(path);
      case 'replace': return this.#replace(path, member(operation, 'value'));
      case 'move': return this.#move(operation, path);
      case 'copy': return this.#copy(operation, path);
      case 'test': return this.#test(operation, member(operation, 'value'));
      default: throw new Error(`unknown operation ${JSON.stringify(operation.op)}`);
    }
  }

  #add(path, value) {
    if (path.length === 0) {
      this.root = value;
      return;
    }
    const { container, token } = this.#parent(path);
    if (Array.isArray(container)) {
      const index = token === '-' ? container.length : arrayIndex(token, container.length);
      if (index < 0) throw new Error(`${JSON.stringify(token)} is no index to add at`);
      container.splice(index, 0, value);
    } else {
      setMember(container, token, value);
    }
  }

  #remove(path) {
    if (path.length === 0) throw new Error('the whole document cannot be removed');
    const { container, token } = this.#parent(path, true);
    if (Array.isArray(container)) container.splice(Number(token), 1);
    else delete container[token];
  }

  #replace(path, value) {
    if (path.length === 0) {
      this.root = value;
      return;
    }
    const { container, token } = this.#parent(path, true);
    if (Array.isArray(container)) container[Number(token)] = value;
    else setMember(container, token, value);
  }

  #move(operation, path) {
    const from = parsePointer(member(operation, 'from'));
    const value = resolvePointer(this.root, operation.from);
    if (operation.from === operation.path) return;
    if (operation.path.startsWith(`${operation.from}/`)) throw new Error('a value cannot move into itself');
    this.#remove(from);
    this.#add(path, value);
  }

  #copy(operation, path) {
    parsePointer(member(operation, 'from'));
    const value = resolvePointer(this.root, operation.from);
    // From here on two places hold the same value, so writing in place would change both.
    this.#owned.clear();
    this.#add(path, value);
  }

  #test(operation, expected) {
    if (!jsonEqual(resolvePointer(this.root, operation.path), expected)) {
      throw new Error(`test failed at ${JSON.stringify(operation.path)}`);
    }
  }

  /** Makes the containers down to the parent of `path` writable and returns that parent. */
  #parent(path, mustExist = false) {
    this.root = this.#writable(this.root, path);
    let container = this.root;
    for (const token of path.slice(0, -1)) {
      const next = child(container, token);
      if (!next.found) throw new PointerError('nothing at this pointer', `/${path.join('/')}`);
      const copy = this.#writable(next.value, path);
      if (copy !== next.value) {
        if (Array.isArray(container)) container[Number(token)] = copy;
        else setMember(container, token, copy);
      }
      container = copy;
    }
    const token = path[path.length - 1];
    if (mustExist && !child(container, token).found) {
      throw new PointerError('nothing at this pointer', `/${path.join('/')}`);
    }
    return { container, token };
  }

  #writable(value, path) {
    if (!isContainer(value)) {
      throw new PointerError('a scalar has no members', `/${path.join('/')}`);
    }
    if (this.#owned.has(value)) return value;
    const copy = Array.isArray(value) ? value.slice() : { ...value };
    this.#owned.add(copy);
    return copy;
  }
}

function member(operation, name) {
  if (!Object.hasOwn(operation, name)) throw new Error(`"${operation.op}" needs "${name}"`);
  return operation[name];
}

function setMember(object, key, value) {
  // Plain assignment to "__proto__" would change the prototype instead of adding a member.
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}
