/** What the client must make of a vector of protocol/vectors. Runs in Node and in browsers: no module of either. */

import {
  PatchError, applyPatch, canonicalize, documentDigest, jsonEqual, parseExact, stringifyExact,
} from '../../../web-static/signalbox.js';

function same(found, wanted, what) {
  if (found !== wanted) throw new Error(`${what}: ${found} instead of ${wanted}`);
}

function refuses(action) {
  try {
    action();
  } catch (error) {
    if (error instanceof PatchError) return;
    throw error;
  }
  throw new Error('the patch was applied');
}

const JUDGES = {
  written: ({ text, written }) => same(stringifyExact(parseExact(text)), written, 'written'),
  canonical: ({ text, canonical }) => {
    same(canonicalize(parseExact(text)), canonical, 'canonical form');
    same(canonicalize(parseExact(canonical)), canonical, 'canonical form of itself');
  },
  digest: ({ text, digest }) => same(documentDigest(parseExact(text)), digest, 'digest'),
  equal: ({ left, right, equal }) => {
    same(jsonEqual(parseExact(left), parseExact(right)), equal, 'equality');
    same(jsonEqual(parseExact(right), parseExact(left)), equal, 'equality the other way round');
  },
  apply: ({ document, patch, result, error }) => {
    const before = parseExact(document);
    if (error) refuses(() => applyPatch(before, parseExact(patch)));
    else {
      const after = applyPatch(before, parseExact(patch));
      same(jsonEqual(after, parseExact(result)), true, `equality of ${canonicalize(after)} with ${result}`);
      same(canonicalize(after), canonicalize(parseExact(result)), 'result');
    }
    same(stringifyExact(before), stringifyExact(parseExact(document)), 'the document that was not to be written to');
  },
};

/** @throws {Error} when the client does not do what the vector says */
export function judge(vector) {
  if (!Object.hasOwn(JUDGES, vector.kind)) throw new Error(`unknown kind ${vector.kind}`);
  JUDGES[vector.kind](vector);
}

/**
 * Judges a file's text. Counted is what was judged, not what the file holds: whoever asks compares the two.
 * @returns {{judged: number, failures: string[]}}
 */
export function judgeAll(text) {
  const failures = [];
  let judged = 0;
  for (const vector of JSON.parse(text)) {
    try {
      judge(vector);
    } catch (error) {
      failures.push(`${vector.kind}: ${vector.name}: ${error.message}`);
    }
    judged += 1;
  }
  return { judged, failures };
}
