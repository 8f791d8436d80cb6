/**
 * `<sb-step-graph>`: the flow's steps as a track diagram. Each step is a lamp on the line; the line
 * runs left to right where there is room, and down the side of a phone.
 */

import { h, oncePerFrame, replace, setAttribute, svg } from '../lib/dom.js';
import { label } from '../lib/format.js';
import { layoutGraph } from '../lib/graph-layout.js';
import { lampShape, statusLabel } from '../lib/lamp.js';
import { stepState } from '../lib/step-state.js';

/** Pixels between lamps. Below the smallest step the diagram turns upright. */
const ACROSS = { least: 104, most: 168, gap: 24, margin: 60, top: 34 };
/** Below a lamp: where its name begins, a line of the name, and the lines of what the step does. */
const WORDS = { top: 30, line: 15, detail: 14, details: 2 };
const DOWN = { step: 64, row: 40, left: 40, top: 32, name: 24, letter: 8 };
/** How far an edge that goes past other lamps keeps from their line. */
const BYPASS = 28;
/** Letters of a step's name in one line. */
const NAME_WIDTH = 14;
const LEGEND = ['pending', 'running', 'waiting', 'done', 'failed', 'skipped'];

export class StepGraph extends HTMLElement {
  #graph; #steps = {}; #asking = new Set(); #now; #layout; #nodes = new Map(); #edges = []; #drawn; #clock;
  #canvas = h('div', { class: 'graph-canvas' });
  #schedule = oncePerFrame(() => this.#render());
  #resize = new ResizeObserver(this.#schedule);

  connectedCallback() {
    this.classList.add('track-panel');
    replace(this, this.#canvas, h('ul', { class: 'legend', 'aria-label': 'Legend' }, LEGEND.map((status) => h('li', {},
      svg('svg', { class: 'lamp', viewBox: '-13 -13 26 26', 'aria-hidden': 'true' }, lampShape(status)), statusLabel(status)))));
    this.#resize.observe(this);
  }

  disconnectedCallback() {
    this.#resize.disconnect();
    clearTimeout(this.#clock);
  }

  /**
   * @param {{nodes: object[], edges: object[]}|undefined} graph
   * @param {Record<string, object>} steps progress by node id
   * @param {Set<string>} asking ids of steps with an open prompt
   * @param {number} [now] the time of what is shown; without it, time goes on
   */
  show(graph, steps, asking, now) {
    if (graph !== this.#graph) {
      this.#graph = graph;
      this.#layout = graph?.nodes?.length ? layoutGraph({ nodes: graph.nodes, edges: graph.edges ?? [] }) : undefined;
      this.#drawn = undefined;
    }
    this.#steps = steps;
    this.#asking = asking;
    this.#now = now;
    this.hidden = !this.#layout;
    this.#schedule();
  }

  #render() {
    const width = this.#canvas.clientWidth;
    if (!this.#layout || width === 0) return;
    const room = (width - 2 * ACROSS.margin) / Math.max(1, this.#layout.layers - 1);
    const across = room >= ACROSS.least;
    const step = across ? Math.min(ACROSS.most, Math.floor(room)) : DOWN.step;
    const shape = `${across}:${step}`;
    if (this.#drawn !== shape) {
      this.#draw(across, step);
      this.#drawn = shape;
    }
    this.#paint();
  }

  #draw(across, step) {
    const { nodes, edges, layers, rows } = this.#layout;
    const above = edges.some((edge) => this.#passesBy(edge)) ? BYPASS + 16 : 0;
    // Upright, the names stand in one column, so each step needs a line of its own.
    const rowHeight = ACROSS.gap + Math.max(...nodes.map(({ id }) => wordsHeight(id)));
    const at = ({ layer, row, line }) => (across
      ? { x: ACROSS.margin + layer * step, y: ACROSS.top + above + row * rowHeight }
      : { x: DOWN.left + row * DOWN.row, y: DOWN.top + line * step });
    const places = new Map(nodes.map((node) => [node.id, { ...at(node), layer: node.layer }]));
    const longest = Math.max(...nodes.map(({ id }) => label(id).length));
    const size = across
      ? { width: 2 * ACROSS.margin + (layers - 1) * step, height: Math.max(...nodes.map((node) => at(node).y + wordsHeight(node.id))) }
      : { width: DOWN.left + (rows - 1) * DOWN.row + DOWN.name + DOWN.letter * longest, height: 2 * DOWN.top + (nodes.length - 1) * step };
    this.#edges = edges.map((edge) => ({ edge, path: svg('path', {
      class: `track${edge.back ? ' back' : ''}`, d: trackPath(places.get(edge.from), places.get(edge.to), across, this.#passesBy(edge)),
    }, edge.label && svg('title', {}, edge.label)) }));
    // Upright, the space beside the line belongs to the names of the steps.
    const labels = edges.filter((edge) => edge.label && across).map((edge) => edgeLabel(edge, places, this.#passesBy(edge)));
    this.#nodes = new Map(nodes.map(({ id, node }) => [id, this.#node(node, places.get(id), across, DOWN.left + (rows - 1) * DOWN.row)]));
    const frame = { ...size, viewBox: `0 0 ${size.width} ${size.height}`, role: 'group', 'aria-label': 'Steps of this flow' };
    replace(this.#canvas, svg('svg', frame,
      this.#edges.map(({ path }) => path), labels, [...this.#nodes.values()].map(({ group }) => group)));
  }

  /** Whether an edge cannot run straight, because it goes back or past lamps on its own line. */
  #passesBy(edge) {
    const from = this.#layout.nodes.find(({ id }) => id === edge.from);
    const to = this.#layout.nodes.find(({ id }) => id === edge.to);
    return edge.back || (from.row === to.row && to.layer - from.layer > 1);
  }

  #node(node, { x, y }, across, labelEdge) {
    const title = svg('title');
    const light = svg('g');
    const lines = wrap(label(node.id), across ? NAME_WIDTH : 40);
    const left = labelEdge - x + DOWN.name;
    const text = across
      ? svg('text', { y: WORDS.top, 'text-anchor': 'middle' },
        lines.map((line, i) => svg('tspan', { x: 0, dy: i === 0 ? 0 : WORDS.line }, line)))
      : svg('text', { x: left, y: 0 }, lines.join(' '));
    const details = svg('text', across
      ? { class: 'step-details', 'text-anchor': 'middle', y: WORDS.top + (lines.length - 1) * WORDS.line }
      : { class: 'step-details', y: 0 });
    const place = across ? { x: 0 } : { x: left };
    const group = svg('g', {
      class: `step kind-${node.kind ?? 'listen'}`, transform: `translate(${x} ${y})`, role: 'img',
      dataset: { testid: `step-${node.id}` },
    }, title, node.kind === 'prompt' && svg('circle', { class: 'prompt-ring', r: 17 }),
    node.kind === 'router' && svg('path', { class: 'prompt-ring', d: 'M0-17 17 0 0 17-17 0Z' }), light, text, details);
    return { group, title, light, details, place };
  }

  #paint() {
    let isMoving = false;
    for (const [id, { group, title, light, details, place }] of this.#nodes) {
      const step = this.#steps[id];
      const status = step?.status ?? 'pending';
      const state = stepState(step, this.#asking.has(id), this.#now ?? Date.now());
      const { shown } = state;
      isMoving ||= state.isMoving;
      const text = [label(id), state.text, ...state.details, step?.error && errorText(step.error)].filter(Boolean).join(', ');
      const written = state.details.join('\n');
      if (details.dataset.written !== written) {
        details.dataset.written = written;
        replace(details, place.x === 0
          ? state.details.map((line) => svg('tspan', { ...place, dy: WORDS.detail }, line))
          : svg('tspan', { ...place, dy: WORDS.detail + 2 }, state.details.join(' · ')));
      }
      if (group.dataset.shown !== shown) replace(light, lampShape(shown));
      group.dataset.status = status;
      group.dataset.shown = shown;
      setAttribute(group, 'aria-label', text);
      if (title.textContent !== text) title.textContent = text;
    }
    for (const { edge, path } of this.#edges) {
      path.classList.toggle('passed', this.#passed(edge));
    }
    clearTimeout(this.#clock);
    if (isMoving && this.#now === undefined && this.isConnected) this.#clock = setTimeout(this.#schedule, 1_000);
  }

  /** Of a router's ways the one taken is where a step began first; the others may be reached later. */
  #passed({ from, to }) {
    const began = (id) => this.#steps[id]?.started_at;
    if (this.#steps[from]?.status !== 'done' || !began(to)) return false;
    const ways = this.#layout.edges.filter((edge) => edge.from === from);
    return ways.every(({ label: name }) => !name) || ways.every((way) => !began(way.to) || began(to) <= began(way.to));
  }
}

/** The space that the name of a step and what it does need below its lamp. */
function wordsHeight(id) {
  return WORDS.top + (wrap(label(id), NAME_WIDTH).length - 1) * WORDS.line + WORDS.details * WORDS.detail + 4;
}

/** The message of a step's error, whether it came as text or as an object. */
export function errorText(error) {
  return typeof error === 'string' ? error : error.message ?? error.detail ?? JSON.stringify(error);
}

/** Straight on one line; between lines over points set at 45°, as a track runs. */
function trackPath(from, to, across, passesBy) {
  const a = across ? from : { x: from.y, y: from.x };
  const b = across ? to : { x: to.y, y: to.x };
  const points = [[a.x, a.y]];
  if (passesBy) {
    const side = Math.min(a.y, b.y) - BYPASS;
    const turn = Math.sign(b.x - a.x) * BYPASS;
    points.push([a.x + turn, side], [b.x - turn, side]);
  } else if (a.y !== b.y) {
    const rise = Math.min(Math.abs(b.y - a.y), Math.abs(b.x - a.x) / 2);
    const middle = (a.x + b.x) / 2;
    points.push([middle - rise / 2, a.y], [middle + rise / 2, b.y]);
  }
  points.push([b.x, b.y]);
  return `M${points.map(([x, y]) => (across ? `${x} ${y}` : `${y} ${x}`)).join('L')}`;
}

function edgeLabel(edge, places, passesBy) {
  const from = places.get(edge.from);
  const to = places.get(edge.to);
  // Of a branch the label stands at its own line, where no name of another step is.
  if (!passesBy && from.y !== to.y) {
    return svg('text', { class: 'edge-label', x: to.x - 16, y: to.y - 8, 'text-anchor': 'end' }, edge.label);
  }
  const y = passesBy ? Math.min(from.y, to.y) - BYPASS : from.y;
  return svg('text', { class: 'edge-label', x: (from.x + to.x) / 2, y: y - 8, 'text-anchor': 'middle' }, edge.label);
}

function wrap(text, width) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.slice(0, 3);
}

customElements.define('sb-step-graph', StepGraph);
