/** The real machine, for commands that ask the daemon. */
import { readFileSync } from 'node:fs';
import { fetchTransport } from '../client/transport.ts';
import type { WatchClock } from '../client/watch.ts';
import { defaultConfig, readConfig } from '../config/index.ts';
import { socketFetch } from '../platform/http/socket-fetch.ts';
import type { RemoteWorld, Sockets } from './remote/session.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Connects to what the configuration file names. */
export const remoteWorld = (configFile: string, env: Environment): RemoteWorld => ({
  connect: (endpoint, token) =>
    endpoint.kind === 'unix'
      ? fetchTransport(socketFetch(endpoint.path), 'http://netevd', () => token)
      : fetchTransport(fetch, endpoint.url, () => token),
  sockets: () => socketsOf(configFile, env),
  readFile: (path) => readFileSync(path, 'utf8'),
  clock: watchClock,
  wall: () => Date.now(),
  timeout: (ms) => AbortSignal.timeout(ms),
  onInterrupt: (run) => {
    process.once('SIGINT', run);
    process.once('SIGTERM', run);
  },
});

/**
 * The sockets of a daemon with this configuration; the default ones if the caller may not read the file, or if it has
 * errors: the running daemon was started before they were made.
 */
function socketsOf(file: string, env: Environment): Sockets {
  const parsed = readConfig({ file, env });
  const { system, api } = parsed.ok ? parsed.config : defaultConfig(env);
  const control = `${system.runtimeDirectory}/control.sock`;
  return { read: api.socket ?? control, control };
}

const watchClock: WatchClock = {
  now: () => performance.now(),
  chance: () => Math.random(),
  delay: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(end, ms);
      function end(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      }
      signal.addEventListener('abort', end);
    }),
};
