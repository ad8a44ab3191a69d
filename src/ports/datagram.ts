/** Sending one datagram to a socket of the service manager (systemd.exec(5), sd_notify(3)). */

/** `code` is the symbolic errno: EAGAIN, ECONNREFUSED, ENOENT, EMSGSIZE … */
export type SendOutcome = { readonly ok: true } | { readonly ok: false; readonly code: string };

/** The journal's native socket, `/run/systemd/journal/socket`. Never blocks, never throws. */
export interface SystemdJournalSink {
  send(bytes: Uint8Array): SendOutcome;
}

/** The socket that `$NOTIFY_SOCKET` names. Never blocks, never throws. */
export interface NotifySocket {
  send(bytes: Uint8Array): SendOutcome;
}
