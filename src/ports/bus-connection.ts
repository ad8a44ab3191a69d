/**
 * The system's message bus. Being without it is ordinary: calls then fail as values, services are followed again when it
 * is back. Nothing here throws for what a peer or the bus does.
 */
import type { Millis } from '../core/model/ids.ts';
import type { BusBody, BusValue } from '../wire/dbus/value.ts';

export interface BusCall {
  /** A unique name, or a well-known one. Of a service that is followed: the owner that `appeared` told. */
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body?: BusBody;
  /** Default: 10 seconds. */
  readonly timeout?: Millis;
  /** Longest answer in bytes that is read. Default: 1 MiB. */
  readonly answerLimit?: number;
  /** Lets the bus start the service for this call. Default: a service that is not running stays so. */
  readonly mayStartService?: boolean;
}

/** How a call ended. */
export type CallResult =
  | { readonly ok: true; readonly values: readonly BusValue[] }
  /** `name`: what the service answered with (`org.freedesktop.DBus.Error.…`), or a `BusFailure`. */
  | { readonly ok: false; readonly name: string; readonly message: string };

/** Names of failures that are ours and no peer's. */
export const BusFailure = {
  /** There is no connection, or it ended before the answer came. */
  disconnected: 'netevd.Disconnected',
  timedOut: 'netevd.TimedOut',
  /** Too many calls wait for their answers. */
  busy: 'netevd.Busy',
  /** The answer was longer than is read. */
  tooLong: 'netevd.TooLong',
  /** The answer is none by the rules of the protocol. */
  malformed: 'netevd.Malformed',
} as const;

/** Signals of a service to hear. */
export interface SignalRule {
  readonly interface: string;
  readonly member: string;
  /** This object alone; or: */
  readonly path?: string;
  /** this one and all below it. With neither, every object. */
  readonly pathNamespace?: string;
  /** First argument, a text. The bus compares it; whoever listens may be told of others too. */
  readonly arg0?: string;
}

export interface BusSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly values: readonly BusValue[];
}

/**
 * Who follows a service hears, in the order in which the bus said it: first `appeared`, `vanished` or `lost`, then
 * whatever becomes of the service. Signals come from the present owner of the name alone, whoever else claims to be it.
 */
export interface ServiceFollower {
  /** Well-known name: `org.freedesktop.network1`. */
  readonly name: string;
  readonly signals: readonly SignalRule[];
  /** The service is there, and from here on no signal is missed: read what it has to say now. */
  appeared(owner: string): void;
  /** The bus is there, and the service is not on it. */
  vanished(): void;
  signal(signal: BusSignal): void;
  /**
   * Signals are missed from here on, until `appeared` or `vanished` comes: the bus is gone or was never reached, or the
   * service sends more than can be followed.
   */
  lost(cause: 'disconnected' | 'overrun'): void;
}

export interface BusConnection {
  /** Starts to follow; ends when disposed of, and then calls nothing any more. */
  follow(follower: ServiceFollower): Disposable;
  /**
   * `done` is called once, in the order in which the bus delivered answers and signals: what a later signal says is newer
   * than this answer. It may be called before `call` returns.
   */
  call(call: BusCall, done: (result: CallResult) => void): void;
}
