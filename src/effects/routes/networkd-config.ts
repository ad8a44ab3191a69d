/** How systemd-networkd treats rules and routes of others: networkd.conf(5) with its drop-ins. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type ForeignManagement, parseNetworkdConf } from '../../wire/networkd-conf.ts';

export interface NetworkdConfig {
  /** Whether it deletes rules of others when it configures a link: its default since version 249. */
  readonly rules: boolean;
  readonly routes: boolean;
  readonly nextHops: boolean;
  /** The files that were read, in the order in which they apply. */
  readonly files: readonly string[];
  /** Files that exist and could not be read; their settings are unknown. */
  readonly unreadable: readonly string[];
}

/** From the highest priority to the lowest, systemd.syntax(7). */
const places = ['/etc/systemd', '/run/systemd', '/usr/local/lib/systemd', '/usr/lib/systemd', '/lib/systemd'];

/** Reads the files below `root`. Never throws for their content or permissions. */
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

/**
 * The main file, then the drop-ins by name; of two with one name, the one in the place of higher priority.
 */
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

/** A link to /dev/null, which masks a file, reads as empty. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Whether a process of this network namespace has this name (`/proc/PID/comm`, at most 15 characters); false where
 * /proc is unreadable. Every container with systemd has a networkd of its own, which does not touch our rules.
 */
export function isProcessRunning(comm: string, proc: string = '/proc'): boolean {
  return namesIn(proc).some(
    (name) =>
      /^\d+$/.test(name) &&
      readText(join(proc, name, 'comm'))?.trim() === comm &&
      mayBeInOurNamespace(name, proc),
  );
}

/**
 * Only root may read the namespaces of other users' processes. For others a deeper PID namespace (`NSpid` of
 * proc_pid_status(5)) shows a container; a process that shows neither counts as one of ours.
 */
function mayBeInOurNamespace(pid: string, proc: string): boolean {
  const [theirs, ours] = [pid, 'self'].map((process) => readLink(join(proc, process, 'ns/net')));
  if (theirs !== undefined && ours !== undefined) return theirs === ours;
  return pidDepth(pid, proc) <= pidDepth('self', proc);
}

/** Returns the number of PID namespaces that a process has an id in. */
function pidDepth(process: string, proc: string): number {
  const status = readText(join(proc, process, 'status')) ?? '';
  return /^NSpid:(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/).length ?? 1;
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** systemd-networkd and NetworkManager in `/proc/PID/comm`. */
export const managerProcesses = { networkd: 'systemd-network', networkManager: 'NetworkManager' } as const;
