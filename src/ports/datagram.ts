/** Sends one datagram to a socket of systemd (systemd.exec(5), sd_notify(3)). */

/** `code` is the symbolic errno: EAGAIN, ECONNREFUSED, ENOENT, EMSGSIZE … */
export type DatagramOutcome = { readonly ok: true } | { readonly ok: false; readonly code: string };

/** The native socket of the systemd journal, `/run/systemd/journal/socket`. Never blocks, never throws. */
export interface SystemdJournalSink {
  send(bytes: Uint8Array): DatagramOutcome;
}

/** The socket that `$NOTIFY_SOCKET` names. Never blocks, never throws. */
export interface NotifySocket {
  send(bytes: Uint8Array): DatagramOutcome;
}
