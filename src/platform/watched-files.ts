/** Files of other programs, by node:fs. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync, watch } from 'node:fs';
import { timestamp } from '../core/model/ids.ts';
import type {
  DirectoryIdentity,
  DirectoryListing,
  DirectoryWatch,
  DirectoryWatchHandlers,
  FileReadResult,
  ReadRequest,
  Unreadable,
  WatchedFiles,
} from '../ports/watched-files.ts';
import { attempt, pathStatOf } from './trust/path-walk.ts';

/** Does not wait for a writer of a FIFO, takes no controlling terminal, follows no symbolic link. */
const openFlags: number =
  constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

export class SystemFiles implements WatchedFiles {
  identify(directory: string): DirectoryIdentity {
    const stat = attempt(() => statSync(directory, { bigint: true }));
    if (stat.value === undefined) return absentOr(stat.code);
    if (!stat.value.isDirectory()) return { kind: 'absent' };
    // The birth time is part of it: a new directory soon gets the inode of a removed one.
    const { dev, ino, birthtimeNs } = stat.value;
    return { kind: 'present', identity: `${dev}:${ino}:${birthtimeNs}` };
  }

  list(directory: string): DirectoryListing {
    const names = attempt(() => readdirSync(directory));
    return names.value === undefined ? absentOr(names.code) : { kind: 'listed', names: names.value };
  }

  read(request: ReadRequest): FileReadResult {
    const opened = attempt(() => openSync(request.path, openFlags));
    if (opened.value === undefined) {
      // O_NOFOLLOW: open(2) answers ELOOP for a symbolic link.
      return opened.code === 'ELOOP' ? { kind: 'link' } : absentOr(opened.code);
    }
    const descriptor = opened.value;
    try {
      const read = attempt(() => readOpen(descriptor, request));
      return read.value ?? { kind: 'failed', code: read.code };
    } finally {
      closeSync(descriptor);
    }
  }

  watch(directory: string, handlers: DirectoryWatchHandlers): DirectoryWatch {
    const opened = attempt(() => watch(directory, { persistent: false }));
    if (opened.value === undefined) return { kind: 'failed', code: opened.code };
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
          // A pending error must find a listener: without one it is thrown.
          watcher.on('error', () => undefined);
          watcher.close();
        },
      },
    };
  }
}

function readOpen(descriptor: number, request: ReadRequest): FileReadResult {
  const refusal = request.refuse(pathStatOf(request.path, fstatSync(descriptor)));
  if (refusal !== undefined) return { kind: 'refused', refusal };
  const stat = fstatSync(descriptor, { bigint: true });
  // Taken before the content: a change meanwhile gives another signature the next time.
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

const absentOr = (code: string): { readonly kind: 'absent' } | Unreadable =>
  code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'absent' } : { kind: 'failed', code };
