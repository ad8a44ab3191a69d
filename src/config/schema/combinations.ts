/** Values that are right by themselves and wrong together. */
import { isLoopback } from '../../core/model/address.ts';
import { matchAny } from '../../core/model/glob.ts';
import type { ConfigFile, ConfigValues } from '../config-values.ts';
import { type Override, placeName } from '../environment-overrides.ts';
import { type Problem, type Severity, showValue } from '../problem.ts';
import type { TreeNode } from '../yaml/tree.ts';
import { type Path, placeOf } from '../yaml/tree-lookup.ts';
import { valueAt } from './key-list.ts';

/** What one check reports, before it has a position. */
interface Clash {
  readonly path: Path;
  readonly expected: string;
  readonly severity?: Severity;
  /** Not worth a word where the value is only the default. */
  readonly ifWritten?: boolean;
}

type Check = (values: ConfigValues) => readonly Clash[];

const checks: readonly Check[] = [
  exposedApi,
  incompleteTls,
  sharedTables,
  unusedTables,
  scriptsWithoutExecute,
  metricsWithoutListener,
  neverUnprivileged,
];

/** Where the values come from. */
export interface Origin {
  readonly root: TreeNode;
  readonly file: string;
  readonly overrides: readonly Override[];
}

/** All clashes in `file`, each where the value that is named was written. */
export function checkCombinations(
  values: ConfigValues,
  file: ConfigFile,
  origin: Origin,
): readonly Problem[] {
  return checks
    .flatMap((check) => check(values))
    .flatMap((clash) => {
      const place = originOf(clash.path, origin);
      if (!place.isWritten && clash.ifWritten === true) return [];
      const found = showValue(valueAt(file, clash.path));
      const { expected, severity = 'error' } = clash;
      const { line, column, path } = place;
      const message = `found ${found}, expected ${expected}`;
      const code = 'NETEVD_CONFIG_COMBINATION';
      return [{ code, severity, file: place.file, line, column, path, found, expected, message }];
    });
}

interface Written {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly isWritten: boolean;
}

function originOf(path: Path, { root, file, overrides }: Origin): Written {
  const override = overrides.find(({ section, key }) => path[0] === section && path[1] === key);
  if (override !== undefined) {
    const key = `${override.section}.${override.key}`;
    return { file: placeName(override.variable), line: 0, column: 0, path: key, isWritten: true };
  }
  const place = placeOf(root, path);
  return { file, ...place.at, path: place.path, isWritten: place.value !== undefined };
}

function exposedApi({ api }: ConfigValues): readonly Clash[] {
  if (!api.enabled || isLoopback(api.bindAddress) || api.tokenFile !== undefined) return [];
  const expected = 'a loopback address, as long as api.token_file is not set';
  return [{ path: ['api', 'bind_address'], expected }];
}

function incompleteTls({ api }: ConfigValues): readonly Clash[] {
  const { enabled, certFile, keyFile } = api.tls;
  const missing = [
    certFile === undefined ? 'api.tls.cert_file' : '',
    keyFile === undefined ? 'api.tls.key_file' : '',
  ];
  const names = missing.filter(Boolean).join(' and ');
  if (!enabled || names === '') return [];
  return [{ path: ['api', 'tls', 'enabled'], expected: `${names} beside it` }];
}

function sharedTables({ routing }: ConfigValues): readonly Clash[] {
  const owners = new Map<number, string>();
  const clashes: Clash[] = [];
  for (const [link, id] of Object.entries(routing.tables)) {
    const owner = owners.get(id);
    if (owner === undefined) owners.set(id, link);
    else clashes.push({ path: ['routing', 'tables', link], expected: `a table that ${owner} does not have` });
  }
  return clashes;
}

function unusedTables({ routing }: ConfigValues): readonly Clash[] {
  const isWanted = matchAny(routing.policyRules);
  return Object.keys(routing.tables)
    .filter((link) => !isWanted(link))
    .map((link) => ({
      path: ['routing', 'tables', link],
      expected: 'a link that routing.policy_rules names; this table is never used',
      severity: 'warning' as const,
    }));
}

function scriptsWithoutExecute({ filters }: ConfigValues): readonly Clash[] {
  return filters.flatMap(({ action, scripts }, index) => {
    if (action === 'execute' || scripts === undefined) return [];
    return [
      { path: ['filters', index, 'scripts'], expected: `none with action ${action}, which runs nothing` },
    ];
  });
}

function metricsWithoutListener({ api, metrics }: ConfigValues): readonly Clash[] {
  if (api.enabled || !metrics.enabled || metrics.port !== 0) return [];
  const expected = 'false, or metrics.port set: with api.enabled false nothing serves them';
  return [{ path: ['metrics', 'enabled'], expected, severity: 'warning', ifWritten: true }];
}

function neverUnprivileged({ system }: ConfigValues): readonly Clash[] {
  if (system.user !== 'root') return [];
  const expected = 'a user without privileges: hooks then run as root';
  return [{ path: ['system', 'user'], expected, severity: 'warning' }];
}
