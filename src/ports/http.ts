/** Requests and answers of HTTP, as far as the API needs them. Doors are in `platform/http/`. */

/**
 * Where a request came in. `read`: the socket of the group; `control`: the socket of root and the daemon's own user;
 * `tcp`: anybody who can connect; `metrics`: the listener of `metrics.port`.
 */
export type DoorName = 'read' | 'control' | 'tcp' | 'metrics';

export interface HttpCaller {
  readonly door: DoorName;
  /** Of TCP: the address of the peer. */
  readonly address?: string;
  /** Of the control socket: who connected (unix(7), SO_PEERCRED). */
  readonly process?: { readonly uid: number; readonly pid: number };
}

export type BodyRead =
  | { readonly ok: true; readonly bytes: Uint8Array }
  /** `cut`: the client went away before the end. */
  | { readonly ok: false; readonly problem: 'too-large' | 'cut' };

export interface HttpRequest {
  readonly method: string;
  /** As sent, without the query; percent-encoded. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  readonly caller: HttpCaller;
  /** Case does not matter. Repeated headers are joined by `, `. */
  header(name: string): string | undefined;
  /** Reads the body; more than `limit` bytes are not kept. */
  body(limit: number): Promise<BodyRead>;
}

/** A body that grows while it is read. */
export interface BodyStream {
  /** What is there now, as one piece; undefined where there is nothing yet, null at the end. */
  take(): Uint8Array | undefined | null;
  /** Calls `ready` once, as soon as `take` has something. At most one at a time. */
  whenReady(ready: () => void): void;
  /** The reader is gone. */
  cancel(): void;
}

export type HttpBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array | string }
  | { readonly kind: 'stream'; readonly stream: BodyStream };

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: HttpBody;
}

export type HttpHandler = (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
