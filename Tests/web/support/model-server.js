/** A server of one stream that does all a server may do, as chance has it. */

import { applyPatch, documentDigest, stringifyExact } from '../../../web-static/signalbox.js';

export class ModelServer {
  epoch = 1;
  seq = 0;
  document = { items: {} };
  /** The change that led to each position of this epoch. */
  #deltas = [];
  #socket;
  /** The position the client has been told of; undefined while it has no subscription. */
  #told;
  #random;

  constructor(random) {
    this.#random = random;
  }

  #pick(count) { return Math.floor(this.#random() * count); }

  /** A connection, in place of the last one. */
  accept(socket) {
    this.#socket = socket;
    this.#told = undefined;
    const { send } = socket;
    socket.send = (text) => {
      send.call(socket, text);
      const message = JSON.parse(text);
      if (message.method === 'subscribe' || message.method === 'resync') this.#attach(message);
      else if (message.method === 'ping') this.#answer(message.id, {});
    };
  }

  get socket() { return this.#socket; }

  /** Changes the document; the client is told now or later. */
  change() {
    const name = `k${this.#pick(8)}`;
    const value = [this.seq, 12345678901234567890n + BigInt(this.seq), { deep: [this.#pick(3)] }, 'é\ud83d\ude00'][this.#pick(4)];
    const delta = Object.hasOwn(this.document.items, name) && this.#random() < 0.3
      ? [{ op: 'remove', path: `/items/${name}` }] : [{ op: 'add', path: `/items/${name}`, value }];
    this.document = applyPatch(this.document, delta);
    this.seq += 1;
    this.#deltas[this.seq] = delta;
    if (this.#random() < 0.7) this.flush();
  }

  /** Tells the client what it lacks: one by one, folded, or the whole document in parts. */
  flush() {
    if (this.#told === undefined || this.#told === this.seq) return;
    const way = this.#pick(4);
    if (way === 0) this.#sendParts();
    else if (way === 1) this.#sendEvent(this.#told, this.seq);
    else for (let seq = this.#told; seq < this.seq; seq += 1) this.#sendEvent(seq, seq + 1);
    this.#told = this.seq;
  }

  /** Loses a message on the way, as no server should. */
  skip() {
    if (this.#told !== undefined && this.#told < this.seq) this.#told += 1;
  }

  /** Tells an older event again. */
  repeat() {
    if (this.#told > 0) this.#sendEvent(this.#told - 1, this.#told);
  }

  /** The log is another one from now on. */
  restore() {
    this.epoch += 1;
    this.#deltas = [];
    this.seq = this.#pick(3);
    this.document = { items: { restored: this.epoch } };
    this.#socket.drop(1012);
  }

  #sendEvent(since, seq) {
    const delta = this.#deltas.slice(since + 1, seq + 1).flat();
    this.#send('event', {
      stream: 'flows', seq, event: { type: 'STATE_DELTA', delta },
      ...(seq - since > 1 && { since }),
      ...(seq === this.seq && { digest: documentDigest(this.document) }),
    });
  }

  #sendParts() {
    // Texts on the wire are UTF-8, so no piece ends within a surrogate pair.
    const text = Array.from(stringifyExact(this.document));
    const parts = 1 + this.#pick(3);
    const size = Math.ceil(text.length / parts);
    for (let part = 0; part < parts; part += 1) {
      this.#send('snapshot', {
        stream: 'flows', epoch: String(this.epoch), seq: this.seq, part, parts, text: text.slice(part * size, (part + 1) * size).join(''),
        ...(part === parts - 1 && { digest: documentDigest(this.document) }),
      });
    }
  }

  #attach({ id, method, params: { since } }) {
    const start = { stream: 'flows', epoch: String(this.epoch), digest: documentDigest(this.document) };
    const isKnown = method === 'subscribe' && since?.epoch === start.epoch && since.seq <= this.seq;
    if (isKnown && this.#random() < 0.8) {
      this.#answer(id, { ...start, digest: undefined, seq: since.seq, mode: 'patches' });
      this.#told = since.seq;
      this.flush();
    } else if (this.#random() < 0.5) {
      this.#answer(id, { ...start, seq: this.seq, mode: 'snapshot', snapshot: this.document });
      this.#told = this.seq;
    } else {
      const parts = 1 + this.#pick(3);
      this.#answer(id, { ...start, seq: this.seq, mode: 'snapshot', parts, digest: undefined });
      this.#sendParts();
      this.#told = this.seq;
    }
  }

  #answer(id, result) { this.#socket.deliver(stringifyExact({ jsonrpc: '2.0', id, result })); }

  #send(method, params) { this.#socket.deliver(stringifyExact({ jsonrpc: '2.0', method, params })); }
}
