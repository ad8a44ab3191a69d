/** Counts the calls on the bus, for the metrics. */
import type { BusCall, CallResult } from '../../ports/bus-connection.ts';

/** So many different methods are told apart; netevd itself calls about a dozen. */
const mostMethods = 100;

export interface MethodCount {
  /** `org.freedesktop.network1`. */
  readonly service: string;
  readonly method: string;
  readonly count: number;
}

export class CallCounts {
  readonly #methods = new Map<string, { readonly service: string; readonly method: string; count: number }>();
  /** Calls that were answered with an error, or not at all. */
  errors = 0;
  /** Connections after the first one. */
  reconnects = 0;

  get methods(): Iterable<MethodCount> {
    return this.#methods.values();
  }

  /** Counts a call; returns what is to be called with its result. */
  called(call: BusCall, done: (result: CallResult) => void): (result: CallResult) => void {
    const service = serviceOf(call);
    const key = `${service} ${call.member}`;
    const known = this.#methods.get(key);
    if (known !== undefined) known.count++;
    else if (this.#methods.size < mostMethods) {
      this.#methods.set(key, { service, method: call.member, count: 1 });
    }
    return (result) => {
      if (!result.ok) this.errors++;
      done(result);
    };
  }
}

/**
 * The service by the interface or, for the interfaces that every service has, by the object: the destination is often a
 * unique name, which changes with each start of the service.
 */
export function serviceOf({ interface: name, path }: Pick<BusCall, 'interface' | 'path'>): string {
  const ofObject = path.slice(1).split('/').slice(0, 3).join('.');
  const isShared = name.startsWith('org.freedesktop.DBus.') && !path.startsWith('/org/freedesktop/DBus');
  return isShared ? ofObject : name.split('.').slice(0, 3).join('.');
}
