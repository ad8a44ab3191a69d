/** The sockets of systemd: the journal's, and the one for sd_notify(3). */
import { getSystemErrorName } from 'node:util';
import type { DatagramOutcome, NotifySocket, SystemdJournalSink } from '../ports/datagram.ts';
import { loadNative, type Native } from './native.ts';

/** Where journald listens (systemd-journald.service(8)). */
export const systemdJournalSocket = '/run/systemd/journal/socket';

/**
 * Sends each datagram to `path` and keeps no connection, so that it arrives after the other end has
 * restarted.
 */
export class ManagerSocket implements SystemdJournalSink, NotifySocket {
  readonly #path: string;
  readonly #native: Native;

  /** A path in the file system, or `@` and a name in the abstract namespace. */
  constructor(path: string, native: Native = loadNative()) {
    this.#path = path;
    this.#native = native;
  }

  send(bytes: Uint8Array): DatagramOutcome {
    const result = this.#native.dgramSend(this.#path, bytes);
    return result === 0 ? { ok: true } : { ok: false, code: getSystemErrorName(result) };
  }
}
