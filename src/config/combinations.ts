/** Values that are right by themselves and wrong together. */
import { isLoopback, parseIp } from '../core/address.ts';
import { matchAny } from '../core/glob.ts';
import type { ConfigFile } from './config-file.ts';
import { type Problem, type Severity, showValue } from './problem.ts';
import { type Path, placeOf } from './tree-lookup.ts';
import type { TreeNode } from './yaml-tree.ts';

/** What one check reports, before it has a position. */
interface Clash {
  readonly path: Path;
  readonly expected: string;
  readonly severity?: Severity;
}

type Check = (file: ConfigFile) => readonly Clash[];

const checks: readonly Check[] = [
  exposedApi,
  incompleteTls,
  sharedTables,
  unusedTables,
  scriptsWithoutExecute,
  metricsWithoutListener,
  neverUnprivileged,
];

/** All clashes in `file`; positions are looked up in `root`, values come from `file`. */
export function checkCombinations(file: ConfigFile, root: TreeNode, name: string): readonly Problem[] {
  return checks
    .flatMap((check) => check(file))
    .map(({ path, expected, severity = 'error' }) => {
      const place = placeOf(root, path);
      const found = showValue(valueAt(file, path));
      const message = `found ${found}, expected ${expected}`;
      const { line, column } = place.at;
      const code = 'NETEVD_CONFIG_COMBINATION';
      return { code, severity, file: name, line, column, path: place.path, found, expected, message };
    });
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((above, key) => {
    return typeof above === 'object' && above !== null ? Reflect.get(above, key) : undefined;
  }, value);
}

function exposedApi({ api }: ConfigFile): readonly Clash[] {
  const address = parseIp(api.bind_address);
  if (!api.enabled || address === undefined || isLoopback(address) || api.token_file !== undefined) return [];
  const expected = 'a loopback address, as long as api.token_file is not set';
  return [{ path: ['api', 'bind_address'], expected }];
}

function incompleteTls({ api }: ConfigFile): readonly Clash[] {
  const files = (['cert_file', 'key_file'] as const).filter((key) => api.tls[key] === undefined);
  if (!api.tls.enabled || files.length === 0) return [];
  const names = files.map((key) => `api.tls.${key}`).join(' and ');
  return [{ path: ['api', 'tls', 'enabled'], expected: `false, as long as ${names} is not set` }];
}

function sharedTables({ routing }: ConfigFile): readonly Clash[] {
  const owners = new Map<number, string>();
  const clashes: Clash[] = [];
  for (const [link, id] of Object.entries(routing.tables)) {
    const owner = owners.get(id);
    if (owner === undefined) owners.set(id, link);
    else clashes.push({ path: ['routing', 'tables', link], expected: `a table that ${owner} does not have` });
  }
  return clashes;
}

function unusedTables({ routing }: ConfigFile): readonly Clash[] {
  const isWanted = matchAny(routing.policy_rules);
  return Object.keys(routing.tables)
    .filter((link) => !isWanted(link))
    .map((link) => ({
      path: ['routing', 'tables', link],
      expected: 'a link that routing.policy_rules names; this table is never used',
      severity: 'warning' as const,
    }));
}

function scriptsWithoutExecute({ filters }: ConfigFile): readonly Clash[] {
  return filters.flatMap(({ action, scripts }, index) => {
    if (action === 'execute' || scripts === undefined) return [];
    return [
      { path: ['filters', index, 'scripts'], expected: `none with action ${action}, which runs nothing` },
    ];
  });
}

function metricsWithoutListener({ api, metrics }: ConfigFile): readonly Clash[] {
  if (api.enabled || !metrics.enabled || metrics.port !== 0) return [];
  const expected = 'false, or metrics.port set: with api.enabled false nothing serves them';
  return [{ path: ['metrics', 'enabled'], expected, severity: 'warning' }];
}

function neverUnprivileged({ system }: ConfigFile): readonly Clash[] {
  if (system.user !== 'root') return [];
  const expected = 'a user without privileges: hooks then run as root';
  return [{ path: ['system', 'user'], expected, severity: 'warning' }];
}
