/**
 * Hash routes: `#/flows`, `#/flows/<id>`, `#/flows/<id>?at=<position>`, `#/inbox`, `#/inbox/<prompt id>`, `#/assets?flow=<id>`.
 */

/**
 * @param {string} hash for example `#/flows/42?x=1`
 * @returns {{page: 'flows'|'inbox'|'assets'|'unknown', id?: string, query: URLSearchParams}}
 */
export function parseRoute(hash) {
  const [path, query = ''] = hash.replace(/^#/, '').split('?');
  const [page = '', id] = path.split('/').filter(Boolean).map(decode);
  const known = { '': 'flows', flows: 'flows', inbox: 'inbox', assets: 'assets' };
  return { page: Object.hasOwn(known, page) ? known[page] : 'unknown', id, query: new URLSearchParams(query) };
}

/** The address of a page. Of the query's members those are left out that have no value. */
export function routeTo(page, id, query = {}) {
  const path = id === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

function decode(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
