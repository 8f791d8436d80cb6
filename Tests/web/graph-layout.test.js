import assert from 'node:assert/strict';
import { test } from 'node:test';

import { layoutGraph } from '../../web-static/lib/graph-layout.js';

const graph = (names, edges) => ({
  nodes: names.map((id) => ({ id })), edges: edges.map(([from, to]) => ({ from, to })),
});
const layers = (layout) => Object.fromEntries(layout.nodes.map(({ id, layer }) => [id, layer]));

test('a chain is one row', () => {
  const layout = layoutGraph(graph(['a', 'b', 'c'], [['a', 'b'], ['b', 'c']]));
  assert.deepEqual(layers(layout), { a: 0, b: 1, c: 2 });
  assert.equal(layout.rows, 1);
});

test('a join stands behind its longest branch', () => {
  const layout = layoutGraph(graph(['a', 'b', 'c', 'd'], [['a', 'd'], ['a', 'b'], ['b', 'c'], ['c', 'd']]));
  assert.deepEqual(layers(layout), { a: 0, b: 1, c: 2, d: 3 });
});

test('a cycle is drawn with one edge going back', () => {
  const layout = layoutGraph(graph(['a', 'b', 'c'], [['a', 'b'], ['b', 'c'], ['c', 'a']]));
  assert.deepEqual(layout.edges.map(({ back }) => back), [false, false, true]);
});

test('branches do not cross needlessly', () => {
  const layout = layoutGraph(graph(['s', 'x', 'y', 'y2', 'x2'], [['s', 'x'], ['s', 'y'], ['x', 'x2'], ['y', 'y2']]));
  const row = Object.fromEntries(layout.nodes.map(({ id, row: at }) => [id, at]));
  assert.ok((row.x < row.y) === (row.x2 < row.y2));
});

test('edges to unknown nodes and an empty graph do no harm', () => {
  assert.deepEqual(layoutGraph(graph(['a'], [['a', 'ghost']])).edges, []);
  assert.deepEqual(layoutGraph({ nodes: [], edges: [] }).nodes, []);
});

test('a self-loop goes back', () => {
  assert.equal(layoutGraph(graph(['a'], [['a', 'a']])).edges[0].back, true);
});

test('no two steps share a line, and lines follow the layers', () => {
  const layout = layoutGraph(graph(['s', 'a', 'b', 'end'], [['s', 'a'], ['s', 'b'], ['a', 'end']]));
  assert.deepEqual(layout.nodes.map(({ line }) => line), [0, 1, 2, 3]);
  assert.deepEqual(layout.nodes.map(({ layer }) => layer), [0, 1, 1, 2]);
});
