/**
 * Document digests: SipHash-2-4 (key zero) over RFC 8785 canonical JSON, as 16 lower-case hex digits.
 * It finds out that a copy has drifted from the server's; it is no protection against an adversary.
 */

import { canonicalize } from './canonical.js';

const encoder = new TextEncoder();
const ZERO_KEY = new Uint8Array(16);

/**
 * The digest of a JSON document.
 * @param {unknown} document
 * @returns {string} 16 hex digits
 * @throws {import('./canonical.js').NotCanonicalError} for what is not JSON
 */
export function documentDigest(document) {
  return sipHash24(encoder.encode(canonicalize(document)));
}

/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012). 64-bit words are kept as two 32-bit halves:
 * BigInt arithmetic would be some fifty times slower.
 * @param {Uint8Array} bytes
 * @param {Uint8Array} key 16 bytes
 * @returns {string} the 64-bit result as a number in hex, most significant digit first
 */
export function sipHash24(bytes, key = ZERO_KEY) {
  const input = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const keyView = new DataView(key.buffer, key.byteOffset, 16);
  const [k0, k0h, k1, k1h] = [0, 4, 8, 12].map((offset) => keyView.getUint32(offset, true));
  // The state v0…v3 in locals, low halves and high halves: in an array it would be several times slower.
  let v0 = k0 ^ 0x70736575; let v0h = k0h ^ 0x736f6d65;
  let v1 = k1 ^ 0x6e646f6d; let v1h = k1h ^ 0x646f7261;
  let v2 = k0 ^ 0x6e657261; let v2h = k0h ^ 0x6c796765;
  let v3 = k1 ^ 0x79746573; let v3h = k1h ^ 0x74656462;
  const blocks = Math.floor(bytes.length / 8);
  const tail = tailOf(bytes);
  // One step for each block, one for the tail, one for the end.
  for (let step = 0; step <= blocks + 1; step += 1) {
    let low = 0; let high = 0; let rounds = 2;
    if (step < blocks) {
      low = input.getUint32(step * 8, true);
      high = input.getUint32(step * 8 + 4, true);
    } else if (step === blocks) [low, high] = tail;
    else {
      v2 ^= 0xff;
      rounds = 4;
    }
    v3 ^= low;
    v3h ^= high;
    for (; rounds > 0; rounds -= 1) {
      let sum = (v0 >>> 0) + (v1 >>> 0); v0 = sum | 0; v0h = (v0h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
      let swap = (v1 << 13) | (v1h >>> 19); v1h = ((v1h << 13) | (v1 >>> 19)) ^ v0h; v1 = swap ^ v0;
      swap = v0; v0 = v0h; v0h = swap;

      sum = (v2 >>> 0) + (v3 >>> 0); v2 = sum | 0; v2h = (v2h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
      swap = (v3 << 16) | (v3h >>> 16); v3h = ((v3h << 16) | (v3 >>> 16)) ^ v2h; v3 = swap ^ v2;

      sum = (v0 >>> 0) + (v3 >>> 0); v0 = sum | 0; v0h = (v0h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
      swap = (v3 << 21) | (v3h >>> 11); v3h = ((v3h << 21) | (v3 >>> 11)) ^ v0h; v3 = swap ^ v0;

      sum = (v2 >>> 0) + (v1 >>> 0); v2 = sum | 0; v2h = (v2h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
      swap = (v1 << 17) | (v1h >>> 15); v1h = ((v1h << 17) | (v1 >>> 15)) ^ v2h; v1 = swap ^ v2;
      swap = v2; v2 = v2h; v2h = swap;
    }
    v0 ^= low;
    v0h ^= high;
  }
  return hex(v0h ^ v1h ^ v2h ^ v3h) + hex(v0 ^ v1 ^ v2 ^ v3);
}

/** The last, incomplete block: the bytes that remain, and the length on top. */
function tailOf(bytes) {
  const tail = new Uint8Array(8);
  tail.set(bytes.subarray(bytes.length - (bytes.length % 8)));
  tail[7] = bytes.length & 0xff;
  const view = new DataView(tail.buffer);
  return [view.getUint32(0, true), view.getUint32(4, true)];
}

function hex(word) {
  return (word >>> 0).toString(16).padStart(8, '0');
}
