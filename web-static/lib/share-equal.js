/** Documents that were read one by one, made to share what is equal in them, as documents that follow from each other do. */

import { jsonEqual } from '../client/json/equality.js';
import { isContainer } from '../client/json/pointer.js';

/**
 * Puts the parts of one document in place of the equal ones of another. What is the same by reference then is what did
 * not change, and needs neither memory nor a second look.
 * @param {unknown} known
 * @param {unknown} fresh nobody else may know it yet: it is written to
 * @returns {unknown} `known` where all of it is equal, else `fresh`
 */
export function shareEqual(known, fresh) {
  if (!isContainer(known) || !isContainer(fresh) || Array.isArray(known) !== Array.isArray(fresh)) {
    return jsonEqual(known, fresh) ? known : fresh;
  }
  const keys = Object.keys(fresh);
  let isSame = keys.length === Object.keys(known).length;
  for (const key of keys) {
    if (!Object.hasOwn(known, key)) {
      isSame = false;
      continue;
    }
    const shared = shareEqual(known[key], fresh[key]);
    isSame &&= shared === known[key];
    // A member called "__proto__" would be no member after an assignment; it is left as it is.
    if (shared !== fresh[key] && key !== '__proto__') fresh[key] = shared;
  }
  return isSame ? known : fresh;
}
