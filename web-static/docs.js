/**
 * The page behind `/docs`: the calls and error codes of `/openapi.json`, as a list.
 */

import { h, replace } from './lib/dom.js';

/** The schema's name, from a reference or a media type object. */
function schemaName(schema) {
  return schema?.$ref?.split('/').pop();
}

function link(name) {
  return name ? h('a', { href: `#schema-${name}` }, name) : undefined;
}

/** Text whose parts between backticks are code. */
function prose(text) {
  return text.split('`').map((part, index) => (index % 2 ? h('code', {}, part) : part));
}

function contentOf(content = {}) {
  return Object.entries(content).map(([type, { schema }]) => h('span', { class: 'content' }, h('code', {}, type), ' ', link(schemaName(schema)) ?? ''));
}

function parameterLine({ name, in: place, description = '' }) {
  return h('li', {}, h('code', {}, name), ` (${place}) `, ...prose(description));
}

function responseLine([status, { description, content }]) {
  const codes = description.startsWith('`') ? description.replaceAll('`', '').split(', ') : [];
  const words = codes.flatMap((code, index) => [index ? ', ' : '', h('a', { href: `#${code}` }, h('code', {}, code))]);
  return h('li', {}, h('strong', {}, status), ' ', ...(codes.length ? words : [description, ' ', ...contentOf(content)]));
}

function operation(path, method, { summary, parameters = [], requestBody, responses, operationId }) {
  return h(
    'details',
    { id: operationId },
    h('summary', {}, h('code', { class: 'call' }, `${method.toUpperCase()} ${path}`), ' ', ...prose(summary)),
    parameters.length ? h('ul', {}, ...parameters.map(parameterLine)) : '',
    requestBody ? h('p', {}, 'Content: ', ...contentOf(requestBody.content)) : '',
    h('ul', {}, ...Object.entries(responses).map(responseLine)),
  );
}

function render(api) {
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, call] of Object.entries(item)) {
      const tag = call.tags[0];
      groups.set(tag, [...(groups.get(tag) ?? []), operation(path, method, call)]);
    }
  }
  const { schemas } = api.components;
  const codes = schemas.Problem.properties.code.enum;
  replace(
    document.getElementById('docs'),
    h('h1', {}, `${api.info.title} API ${api.info.version}`),
    h('p', {}, ...prose(api.info.description), ' ', h('a', { href: '/openapi.json' }, 'openapi.json')),
    ...[...groups].map(([tag, calls]) => h('section', {}, h('h2', {}, tag), ...calls)),
    h('section', {}, h('h2', {}, 'Error codes'), h('ul', { class: 'codes' }, ...codes.map((code) => h('li', { id: code }, h('code', {}, code))))),
    h(
      'section',
      {},
      h('h2', {}, 'Schemas'),
      ...Object.entries(schemas).map(([name, schema]) => h(
        'details',
        { id: `schema-${name}` },
        h('summary', {}, h('code', {}, name)),
        h('pre', {}, JSON.stringify(schema, null, 2)),
      )),
    ),
  );
  openTarget();
}

/** A link into closed details opens them. */
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if ('open' in target) target.open = true;
  target.scrollIntoView();
}

globalThis.addEventListener('hashchange', openTarget);

try {
  render(await (await fetch('/openapi.json')).json());
} catch (error) {
  replace(document.getElementById('docs'), h('p', {}, `The description of the API cannot be loaded: ${error.message}`));
}
