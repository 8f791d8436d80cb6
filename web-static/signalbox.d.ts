/**
 * Types of the Signalbox client (`signalbox.js`). docs/CLIENT.md is the manual.
 */

/** A JSON number: `number` where its shortest decimal form is the value, else one that keeps all digits. */
export type JSONNumber = number | bigint | ExactNumber;

/** A JSON value as documents hold it. Never written to: a changed document is a new one. */
export type JSONValue = null | boolean | JSONNumber | string | readonly JSONValue[] | JSONObject;

/** A JSON object. */
export interface JSONObject { readonly [name: string]: JSONValue }

/** One operation of a JSON Patch (RFC 6902). */
export type Operation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: JSONValue }
  | { op: 'remove'; path: string }
  | { op: 'move' | 'copy'; from: string; path: string };

/** A place in a stream. The epoch changes when a log was restored, so old positions are never mistaken. */
export interface Position { readonly epoch: string; readonly seq: number }

/** The name of a stream. */
export type StreamName = 'flows' | 'prompts' | `flow:${string}`;

/** What `flow:<id>` is. */
export interface FlowDocument {
  readonly flow: JSONObject;
  readonly state: JSONValue;
  readonly prompts: readonly Prompt[];
}

/** What `flows` and `prompts` are: items by id. */
export interface ListDocument<Item = JSONObject> { readonly items: { readonly [id: string]: Item } }

/** The document of a stream, by its name. */
export type DocumentOf<Name extends string> =
  Name extends `flow:${string}` ? FlowDocument
    : Name extends 'prompts' ? ListDocument<Prompt>
      : Name extends 'flows' ? ListDocument : JSONValue;

/** One change of a stream. */
export interface StreamEvent {
  readonly stream: string;
  /** The position after it. */
  readonly seq: number;
  /** Present when it stands for several positions, `since` + 1 to `seq`. */
  readonly since?: number;
  /** An AG-UI event. */
  readonly event?: { readonly type: string; readonly [name: string]: JSONValue | undefined };
  /** What it changed outside the state of a flow. */
  readonly patch?: readonly Operation[];
  readonly digest?: string;
}

/** The verbs that a person may have for a prompt. */
export type Verb = 'approve' | 'edit' | 'reject' | 'respond' | 'ignore';

/** A question from an agent to people. */
export interface Prompt {
  readonly id: string;
  readonly flow_id: string;
  readonly step: string;
  readonly kind: 'confirmation' | 'tool_call' | 'input_required' | 'choice';
  readonly title: string;
  readonly message: string | null;
  readonly shown: JSONValue;
  /** Digest of what is shown; a decision is about this and nothing newer. */
  readonly shown_digest: string;
  readonly allowed: readonly Verb[];
  readonly status: 'open' | 'claimed' | 'decided' | 'expired' | 'cancelled' | 'superseded';
  readonly version: number;
  readonly requires_claim: boolean;
  readonly [name: string]: JSONValue | undefined;
}

/** What a person decided. */
export interface Decision {
  verb: Verb;
  /** The answer, as the prompt's `response_schema` wants it. */
  response?: unknown;
  /** The whole new arguments of a tool call. */
  arguments?: unknown;
  reason?: string;
  /** Goes on with a decision that was sent before under this key; default: a new key. */
  idempotencyKey?: string;
}

/** The answer of `hello`. */
export interface Session {
  readonly session: string | null;
  readonly user: { readonly id: string; readonly name: string; readonly roles: readonly string[] };
  readonly tenant: { readonly id: string; readonly name: string };
  readonly heartbeat_ms?: number;
  readonly expires_at?: string;
  /** `degraded` while the server's database is away or takes no changes; kept up to date. */
  readonly service?: 'ok' | 'degraded';
  readonly limits?: { readonly [name: string]: number };
}

/**
 * `idle` before `start` and after `stop`; `offline` waits to reconnect; `refused` stays away until
 * `reconnectNow`; `signed-out` until `start`.
 */
export type ClientState = 'idle' | 'connecting' | 'online' | 'offline' | 'refused' | 'signed-out';

/** Settings of a client. */
export interface ClientOptions {
  /** Address of the WebSocket; default: `/v1/ws` of this page's host. */
  url?: string;
  /** Gives a JWT, where there is no session cookie. `refused`: the last one was not good enough. */
  token?: (about: { reason: 'connect' | 'expiring' | 'refused' }) => Promise<string>;
  /** Asked after a refused handshake, because browsers hide the 401 of a handshake from pages. */
  isSignedIn?: () => Promise<boolean>;
  /** The value of `X-CSRF-Token` for calls by cookie; default: the cookie `signalbox_csrf`. */
  csrf?: () => string | undefined | Promise<string | undefined>;
  /** Whether HTTP may stand in where no WebSocket gets through; default true. */
  fallback?: boolean;
  /**
   * Whether tabs share one connection, where the browser can; default false. A string, or what a function
   * returns when the client starts, names whose connection it is.
   */
  shared?: boolean | string | (() => string);
  /** For tests. */
  WebSocket?: typeof WebSocket;
  /** For tests. */
  fetch?: typeof fetch;
  /** For tests. */
  SharedWorker?: typeof SharedWorker;
  /** For tests. */
  locks?: LockManager;
  /** For tests: where `online`, `pagehide` and `pageshow` are heard, and what has the `document`. */
  page?: EventTarget & { document?: Document };
  /** For tests. */
  clock?: Clock;
  /** For tests: uniform in [0, 1). */
  random?: () => number;
}

/** Time, for tests to be their own clock. */
export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Milliseconds since the Unix epoch. */
  time(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** What a subscription tells. All are called synchronously, in the order of the stream. */
export interface StreamListener<Document = JSONValue> {
  /** The document is there, or another one. */
  onDocument?: (document: Document) => void;
  /** One event was applied. */
  onEvent?: (event: StreamEvent) => void;
  /** The document was replaced as a whole, and no events tell how it came about. */
  onSnapshot?: (document: Document, position: Position) => void;
  /** Whether the document is being kept up to date, and why not when the server refused. */
  onStatus?: (status: { live: boolean; error?: RequestError }) => void;
}

/** One listener's hold on a stream. */
export interface Subscription<Document = JSONValue> {
  /** The document as last seen. */
  readonly document: Document | undefined;
  readonly position: Position | undefined;
  /** Whether it is being kept up to date right now. */
  readonly live: boolean;
  /** Lets go. With the last one the client unsubscribes and forgets the document. */
  close(): void;
}

/** Events of a client. */
export interface ClientEventMap {
  /** `state`, `reason`, `retryAt`, `session` or `transport` changed. */
  state: Event;
  /** The session is over. */
  signedout: Event;
  /** The session ends soon. */
  expiring: CustomEvent<{ expires_in: number }>;
}

/** Live documents and decisions over one connection. */
export class SignalboxClient extends EventTarget {
  constructor(options?: ClientOptions);
  readonly state: ClientState;
  /** What the server said when it refused. */
  readonly reason: string | undefined;
  /** When the next attempt starts (ms since the Unix epoch), while `offline` and one is planned. */
  readonly retryAt: number | undefined;
  readonly session: Session | undefined;
  /** What carries the messages, once there was a connection. */
  readonly transport: 'websocket' | 'http' | undefined;
  /** What went on below, for support. */
  readonly counters: { connects: number; resyncs: number; digestMismatches: number };
  /** Connects, and stays connected until `stop`. */
  start(): void;
  /** Disconnects and fails what still waits. Subscriptions keep their last document. */
  stop(): void;
  /** Tries at once instead of waiting for the next attempt. */
  reconnectNow(): void;
  /** Checks the connection now; done by itself when the page becomes visible or the network is back. */
  wake(): void;
  /**
   * Keeps a copy of a stream's document; subscriptions to the same stream share it.
   * @throws TypeError when the stream is followed already with another filter
   */
  subscribe<Name extends StreamName | (string & {})>(
    stream: Name,
    listener: StreamListener<DocumentOf<Name>>,
    options?: { filter?: { status?: string; type?: string } },
  ): Subscription<DocumentOf<Name>>;
  /**
   * Decides a prompt, as it was shown. Survives lost connections, counted once.
   * @throws RequestError
   */
  decide(prompt: Pick<Prompt, 'id' | 'shown_digest'> & { version?: number }, decision: Decision): Promise<Prompt>;
  /** Takes a prompt in hand, or renews that. @throws RequestError */
  claim(id: string): Promise<Prompt>;
  /** Gives a prompt back. @throws RequestError */
  release(id: string): Promise<Prompt>;
  /** Changes the state of a flow, at position `ifSeq` only if given. @throws RequestError */
  patch(flow: string, patch: readonly Operation[], options?: { ifSeq?: number }): Promise<{ seq: number; digest: string }>;
  /** Sends any request; an idempotent one survives lost connections. @throws RequestError */
  request<Result = unknown>(
    method: string, params: object, options?: { idempotent?: boolean; timeoutMs?: number },
  ): Promise<Result>;
  addEventListener<Type extends keyof ClientEventMap>(
    type: Type, listener: (this: SignalboxClient, event: ClientEventMap[Type]) => void, options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Type extends keyof ClientEventMap>(
    type: Type, listener: (this: SignalboxClient, event: ClientEventMap[Type]) => void, options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

/** A request that failed: the server said no, or no answer can come any more. */
export class RequestError extends Error {
  constructor(code: string, message: string, data?: object);
  /** A code of `protocol/errors.json`, or `timeout`, `connection_lost`, `closed`, `signed_out`. */
  readonly code: string;
  /** What the server sent beside it: the members of an RFC 9457 problem. */
  readonly data: { readonly [name: string]: any };
}

/** A number that neither a double nor a `bigint` can stand for. Immutable. */
export class ExactNumber {
  /** @throws RangeError when the text is no JSON number, or 10^999,999,999 and more */
  constructor(text: string);
  /** All digits that matter, laid out as ECMAScript lays out numbers. */
  readonly text: string;
  /** The nearest double; infinite beyond their range. */
  valueOf(): number;
  toString(): string;
  /** For `JSON.stringify`: exact where the browser has `JSON.rawJSON`. */
  toJSON(): unknown;
}

/** The value of a JSON number. @throws RangeError when the text is none */
export function exactNumber(text: string): JSONNumber;

/** Parses JSON without changing a number. @throws SyntaxError */
export function parseExact(text: string): JSONValue;

/** Writes JSON without changing a number; lone surrogates become U+FFFD. */
export function stringifyExact(value: unknown, indent?: number): string;

/** Deep equality: numbers by decimal value, objects without regard to order. */
export function jsonEqual(a: unknown, b: unknown): boolean;

/** Canonical JSON (RFC 8785); whole numbers that no double holds keep their digits. @throws Error for what is not JSON */
export function canonicalize(value: unknown): string;

/** The digest of a document as the server computes it: 16 hexadecimal digits. */
export function documentDigest(document: unknown): string;

/** Applies a JSON Patch, sharing what did not change; all or nothing. @throws PatchError */
export function applyPatch<Result = JSONValue>(document: unknown, patch: readonly Operation[]): Result;

/** A patch that is malformed or does not fit the document. */
export class PatchError extends Error {
  constructor(message: string, index: number);
  /** Which operation of the patch. */
  readonly index: number;
}
