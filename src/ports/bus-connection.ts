/**
 * The system message bus. A missing bus is ordinary: calls then fail as values, and services are followed
 * again once it is back. Nothing here throws for what a peer or the bus does.
 */
import type { Millis } from '../core/model/ids.ts';
import type { BusBody, BusValue } from '../wire/dbus/value.ts';

export interface BusCall {
  /** A unique name, or a well-known one. For a followed service: the owner that `appeared` reported. */
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body?: BusBody;
  /** Default: 10 seconds. */
  readonly timeout?: Millis;
  /** Longest answer in bytes that is read. Default: 1 MiB. */
  readonly answerLimit?: number;
  /** Lets the bus start the service for this call. Default: a service that is not running is not started. */
  readonly mayStartService?: boolean;
}

/** How a call ended. */
export type CallResult =
  | { readonly ok: true; readonly values: readonly BusValue[] }
  /** `name`: the error name of the answer (`org.freedesktop.DBus.Error.…`), or a `BusFailure`. */
  | { readonly ok: false; readonly name: string; readonly message: string };

/** Error names of failures without an answer of a peer. */
export const BusFailure = {
  /** There is no connection, or it ended before the answer came. */
  disconnected: 'netevd.Disconnected',
  timedOut: 'netevd.TimedOut',
  /** Too many calls are waiting for answers. */
  busy: 'netevd.Busy',
  /** The answer is longer than the limit. */
  tooLong: 'netevd.TooLong',
  /** The answer violates the protocol. */
  malformed: 'netevd.Malformed',
} as const;

/** Selects signals of a service. */
export interface SignalRule {
  readonly interface: string;
  readonly member: string;
  /** This object only; or: */
  readonly path?: string;
  /** this object and all below it. With neither, every object. */
  readonly pathNamespace?: string;
  /** First argument, a text. The bus compares it; the follower may get others too. */
  readonly arg0?: string;
}

export interface BusSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly values: readonly BusValue[];
}

/**
 * Follows a service. Calls come in the order of the bus: first `appeared`, `vanished` or `lost`, then every
 * change. Signals come only from the present owner of the name, whatever other senders claim.
 */
export interface ServiceFollower {
  /** Well-known name: `org.freedesktop.network1`. */
  readonly name: string;
  readonly signals: readonly SignalRule[];
  /** The service runs, and from here on no signal is missed: read its state now. */
  appeared(owner: string): void;
  /** The bus works, and the service is not on it. */
  vanished(): void;
  signal(signal: BusSignal): void;
  /**
   * Signals are missed from here on, until `appeared` or `vanished`: the bus is gone or was never reached, or
   * the service sends more than can be followed.
   */
  lost(cause: 'disconnected' | 'overrun'): void;
}

export interface BusConnection {
  /** Starts to follow; ends when disposed of, after which nothing is called. */
  follow(follower: ServiceFollower): Disposable;
  /**
   * Calls `done` once, in the order in which the bus delivered answers and signals: a later signal is newer
   * than this answer. May call it before `call` returns.
   */
  call(call: BusCall, done: (result: CallResult) => void): void;
}
