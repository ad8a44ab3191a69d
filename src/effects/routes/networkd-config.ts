/** How systemd-networkd is configured to treat rules and routes of others: networkd.conf(5) with its drop-ins. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ForeignManagement, parseNetworkdConf } from '../../wire/networkd-conf.ts';

export interface NetworkdConfig {
  /** Whether rules of others are deleted when a link is configured. networkd's default is yes, from version 249 on. */
  readonly rules: boolean;
  readonly routes: boolean;
  readonly nextHops: boolean;
  /** The files that were read, in the order in which they count. */
  readonly files: readonly string[];
  /** Files that exist and could not be read: what they say is not known. */
  readonly unreadable: readonly string[];
}

/** From the highest priority to the lowest, systemd.syntax(7). */
const places = ['/etc/systemd', '/run/systemd', '/usr/local/lib/systemd', '/usr/lib/systemd', '/lib/systemd'];

/** Reads below `root`. Never throws for what is on the disk. */
export function readNetworkdConfig(root: string = '/'): NetworkdConfig {
  const files: string[] = [];
  const unreadable: string[] = [];
  let settings: ForeignManagement = {};
  for (const file of configurationFiles(root)) {
    const text = readText(file);
    if (text === undefined) unreadable.push(file);
    else {
      files.push(file);
      settings = { ...settings, ...parseNetworkdConf(text) };
    }
  }
  const { rules = true, routes = true, nextHops = true } = settings;
  return { rules, routes, nextHops, files, unreadable };
}

/** The main file, then the drop-ins by their names; of two with one name, the one of the higher place. */
function configurationFiles(root: string): readonly string[] {
  const main = places.map((place) => join(root, place, 'networkd.conf')).find((file) => existsSync(file));
  const dropIns = new Map<string, string>();
  for (const place of places) {
    const directory = join(root, place, 'networkd.conf.d');
    for (const name of namesIn(directory)) {
      if (name.endsWith('.conf') && !dropIns.has(name)) dropIns.set(name, join(directory, name));
    }
  }
  const sorted = [...dropIns].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
  return main === undefined ? sorted : [main, ...sorted];
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** A link to /dev/null, which masks, reads as empty. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Whether a process runs whose name is this one as the kernel keeps it (`/proc/PID/comm`, at most 15 characters); false
 * where /proc does not tell.
 */
export function isProcessRunning(comm: string, proc: string = '/proc'): boolean {
  return namesIn(proc).some(
    (name) => /^\d+$/.test(name) && readText(join(proc, name, 'comm'))?.trim() === comm,
  );
}

/** systemd-networkd and NetworkManager in `/proc/PID/comm`. */
export const managerProcesses = { networkd: 'systemd-network', networkManager: 'NetworkManager' } as const;
