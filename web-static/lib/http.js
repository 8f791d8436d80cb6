/**
 * HTTP calls of the dashboard: cookies for identity, the CSRF header for changes, problem+json for errors.
 */

import { parseExact, stringifyExact } from '../client/json/text.js';

/** An answer that was not 2xx, or none at all (`status` 0). */
export class ApiError extends Error {
  /** @param {number} status @param {object} problem RFC 9457 members, as far as there are any */
  constructor(status, problem = {}) {
    super(problem.detail ?? problem.title ?? `The server answered with status ${status}.`);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code;
    this.problem = problem;
  }
}

const UNREACHABLE = { title: 'The server cannot be reached', detail: 'The server cannot be reached just now.' };

/** Listeners for "the session is over", which any call may find out. */
export const httpEvents = new EventTarget();

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, headers?: object, signal?: AbortSignal, quiet401?: boolean}} [options]
 *   `quiet401`: a 401 is an answer here, not the end of the session
 * @returns {Promise<any>} the parsed body, undefined when there is none
 * @throws {ApiError}
 */
export async function call(method, path, { body, headers = {}, signal, quiet401 = false } = {}) {
  let response; let text;
  try {
    response = await fetch(path, {
      method,
      signal,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json, application/problem+json',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(method !== 'GET' && csrfHeader()),
        ...headers,
      },
      body: body === undefined ? undefined : stringifyExact(body),
    });
    text = await response.text();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, UNREACHABLE);
  }
  return settle(response.status, text, quiet401);
}

/**
 * Uploads a file as the raw request body. `fetch` cannot report upload progress; XMLHttpRequest can.
 * @param {File} file
 * @param {{onProgress: (sent: number, total: number) => void, signal: AbortSignal}} options
 * @returns {Promise<{id: string}>}
 * @throws {ApiError}
 */
export function upload(file, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', '/v1/uploads');
    const isText = /\.(csv|tsv|txt)$/i.test(file.name);
    xhr.setRequestHeader('Content-Type', isText ? 'text/csv' : 'application/octet-stream');
    xhr.setRequestHeader('X-Filename', encodeURIComponent(file.name));
    for (const [name, value] of Object.entries(csrfHeader())) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    xhr.onerror = () => reject(new ApiError(0, UNREACHABLE));
    xhr.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    xhr.onload = () => {
      try {
        resolve(settle(xhr.status, xhr.responseText, false));
      } catch (error) {
        reject(error);
      }
    };
    signal.addEventListener('abort', () => xhr.abort(), { once: true });
    xhr.send(file);
  });
}

function settle(status, text, quiet401) {
  let body;
  try {
    body = text === '' ? undefined : parseExact(text);
  } catch {
    throw new ApiError(status, { detail: `The server answered with something that is not JSON (status ${status}).` });
  }
  if (status >= 200 && status < 300) return body;
  if (status === 401 && !quiet401) httpEvents.dispatchEvent(new Event('signedout'));
  throw new ApiError(status, body);
}

function csrfHeader() {
  const match = /(?:^|;\s*)signalbox_csrf=([^;]*)/.exec(document.cookie);
  return match ? { 'X-CSRF-Token': decodeURIComponent(match[1]) } : {};
}

/**
 * What to tell a person about a failed call.
 * @param {Error} error
 * @returns {string}
 */
export function explain(error) {
  if (!(error instanceof ApiError)) return error.message;
  const { detail, title } = error.problem ?? {};
  switch (error.status) {
    case 403: return detail ?? 'Your role does not allow this.';
    case 404: return 'This does not exist, or no longer.';
    case 413: return `This is larger than the server takes. ${detail ?? ''}`.trim();
    case 429: return 'Too many requests. Wait a moment, then try again.';
    case 503: return detail ?? 'The server is busy or starting. Try again in a moment.';
    default: return detail ?? title ?? error.message;
  }
}
