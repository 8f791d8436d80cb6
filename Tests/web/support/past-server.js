/** A flow with a past, and the calls by which it is asked for, as the server answers them. */

import { applyEvent } from '../../../web-static/client/apply-event.js';
import { ApiError } from '../../../web-static/lib/http.js';

export class PastServer {
  /** The documents at all positions. */
  documents = [{ flow: { status: 'pending', steps: {} }, state: {}, prompts: [] }];
  /** What was asked for. */
  asked = [];
  /** The first position that is known. */
  first = 0;
  #events = [];

  /** Adds an event. @param {{event: object, patch?: object[]}} entry */
  add(entry) {
    this.#events.push({ seq: this.documents.length, ...entry });
    this.documents.push(applyEvent(this.documents.at(-1), entry, true));
  }

  /** Adds what chance has. @param {() => number} random @param {number} count */
  addRandom(random, count) {
    const pick = (limit) => Math.floor(random() * limit);
    this.add({ event: { type: 'STATE_SNAPSHOT', snapshot: { items: [], n: 0 } } });
    for (let i = 1; i < count; i += 1) {
      const { length } = this.documents.at(-1).state.items;
      const deltas = [
        () => [{ op: 'replace', path: '/n', value: i }],
        () => [{ op: 'add', path: '/items/-', value: { i, deep: [pick(3)] } }],
        () => (length > 0 ? [{ op: 'remove', path: `/items/${pick(length)}` }] : [{ op: 'test', path: '/items', value: [] }]),
      ];
      const others = [
        { event: { type: 'STATE_DELTA', delta: deltas[pick(3)]() } },
        { event: { type: 'STEP_STARTED', stepName: `s${pick(5)}` }, patch: [{ op: 'add', path: `/flow/steps/s${pick(5)}`, value: { n: i } }] },
        { event: { type: 'CUSTOM', name: 'note', value: i } },
      ];
      this.add(others[pick(3)]);
    }
  }

  get last() { return this.documents.length - 1; }

  /** Answers as the HTTP calls do. */
  call = async (method, path) => {
    const { pathname, searchParams } = new URL(path, 'http://host');
    const [name] = pathname.split('/').slice(-1);
    this.asked.push(path);
    const number = (key) => Number(searchParams.get(key));
    const gone = () => new ApiError(410, { code: 'history_gone', first_seq: this.first });
    if (name === 'document') {
      if (number('at') > this.last) throw new ApiError(400, { code: 'invalid_parameter' });
      if (number('at') < this.first) throw gone();
      return { ...structuredClone(this.documents[number('at')]), seq: number('at'), epoch: 'e', digest: '' };
    }
    if (name === 'events') {
      // The first event that is kept comes after the first document that is known.
      if (number('after') < this.first) throw new ApiError(410, { code: 'history_gone', first_seq: this.first + 1 });
      return { items: this.#events.slice(number('after'), number('after') + number('limit')) };
    }
    const all = this.#events.filter(({ seq, event }) => event.type === 'STEP_STARTED' && seq > number('cursor') && seq > this.first);
    const items = all.slice(0, number('limit')).map(({ seq, event }) => ({ seq, kind: 'step.started', step: event.stepName }));
    return {
      items, next_cursor: items.length === number('limit') ? String(items.at(-1).seq) : null,
      seq: this.last, first_seq: this.first,
    };
  };

  /** How often something was asked for since the last time. */
  count(name) {
    const found = this.asked.filter((path) => path.includes(`/${name}?`)).length;
    this.asked = this.asked.filter((path) => !path.includes(`/${name}?`));
    return found;
  }
}
