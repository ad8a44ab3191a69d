/** The file of a Unix socket: a stale one is replaced, one that somebody listens on is not. */
import { chmodSync, chownSync, lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';

/** Why no socket can be made at the path. */
export interface SocketObstacle {
  /** EADDRINUSE: somebody listens on it. EEXIST: it is something else than a socket of ours. Else an errno. */
  readonly code: string;
}

/** Makes the path free. A socket on which nobody listens is what a daemon that was killed leaves behind. */
export async function clearSocketPath(path: string): Promise<SocketObstacle | undefined> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isSocket() || (found.uid !== process.geteuid?.() && found.uid !== 0)) return { code: 'EEXIST' };
  const code = await connectCode(path);
  if (code === undefined) return { code: 'EADDRINUSE' };
  if (code !== 'ECONNREFUSED') return code === 'ENOENT' ? undefined : { code };
  unlinkSync(path);
  return undefined;
}

/** The errno of connect(2); undefined where somebody answers. */
function connectCode(path: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect(path);
  socket.once('connect', () => {
    socket.destroy();
    resolve(undefined);
  });
  socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'EIO'));
  return promise;
}

/** Runs `bind`, which makes a socket, so that nobody else can connect before its mode is set. */
export function bindPrivately<T>(bind: () => T): T {
  const mask = process.umask(0o177);
  try {
    return bind();
  } finally {
    process.umask(mask);
  }
}

/** Gives the socket to a group, for reading and writing. Returns the errno where that is refused: then it stays private. */
export function shareWithGroup(path: string, gid: number): string | undefined {
  try {
    chownSync(path, -1, gid);
    chmodSync(path, 0o660);
    return undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
    throw error;
  }
}
