/** Diagnostics (SIGUSR2): everything that the daemon knows, as a file, and a summary as one line. */
import { join } from 'node:path';
import type { Millis } from '../core/model/ids.ts';
import type { State } from '../core/model/state.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { writeStateFile } from '../platform/state-file.ts';
import { errnoOf } from '../store/journal/errno.ts';

/** The input of the diagnostics. */
export interface DiagnosticSubject {
  readonly snapshot: Snapshot;
  readonly runningHooks: number;
  /** Counters of the kernel's socket; undefined while there is none. */
  readonly socket: unknown;
  /** Messages about routes of routing daemons that nobody asks for. */
  readonly passedOver: number;
  /** Since the start. */
  readonly uptime: Millis;
  readonly counters: unknown;
  readonly log: unknown;
  readonly identity: unknown;
}

const seconds = (time: Millis): number => Math.round(time / 1000);

/** What the daemon knows and does, for debugging. */
export function describeDaemon(subject: DiagnosticSubject): Readonly<Record<string, unknown>> {
  const { snapshot, runningHooks, socket, passedOver, uptime, counters, log, identity } = subject;
  const { kernel, networkd, networkManager, leases, host } = snapshot.state;
  const { invalidations, freshness } = kernel;
  return {
    uptimeSeconds: seconds(uptime),
    epoch: snapshot.epoch,
    lastSeq: snapshot.seq,
    counters,
    queue: snapshot.load,
    runningHooks,
    kernel: {
      freshness,
      invalidations,
      links: kernel.links.size,
      routes: kernel.routes.size,
      rules: kernel.rules.size,
      socket,
      passedOver,
    },
    managers: {
      networkd: networkd.freshness,
      networkManager: networkManager.freshness,
      leases: leases.freshness,
    },
    host,
    memory: process.memoryUsage(),
    log,
    identity,
    network: describeNetwork(snapshot.state),
  };
}

/** A summary, for the log. */
export function describeBriefly({ snapshot, runningHooks, uptime }: DiagnosticSubject): string {
  const { kernel } = snapshot.state;
  const sizes = `${kernel.links.size} links, ${kernel.routes.size} routes, ${kernel.rules.size} rules`;
  const work = `${snapshot.load.waiting} events wait, ${runningHooks} hooks run`;
  return `up ${seconds(uptime)} s, kernel ${kernel.freshness}, ${sizes}; record ${snapshot.seq}; ${work}`;
}

/** The network as the daemon knows it. Sorted, so that two files can be compared. */
function describeNetwork({ kernel, links, host }: State): Readonly<Record<string, unknown>> {
  const indexes = [...kernel.links.keys()].sort((a, b) => a - b);
  return {
    host,
    links: indexes.map((index) => {
      const link = kernel.links.get(index);
      const { statistics: _, ...object } = link?.object ?? {};
      return { ...object, status: links.get(index), addresses: [...(link?.addresses.values() ?? [])] };
    }),
    routes: [...kernel.routes.values()].flat(),
    rules: [...kernel.rules.values()],
  };
}

/** Writes `diagnostics.json` into the directory. Returns its path, or why it could not be written. */
export function writeDiagnostics(
  directory: string,
  value: unknown,
): { readonly ok: true; readonly path: string } | { readonly ok: false; readonly code: string } {
  const path = join(directory, 'diagnostics.json');
  const text = JSON.stringify(
    value,
    (_key, entry: unknown) => (typeof entry === 'bigint' ? String(entry) : entry),
    2,
  );
  try {
    writeStateFile(path, `${text}\n`, 0o640);
    return { ok: true, path };
  } catch (error) {
    return { ok: false, code: errnoOf(error) };
  }
}
