/** The system bus, with a new connection whenever one ends. */
import { millis } from '../../core/model/ids.ts';
import {
  type BusCall,
  type BusConnection,
  BusFailure,
  type CallResult,
  type ServiceFollower,
} from '../../ports/bus-connection.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { type BusAddress, parseBusAddresses, systemBusAddress } from '../../wire/dbus/address.ts';
import { type Backoff, type BackoffLimits, failed, freshBackoff, succeeded } from './backoff.ts';
import { BusSession } from './bus-session.ts';
import { FollowedService } from './followed-service.ts';
import { failure } from './pending-calls.ts';
import { type OpenStream, openUnixStream } from './unix-stream.ts';

export interface SystemBusParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** From 0 up to but not including 1, new each time: spreads the attempts of many. */
  readonly chance: () => number;
  /** `DBUS_SYSTEM_BUS_ADDRESS`, where it is set. */
  readonly address?: string | undefined;
  /** The effective user id at the moment of each attempt. */
  readonly uid: () => number;
  readonly open?: OpenStream;
  /** Longest message in bytes whose arguments are read; 1 MiB unless told otherwise. */
  readonly messageLimit?: number;
}

const limits: BackoffLimits = { first: millis(100), longest: millis(5_000), resetAfter: millis(10_000) };
const defaultMessageLimit = 1_048_576;

export class SystemBus implements BusConnection, Disposable {
  readonly #parts: SystemBusParts;
  readonly #log: Logger;
  readonly #addresses: readonly BusAddress[];
  readonly #services = new Set<FollowedService>();
  #session: BusSession | undefined;
  /** Calls can be made; whether the bus lets us in is another question. */
  #isOpen = false;
  #isIn = false;
  #attempts = 0;
  #backoff: Backoff = freshBackoff;
  #waiting: Disposable | undefined;
  #isOver = false;

  constructor(parts: SystemBusParts) {
    this.#parts = parts;
    this.#log = parts.log.with({ component: 'dbus' });
    this.#addresses = parseBusAddresses(parts.address ?? systemBusAddress);
  }

  /** Connects, now and whenever the connection ends. To be called after privileges were given up: the bus remembers who came. */
  start(): void {
    if (this.#addresses.length === 0) {
      this.#log.error(
        `'${this.#parts.address}' in DBUS_SYSTEM_BUS_ADDRESS names no Unix socket: the bus is not used`,
      );
      for (const service of this.#services) service.disconnected();
      return;
    }
    this.#connect();
  }

  follow(follower: ServiceFollower): Disposable {
    const service = new FollowedService(follower, this.#parts.clock);
    this.#services.add(service);
    if (this.#isOpen && this.#session !== undefined) service.connected(this.#callerOf(this.#session));
    return {
      [Symbol.dispose]: () => {
        this.#services.delete(service);
        service[Symbol.dispose]();
      },
    };
  }

  call(call: BusCall, done: (result: CallResult) => void): void {
    if (this.#isOpen && this.#session !== undefined) this.#session.call(call, done);
    else done(failure(BusFailure.disconnected, 'there is no connection to the bus'));
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#isOpen = false;
    this.#waiting?.[Symbol.dispose]();
    this.#session?.close();
    this.#session = undefined;
  }

  #connect(): void {
    const { clock, uid, open = openUnixStream, messageLimit = defaultMessageLimit } = this.#parts;
    const address = this.#addresses[this.#attempts++ % this.#addresses.length] as BusAddress;
    const session = new BusSession(
      { address, uid: uid(), clock, open, messageLimit },
      {
        opened: () => this.#opened(session),
        welcomed: () => this.#welcomed(),
        signal: (message) => {
          for (const service of [...this.#services]) service.take(message);
        },
        closed: (reason) => this.#lost(session, reason),
      },
    );
    this.#session = session;
  }

  #opened(session: BusSession): void {
    this.#isOpen = true;
    for (const service of [...this.#services]) service.connected(this.#callerOf(session));
  }

  #welcomed(): void {
    if (this.#backoff.failures > 0) {
      this.#log.info('Connected to the system bus again.', { messageId: 'sourceRestored' });
    }
    this.#isIn = true;
    this.#backoff = succeeded(this.#backoff, this.#parts.clock.now());
  }

  #callerOf(session: BusSession): { call: BusSession['call']; giveUp: (reason: string) => void } {
    return {
      call: (call, done) => session.call(call, done),
      giveUp: (reason) => {
        if (session !== this.#session) return;
        session.close();
        this.#lost(session, reason);
      },
    };
  }

  #lost(session: BusSession, reason: string): void {
    if (session !== this.#session || this.#isOver) return;
    this.#tell(reason);
    this.#session = undefined;
    this.#isOpen = false;
    this.#isIn = false;
    for (const service of [...this.#services]) service.disconnected();
    const at = { now: this.#parts.clock.now(), chance: this.#parts.chance() };
    const { backoff, delay } = failed(this.#backoff, limits, at);
    this.#backoff = backoff;
    this.#waiting = this.#parts.clock.schedule(delay, () => this.#connect());
  }

  #tell(reason: string): void {
    if (this.#isIn) {
      const message = `The connection to the system bus ended (${reason}): network managers are not initialReads until it is back.`;
      this.#log.warn(message, { messageId: 'sourceLost' });
    } else {
      // Many a machine has none, and needs none.
      const message = `The system bus cannot be reached (${reason}): network managers are not initialReads.`;
      this.#log.info(message, { repeatKey: 'dbus' });
    }
  }
}
