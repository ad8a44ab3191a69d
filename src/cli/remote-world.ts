/** The real machine, for commands that ask the daemon. */
import { readFileSync } from 'node:fs';
import { fetchTransport } from '../client/transport.ts';
import type { WatchClock } from '../client/watch.ts';
import { type Config, defaultConfig, parseConfig, readConfig, salvageConfig } from '../config/index.ts';
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

/** The sockets of a daemon with this configuration; the usual places, where nothing listens, if it has none. */
function socketsOf(file: string, env: Environment): Sockets {
  const { system, api } = usableConfig(file, env);
  const usual = (name: string): string => `${system.runtimeDirectory}/${name}`;
  return {
    read: api.socket ?? api.controlSocket ?? usual('netevd.sock'),
    control: api.controlSocket ?? usual('control.sock'),
    ...(!api.enabled && { areOff: true }),
  };
}

/**
 * The configuration, or what is right in it: the running daemon was started before the errors were made. The defaults
 * if the caller may not read the file.
 */
function usableConfig(file: string, env: Environment): Config {
  const parsed = readConfig({ file, env });
  if (parsed.ok) return parsed.config;
  const salvaged = salvageConfig(readText(file), file);
  const usable = salvaged.ok ? parseConfig(salvaged.yaml, { file, env }) : salvaged;
  return usable.ok ? usable.config : defaultConfig(env);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
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
