/** The system bus. Connects again whenever the connection ends. */
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
  /** Random number from 0 up to but not including 1, new each time: spreads the attempts of many clients. */
  readonly chance: () => number;
  /** `DBUS_SYSTEM_BUS_ADDRESS`, where it is set. */
  readonly address?: string | undefined;
  /** The effective user id at the moment of each attempt. */
  readonly uid: () => number;
  readonly open?: OpenStream;
  /** Longest message in bytes whose arguments are read. Default: 1 MiB. */
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
  /** Calls can be made; the bus may not have accepted the connection yet. */
  #isOpen = false;
  #isWelcome = false;
  #attempts = 0;
  #backoff: Backoff = freshBackoff;
  #waiting: Disposable | undefined;
  #isOver = false;

  constructor(parts: SystemBusParts) {
    this.#parts = parts;
    this.#log = parts.log.with({ component: 'dbus' });
    this.#addresses = parseBusAddresses(parts.address ?? systemBusAddress);
  }

  /** Whether calls reach the bus now. */
  get isConnected(): boolean {
    return this.#isOpen;
  }

  /**
   * Connects, now and whenever the connection ends. To be called after privileges were dropped: the bus
   * judges a connection by the user id at its start.
   */
  start(): void {
    if (this.#addresses.length === 0) {
      this.#log.error(
        `DBUS_SYSTEM_BUS_ADDRESS: no Unix socket in '${this.#parts.address}'; the bus is not used`,
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
    else done(failure(BusFailure.disconnected, 'no connection to the bus'));
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
      this.#log.info('system bus: connected again', { messageId: 'sourceRestored' });
    }
    this.#isWelcome = true;
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
    this.#logLoss(reason);
    this.#session = undefined;
    this.#isOpen = false;
    this.#isWelcome = false;
    for (const service of [...this.#services]) service.disconnected();
    const at = { now: this.#parts.clock.now(), chance: this.#parts.chance() };
    const { backoff, delay } = failed(this.#backoff, limits, at);
    this.#backoff = backoff;
    this.#waiting = this.#parts.clock.schedule(delay, () => this.#connect());
  }

  #logLoss(reason: string): void {
    if (this.#isWelcome) {
      const message = `system bus: connection lost (${reason}); network managers are not followed until it is back`;
      this.#log.warn(message, { messageId: 'sourceLost' });
    } else {
      // Many machines have no bus and need none.
      const message = `system bus: cannot connect (${reason}); network managers are not followed`;
      this.#log.info(message, { repeatKey: 'dbus' });
    }
  }
}
