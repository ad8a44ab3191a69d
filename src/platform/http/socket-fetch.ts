/** fetch over a Unix socket. */

/** The part of `fetch` that a client of the API needs. */
export type SocketFetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Requests over the Unix socket at `path`; host and port of the URL are only written into the `Host` header. Rejects
 * with the errno of connect(2) as `code`: `ENOENT`, `ECONNREFUSED`, `EACCES`.
 */
export const socketFetch =
  (path: string): SocketFetch =>
  (url, init) =>
    fetch(url, { ...init, unix: path });
