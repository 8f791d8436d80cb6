/**
 * Why a connection ended: the close codes of RFC 6455 and of the protocol that decide what the client does next. Links
 * without a WebSocket end with the same codes.
 */

export const CLOSE_NORMAL = 1000;
/** Nobody said goodbye; never sent, only told. */
export const CLOSE_ABNORMAL = 1006;
/** Our own code for a connection that went silent; 3000–3999 are free for applications. */
export const CLOSE_SILENT = 3008;
export const CLOSE_UNAUTHENTICATED = 4401;

/**
 * Whether a code means: do not come back as you are.
 * @param {number} code
 * @returns {boolean}
 */
export function isRefusal(code) {
  return code >= 4400 && code <= 4403;
}
