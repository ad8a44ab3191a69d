/** Files of others, by node:fs. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync, watch } from 'node:fs';
import { timestamp } from '../core/model/ids.ts';
import type {
  DirectoryListing,
  DirectoryLook,
  DirectoryWatch,
  DirectoryWatchHandlers,
  FileReading,
  ReadRequest,
  Unknown,
  WatchedFiles,
} from '../ports/watched-files.ts';

/** No waiting for a writer of a FIFO, no terminal to gain, no way through a symbolic link. */
const openFlags: number =
  constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

export class SystemFiles implements WatchedFiles {
  identify(directory: string): DirectoryLook {
    const stat = attempt(() => statSync(directory, { bigint: true }));
    if (!stat.ok) return absentOr(stat.code);
    if (!stat.value.isDirectory()) return { kind: 'absent' };
    // With the time of its making: the inode of a directory that was removed is soon another's.
    const { dev, ino, birthtimeNs } = stat.value;
    return { kind: 'there', identity: `${dev}:${ino}:${birthtimeNs}` };
  }

  list(directory: string): DirectoryListing {
    const names = attempt(() => readdirSync(directory));
    return names.ok ? { kind: 'listed', names: names.value } : absentOr(names.code);
  }

  read(request: ReadRequest): FileReading {
    const opened = attempt(() => openSync(request.path, openFlags));
    if (!opened.ok) {
      // O_NOFOLLOW: open(2) answers ELOOP for a symbolic link.
      return opened.code === 'ELOOP' ? { kind: 'link' } : absentOr(opened.code);
    }
    try {
      const read = attempt(() => readOpen(opened.value, request));
      return read.ok ? read.value : { kind: 'failed', code: read.code };
    } finally {
      closeSync(opened.value);
    }
  }

  watch(directory: string, handlers: DirectoryWatchHandlers): DirectoryWatch {
    const opened = attempt(() => watch(directory, { persistent: false }));
    if (!opened.ok) return { kind: 'failed', code: opened.code };
    const watcher = opened.value;
    watcher.on('change', (_event, name) => handlers.onEvent(name === null ? undefined : String(name)));
    watcher.on('error', () => {
      watcher.close();
      handlers.onEnd();
    });
    return {
      kind: 'watching',
      watch: {
        [Symbol.dispose]: () => {
          watcher.removeAllListeners();
          // Whatever is still under way must find somebody who listens: an error without is thrown.
          watcher.on('error', () => undefined);
          watcher.close();
        },
      },
    };
  }
}

function readOpen(descriptor: number, request: ReadRequest): FileReading {
  const stat = fstatSync(descriptor, { bigint: true });
  const facts = {
    isRegular: stat.isFile(),
    uid: Number(stat.uid),
    mode: Number(stat.mode) & 0o7777,
    size: Number(stat.size),
  };
  const reason = request.refuse(facts);
  if (reason !== undefined) return { kind: 'refused', reason };
  // Taken before the content: what changes meanwhile gives another signature the next time.
  const signature = `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
  if (signature === request.known) return { kind: 'same' };
  const text = new TextDecoder().decode(readUpTo(descriptor, request.limit));
  return { kind: 'read', signature, modified: timestamp(Number(stat.mtimeNs / 1_000_000n)), text };
}

function readUpTo(descriptor: number, limit: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < limit) {
    const chunk = new Uint8Array(Math.min(65_536, limit - length));
    const count = readSync(descriptor, chunk);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

const absentOr = (code: string): { readonly kind: 'absent' } | Unknown =>
  code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'absent' } : { kind: 'failed', code };

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string };

/** The value, or the errno's name; whatever else is thrown is a bug and goes on. */
function attempt<T>(run: () => T): Attempt<T> {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string') throw error;
    return { ok: false, code };
  }
}
