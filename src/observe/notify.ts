/**
 * Notifies the service manager of the daemon's state (sd_notify(3), sd_watchdog_enabled(3)): ready, reloading, stopping,
 * alive. Without a service manager that asked for it, every call does nothing.
 */
import { type Instant, type Millis, millis } from '../core/model/ids.ts';
import type { NotifySocket } from '../ports/datagram.ts';
import { escapeControls } from './log/escape.ts';

/** A path in the file system, or a name in the abstract namespace (without its leading NUL byte). */
export type SocketAddress =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'abstract'; readonly name: string };

export interface NotifySettings {
  /** Absent if no service manager waits for messages. */
  readonly address?: SocketAddress;
  /** Timeout of the watchdog: without a message the service manager kills and restarts the service. */
  readonly watchdog?: Millis;
  /** Invalid values in the environment. */
  readonly problems: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Parses NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID; `pid` is that of this process. */
export function parseNotifyEnvironment(env: Environment, pid: number): NotifySettings {
  const problems: string[] = [];
  const address = parseAddress(env['NOTIFY_SOCKET'], problems);
  const watchdog = parseWatchdog(env['WATCHDOG_USEC'], env['WATCHDOG_PID'], pid, problems);
  return {
    ...(address === undefined ? {} : { address }),
    ...(watchdog === undefined ? {} : { watchdog }),
    problems,
  };
}

/** `sun_path` of unix(7) has 108 bytes, with the NUL that starts an abstract name or ends a path. */
const maxAddressBytes = 107;

function parseAddress(text: string | undefined, problems: string[]): SocketAddress | undefined {
  if (text === undefined || text === '') return undefined;
  const abstract = text.startsWith('@');
  if (!abstract && !text.startsWith('/')) {
    problems.push(`NOTIFY_SOCKET=${text}: neither an absolute path nor @name`);
    return undefined;
  }
  const bytes = new TextEncoder().encode(text).length - (abstract ? 1 : 0);
  if (bytes > maxAddressBytes || text === '@') {
    problems.push(`NOTIFY_SOCKET=${text}: no address of a Unix socket has ${bytes} bytes`);
    return undefined;
  }
  return abstract ? { kind: 'abstract', name: text.slice(1) } : { kind: 'path', path: text };
}

function parseWatchdog(
  micros: string | undefined,
  forPid: string | undefined,
  pid: number,
  problems: string[],
): Millis | undefined {
  if (micros === undefined || micros === '') return undefined;
  // Set for another process, whose environment was inherited.
  if (forPid !== undefined && forPid !== '' && forPid !== String(pid)) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(micros)) {
    problems.push(`WATCHDOG_USEC=${micros}: not a number of microseconds`);
    return undefined;
  }
  return millis(Number(micros) / 1000);
}

/** Encodes one message: assignments, one per line. Values cannot add a line. */
export function encodeNotify(assignments: Readonly<Record<string, string>>): Uint8Array {
  const lines = Object.entries(assignments).map(([name, value]) => `${name}=${escapeControls(value)}`);
  return new TextEncoder().encode(lines.join('\n'));
}

/** Notifies the service manager; does nothing without one. */
export class Notifier {
  readonly #socket: NotifySocket | undefined;
  readonly #interval: Millis | undefined;
  #lastBeat: Instant | undefined;
  #failures = 0;

  /** `socket` leads to `settings.address`; absent without an address. */
  constructor(socket: NotifySocket | undefined, settings: NotifySettings) {
    this.#socket = socket;
    this.#interval = settings.watchdog === undefined ? undefined : millis(settings.watchdog / 2);
  }

  /** Number of messages that could not be sent. */
  get failures(): number {
    return this.#failures;
  }

  /** How often to call `beat`: half of the watchdog's timeout. */
  get beatInterval(): Millis | undefined {
    return this.#socket === undefined ? undefined : this.#interval;
  }

  /** The start or a reload is complete. `status` is one sentence for `systemctl status`. */
  ready(status: string): boolean {
    return this.#send({ READY: '1', STATUS: status });
  }

  status(status: string): boolean {
    return this.#send({ STATUS: status });
  }

  /** Always followed by `ready`. `monotonicMicros` is CLOCK_MONOTONIC, which Type=notify-reload needs. */
  reloading(status: string, monotonicMicros?: bigint): boolean {
    const time = monotonicMicros === undefined ? {} : { MONOTONIC_USEC: String(monotonicMicros) };
    return this.#send({ RELOADING: '1', ...time, STATUS: status });
  }

  stopping(status: string): boolean {
    return this.#send({ STOPPING: '1', STATUS: status });
  }

  /** The current start or stop takes up to `time` more, counted from now: hooks have their grace period. */
  extendTimeout(time: Millis): boolean {
    return this.#send({ EXTEND_TIMEOUT_USEC: String(Math.ceil(time * 1000)) });
  }

  /** Notifies the watchdog. Called by the event loop itself, so that it stops if the loop hangs. May be called often. */
  beat(now: Instant): void {
    if (this.#interval === undefined) return;
    if (this.#lastBeat !== undefined && now - this.#lastBeat < this.#interval / 2) return;
    if (this.#send({ WATCHDOG: '1' })) this.#lastBeat = now;
  }

  #send(assignments: Readonly<Record<string, string>>): boolean {
    if (this.#socket === undefined) return false;
    const { ok } = this.#socket.send(encodeNotify(assignments));
    if (!ok) this.#failures++;
    return ok;
  }
}
