import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EventStreamParser } from '../../web-static/client/event-stream.js';

function parse(...pieces) {
  const events = [];
  const parser = new EventStreamParser(({ type, data, lastEventId }) => events.push([type, data, lastEventId]));
  pieces.forEach((piece) => parser.push(piece));
  return events;
}

/** Text, and its events; partly the examples of WHATWG HTML, section 9.2.6. */
const CASES = [
  ['data: YHOO\ndata: +2\ndata: 10\n\n', [['message', 'YHOO\n+2\n10', '']]],
  [': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
    [['message', 'first event', '1'], ['message', 'second event', ''], ['message', ' third event', '']]],
  ['data\n\ndata\ndata\n\ndata:', [['message', '', ''], ['message', '\n', '']]],
  ['data:test\n\ndata: test\n\n', [['message', 'test', ''], ['message', 'test', '']]],
  ['event: a\ndata: 1\n\ndata: 2\n\n', [['a', '1', ''], ['message', '2', '']]],
  ['event: a\n\ndata: 2\n\n', [['message', '2', '']]],
  ['id: 7\ndata: 1\n\nid: 8\0\ndata: 2\n\n', [['message', '1', '7'], ['message', '2', '7']]],
  ['id: 7\n\ndata: 1\n\n', [['message', '1', '7']]],
  ['data: a\rdata: b\r\rdata: c\r\n\r\n', [['message', 'a\nb', ''], ['message', 'c', '']]],
  ['\ufeffdata: 1\n\n', [['message', '1', '']]],
  ['\ufeff\ufeffdata: 1\n\n', []],
  ['retry: 5\nnonsense\nDATA: x\ndata: {"a":": b"}\n\n', [['message', '{"a":": b"}', '']]],
  ['data: unfinished\n', []],
];

test('the stream’s grammar', () => {
  for (const [text, events] of CASES) assert.deepEqual(parse(text), events, JSON.stringify(text));
});

test('pieces may end anywhere', () => {
  for (const [text, events] of CASES) {
    assert.deepEqual(parse(...text), events, JSON.stringify(text));
    for (let cut = 0; cut <= text.length; cut += 1) {
      assert.deepEqual(parse(text.slice(0, cut), '', text.slice(cut)), events, `${JSON.stringify(text)} at ${cut}`);
    }
  }
});
