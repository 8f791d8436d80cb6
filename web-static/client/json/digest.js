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
  // The state v0…v3, low half first.
  const v = new Uint32Array([
    k0 ^ 0x70736575, k0h ^ 0x736f6d65, k1 ^ 0x6e646f6d, k1h ^ 0x646f7261,
    k0 ^ 0x6e657261, k0h ^ 0x6c796765, k1 ^ 0x79746573, k1h ^ 0x74656462,
  ]);
  const whole = bytes.length - (bytes.length % 8);
  for (let offset = 0; offset < whole; offset += 8) {
    absorb(v, input.getUint32(offset, true), input.getUint32(offset + 4, true));
  }
  const tail = new Uint8Array(8);
  tail.set(bytes.subarray(whole));
  tail[7] = bytes.length & 0xff;
  const tailView = new DataView(tail.buffer);
  absorb(v, tailView.getUint32(0, true), tailView.getUint32(4, true));
  v[4] ^= 0xff;
  for (let i = 0; i < 4; i += 1) round(v);
  return hex(v[1] ^ v[3] ^ v[5] ^ v[7]) + hex(v[0] ^ v[2] ^ v[4] ^ v[6]);
}

function absorb(v, low, high) {
  v[6] ^= low;
  v[7] ^= high;
  round(v);
  round(v);
  v[0] ^= low;
  v[1] ^= high;
}

function round(v) {
  let [v0, v0h, v1, v1h, v2, v2h, v3, v3h] = v;
  let sum; let high; let low;

  sum = v0 + v1; v0 = sum >>> 0; v0h = (v0h + v1h + (sum > 0xffffffff ? 1 : 0)) >>> 0;
  high = (v1h << 13) | (v1 >>> 19); low = (v1 << 13) | (v1h >>> 19);
  v1 = (low ^ v0) >>> 0; v1h = (high ^ v0h) >>> 0;
  low = v0; v0 = v0h; v0h = low;

  sum = v2 + v3; v2 = sum >>> 0; v2h = (v2h + v3h + (sum > 0xffffffff ? 1 : 0)) >>> 0;
  high = (v3h << 16) | (v3 >>> 16); low = (v3 << 16) | (v3h >>> 16);
  v3 = (low ^ v2) >>> 0; v3h = (high ^ v2h) >>> 0;

  sum = v0 + v3; v0 = sum >>> 0; v0h = (v0h + v3h + (sum > 0xffffffff ? 1 : 0)) >>> 0;
  high = (v3h << 21) | (v3 >>> 11); low = (v3 << 21) | (v3h >>> 11);
  v3 = (low ^ v0) >>> 0; v3h = (high ^ v0h) >>> 0;

  sum = v2 + v1; v2 = sum >>> 0; v2h = (v2h + v1h + (sum > 0xffffffff ? 1 : 0)) >>> 0;
  high = (v1h << 17) | (v1 >>> 15); low = (v1 << 17) | (v1h >>> 15);
  v1 = (low ^ v2) >>> 0; v1h = (high ^ v2h) >>> 0;
  low = v2; v2 = v2h; v2h = low;

  v[0] = v0; v[1] = v0h; v[2] = v1; v[3] = v1h; v[4] = v2; v[5] = v2h; v[6] = v3; v[7] = v3h;
}

function hex(word) {
  return (word >>> 0).toString(16).padStart(8, '0');
}
