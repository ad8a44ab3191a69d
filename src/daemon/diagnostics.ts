/** What SIGUSR2 brings: everything that the daemon knows, as a file for programs and people, and in one line. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../core/engine.ts';
import type { Millis } from '../core/model/ids.ts';
import type { State } from '../core/model/state.ts';
import type { HookRunner } from '../effects/hooks/hook-runner.ts';
import type { RtnetlinkSource } from '../sources/rtnetlink/rtnetlink-source.ts';
import { errnoOf } from '../store/journal/journal-file.ts';

/** Those who are asked how they stand. */
export interface DiagnosticParts {
  readonly engine: Engine;
  readonly hooks: HookRunner;
  readonly source: RtnetlinkSource;
  /** Since the start. */
  readonly uptime: Millis;
  readonly counters: unknown;
  readonly log: unknown;
  readonly identity: unknown;
}

const seconds = (time: Millis): number => Math.round(time / 1000);

/** What the daemon knows and does, for a person who looks for a fault. */
export function describeDaemon(asked: DiagnosticParts): Readonly<Record<string, unknown>> {
  const { engine, hooks, source, uptime, counters, log, identity } = asked;
  const { kernel, networkd, networkManager, leases, host } = engine.network;
  const { invalidations, freshness } = kernel;
  return {
    uptimeSeconds: seconds(uptime),
    lastSeq: engine.lastSeq,
    counters,
    queue: engine.load,
    runningHooks: hooks.running,
    kernel: {
      freshness,
      invalidations,
      links: kernel.links.size,
      routes: kernel.routes.size,
      rules: kernel.rules.size,
      socket: source.stats(),
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
    network: describeNetwork(engine.network),
  };
}

/** The gist of it, for the log. */
export function describeBriefly({ engine, hooks, uptime }: DiagnosticParts): string {
  const { kernel } = engine.network;
  const sizes = `${kernel.links.size} links, ${kernel.routes.size} routes, ${kernel.rules.size} rules`;
  const work = `${engine.load.waiting} events wait, ${hooks.running} hooks run`;
  return `up ${seconds(uptime)} s, kernel ${kernel.freshness}, ${sizes}; event ${engine.lastSeq}; ${work}`;
}

/** The network as the daemon sees it, in the shapes of its own objects; sorted, so that two files can be compared. */
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

/** Writes `diagnostics.json` into the directory; returns its path, or why that could not be. */
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
    writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o640 });
    renameSync(`${path}.new`, path);
    return { ok: true, path };
  } catch (error) {
    return { ok: false, code: errnoOf(error) };
  }
}
