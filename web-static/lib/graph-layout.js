/**
 * A small layered layout for step graphs: columns by longest path, rows by barycentre.
 * Pure: the same graph gives the same layout, in columns and rows rather than pixels.
 */

/** Sweeps of the crossing reduction; step graphs are small and settle after two or three. */
const SWEEPS = 4;

/**
 * @param {{nodes: Array<{id: string}>, edges: Array<{from: string, to: string, label?: string}>}} graph
 * @returns {{nodes: Array<{id: string, node: object, layer: number, row: number, line: number}>,
 *   edges: Array<{from: string, to: string, label?: string, back: boolean}>, layers: number, rows: number}}
 *   `row` may be fractional: layers are centred on each other. `line` counts the nodes
 *   layer by layer, for a drawing in which no two stand side by side. `back` marks edges against the direction.
 */
export function layoutGraph(graph) {
  const ids = new Set(graph.nodes.map(({ id }) => id));
  const known = graph.edges.filter(({ from, to }) => ids.has(from) && ids.has(to));
  const back = backEdges(graph.nodes, known);
  const forward = known.filter((edge) => !back.has(edge));
  const layerOf = longestPaths(graph.nodes, forward);
  const layers = group(graph.nodes, layerOf);
  reduceCrossings(layers, forward);

  const rows = Math.max(1, ...layers.map((layer) => layer.length));
  const placed = layers.flatMap((layer, index) => layer.map((node, position) => ({
    id: node.id, node, layer: index, row: position + (rows - layer.length) / 2,
  }))).map((node, line) => ({ ...node, line }));
  return {
    nodes: placed,
    edges: known.map((edge) => ({ ...edge, back: back.has(edge) })),
    layers: layers.length,
    rows,
  };
}

/** The edges that close a cycle, found by depth-first search in declaration order. */
function backEdges(nodes, edges) {
  const outgoing = bySource(edges);
  const state = new Map();
  const back = new Set();
  for (const { id } of nodes) {
    if (state.has(id)) continue;
    // An explicit stack: a long chain must not exhaust the call stack.
    const stack = [{ id, next: 0 }];
    state.set(id, 'open');
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const edge = (outgoing.get(top.id) ?? [])[top.next];
      top.next += 1;
      if (!edge) {
        state.set(top.id, 'done');
        stack.pop();
      } else if (state.get(edge.to) === 'open') {
        back.add(edge);
      } else if (!state.has(edge.to)) {
        state.set(edge.to, 'open');
        stack.push({ id: edge.to, next: 0 });
      }
    }
  }
  return back;
}

function bySource(edges) {
  const groups = new Map();
  for (const edge of edges) groups.set(edge.from, [...(groups.get(edge.from) ?? []), edge]);
  return groups;
}

function longestPaths(nodes, edges) {
  const layerOf = new Map(nodes.map(({ id }) => [id, 0]));
  // At most one round per layer: the forward edges form no cycle.
  for (let changed = true; changed;) {
    changed = false;
    for (const { from, to } of edges) {
      if (layerOf.get(to) <= layerOf.get(from)) {
        layerOf.set(to, layerOf.get(from) + 1);
        changed = true;
      }
    }
  }
  return layerOf;
}

function group(nodes, layerOf) {
  const layers = Array.from({ length: Math.max(-1, ...layerOf.values()) + 1 }, () => []);
  for (const node of nodes) layers[layerOf.get(node.id)].push(node);
  return layers;
}

function reduceCrossings(layers, edges) {
  const neighbours = { before: new Map(), after: new Map() };
  for (const { from, to } of edges) {
    neighbours.before.set(to, [...(neighbours.before.get(to) ?? []), from]);
    neighbours.after.set(from, [...(neighbours.after.get(from) ?? []), to]);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const side = sweep % 2 === 0 ? neighbours.before : neighbours.after;
    const order = sweep % 2 === 0 ? layers : [...layers].reverse();
    const positions = positionsOf(layers);
    for (const layer of order) {
      const weight = new Map(layer.map((node) => [node.id, barycentre(side.get(node.id), positions) ?? positions.get(node.id)]));
      layer.sort((a, b) => weight.get(a.id) - weight.get(b.id));
      layer.forEach((node, index) => positions.set(node.id, centred(index, layer.length)));
    }
  }
}

function positionsOf(layers) {
  return new Map(layers.flatMap((layer) => layer.map((node, i) => [node.id, centred(i, layer.length)])));
}

function centred(index, length) {
  return index - (length - 1) / 2;
}

function barycentre(ids, positions) {
  if (!ids) return undefined;
  return ids.reduce((sum, id) => sum + positions.get(id), 0) / ids.length;
}
