/** Commands of the WebSocket as the HTTP calls that do the same. */

/** @typedef {{method: string, path: string, body?: unknown, type?: string, headers?: object}} HttpCall */

/** @type {Record<string, (params: any) => HttpCall>} */
const CALLS = {
  'prompt.decide': ({ prompt, ...body }) => ({ method: 'POST', path: `${promptPath(prompt)}/decision`, body }),
  'prompt.claim': ({ prompt }) => ({ method: 'POST', path: `${promptPath(prompt)}/claim` }),
  'prompt.release': ({ prompt }) => ({ method: 'POST', path: `${promptPath(prompt)}/release` }),
  patch: ({ flow, patch, if_seq: ifSeq }) => ({
    method: 'PATCH',
    path: `/v1/flows/${encodeURIComponent(flow)}/state`,
    body: patch,
    type: 'application/json-patch+json',
    headers: ifSeq === undefined ? {} : { 'If-Match': `"${ifSeq}"` },
  }),
  ping: () => ({ method: 'GET', path: '/v1/me' }),
};

/**
 * @param {string} method of JSON-RPC
 * @param {object} params
 * @returns {HttpCall|undefined} undefined when HTTP has no such command
 */
export function httpCall(method, params) {
  return Object.hasOwn(CALLS, method) ? CALLS[method](params) : undefined;
}

/**
 * Where a stream is read.
 * @param {string} stream
 * @param {Record<string, string|number|undefined>} query
 */
export function streamPath(stream, query) {
  const present = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(present).toString();
  return `/v1/streams/${encodeURIComponent(stream)}${search === '' ? '' : `?${search}`}`;
}

function promptPath(id) {
  return `/v1/prompts/${encodeURIComponent(id)}`;
}
