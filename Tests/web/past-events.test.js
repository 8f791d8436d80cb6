import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../web-static/lib/http.js';
import { pastEvents } from '../../web-static/lib/past-events.js';

/** A flow of so many events, the first of which are gone. */
function server(last, first = 1) {
  const asked = [];
  const call = async (method, path) => {
    asked.push(path);
    const query = new URL(path, 'http://host').searchParams;
    const [after, limit] = ['after', 'limit'].map((name) => Number(query.get(name)));
    if (after < last && after < first - 1) throw new ApiError(410, { code: 'history_gone', first_seq: first });
    const items = [];
    for (let seq = after + 1; seq <= Math.min(last, after + limit); seq += 1) items.push({ seq });
    return { items };
  };
  return { asked, call };
}

const seqs = (events) => events.map(({ seq }) => seq);

test('the last events, or all of a short life', async () => {
  assert.deepEqual(seqs(await pastEvents(server(9).call, 'f', 9, 3)), [7, 8, 9]);
  assert.deepEqual(seqs(await pastEvents(server(2).call, 'f', 2, 3)), [1, 2]);
});

test('where some are no longer kept, the others', async () => {
  const { asked, call } = server(9, 8);
  assert.deepEqual(seqs(await pastEvents(call, 'a/b', 9, 5)), [8, 9]);
  assert.deepEqual(asked, ['/v1/flows/a%2Fb/events?after=4&limit=5', '/v1/flows/a%2Fb/events?after=7&limit=5']);
});

test('where none is kept, none', async () => {
  assert.deepEqual(await pastEvents(server(9, 10).call, 'f', 9, 5), []);
});

test('what else goes wrong is not hidden', async () => {
  const call = async () => { throw new ApiError(503, { code: 'unavailable' }); };
  await assert.rejects(pastEvents(call, 'f', 9, 5), { code: 'unavailable' });
});
