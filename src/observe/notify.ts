/**
 * Telling the service manager how we are (sd_notify(3), sd_watchdog_enabled(3)): ready, reloading, stopping, alive.
 * Without a manager that asked for it, every call does nothing.
 */
import { type Instant, type Millis, millis } from '../core/model/ids.ts';
import type { NotifySocket } from '../ports/datagram.ts';
import { escapeControls } from './log/escape.ts';

/** A path in the file system, or a name in the abstract namespace (without its leading NUL byte). */
export type SocketAddress =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'abstract'; readonly name: string };

export interface NotifySettings {
  /** Absent where nobody wants to hear from us. */
  readonly address?: SocketAddress;
  /** A service that is silent for this long is killed and started again. */
  readonly watchdog?: Millis;
  /** What was found in the environment and cannot be used. */
  readonly problems: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID; `pid` is our own. */
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
  // Set for another process, which passed its environment on to us.
  if (forPid !== undefined && forPid !== '' && forPid !== String(pid)) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(micros)) {
    problems.push(`WATCHDOG_USEC=${micros}: not a number of microseconds`);
    return undefined;
  }
  return millis(Number(micros) / 1000);
}

/** One message: assignments, one a line. Values are kept to their line. */
export function encodeNotify(assignments: Readonly<Record<string, string>>): Uint8Array {
  const lines = Object.entries(assignments).map(([name, value]) => `${name}=${escapeControls(value)}`);
  return new TextEncoder().encode(lines.join('\n'));
}

/** Tells the service manager how the daemon is; harmless where there is none. */
export class Notifier {
  readonly #socket: NotifySocket | undefined;
  readonly #interval: Millis | undefined;
  #lastBeat: Instant | undefined;
  #failures = 0;

  /** `socket` leads to `settings.address`; absent where there is none. */
  constructor(socket: NotifySocket | undefined, settings: NotifySettings) {
    this.#socket = socket;
    this.#interval = settings.watchdog === undefined ? undefined : millis(settings.watchdog / 2);
  }

  /** Messages that the manager did not take. */
  get failures(): number {
    return this.#failures;
  }

  /** How often `beat` has to be called at least: half the time after which we would be killed. */
  get beatInterval(): Millis | undefined {
    return this.#socket === undefined ? undefined : this.#interval;
  }

  /** Start-up, or a reload, is complete. `status` is one sentence for `systemctl status`. */
  ready(status: string): boolean {
    return this.#send({ READY: '1', STATUS: status });
  }

  status(status: string): boolean {
    return this.#send({ STATUS: status });
  }

  /** Followed by `ready` in any case. `monotonicMicros` is CLOCK_MONOTONIC, which Type=notify-reload wants. */
  reloading(status: string, monotonicMicros?: bigint): boolean {
    const time = monotonicMicros === undefined ? {} : { MONOTONIC_USEC: String(monotonicMicros) };
    return this.#send({ RELOADING: '1', ...time, STATUS: status });
  }

  stopping(status: string): boolean {
    return this.#send({ STOPPING: '1', STATUS: status });
  }

  /** The current start or stop takes up to `time` more, counted from now: hooks still have their grace. */
  extendTimeout(time: Millis): boolean {
    return this.#send({ EXTEND_TIMEOUT_USEC: String(Math.ceil(time * 1000)) });
  }

  /** A sign of life, from the event loop itself: a loop that hangs must fall silent. As often as one likes. */
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
