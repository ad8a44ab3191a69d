/** Finds values that are valid by themselves and contradict each other. */
import { isLoopback } from '../../core/model/address.ts';
import { matchAny } from '../../core/model/glob.ts';
import type { ConfigFile, ConfigValues } from '../config-values.ts';
import { type Override, placeName } from '../environment-overrides.ts';
import { type ConfigProblem, type Severity, showValue } from '../problem.ts';
import type { TreeNode } from '../yaml/tree.ts';
import { locationOf, type Path } from '../yaml/tree-lookup.ts';
import { valueAt } from './key-list.ts';

/** What one check reports, without a position. */
interface Contradiction {
  readonly path: Path;
  readonly expected: string;
  readonly severity?: Severity;
  /** Not reported if the value is the default. */
  readonly ifWritten?: boolean;
}

type Check = (values: ConfigValues) => readonly Contradiction[];

const checks: readonly Check[] = [
  exposedApi,
  incompleteTls,
  sharedTables,
  unusedTables,
  scriptsWithoutExecute,
  metricsWithoutListener,
  neverUnprivileged,
  reuseAboveSuppress,
];

/** The source of the values. */
export interface Origin {
  readonly root: TreeNode;
  readonly file: string;
  readonly overrides: readonly Override[];
}

/** All contradictions, each at the location where the value that it names was written. */
export function checkCombinations(
  values: ConfigValues,
  file: ConfigFile,
  origin: Origin,
): readonly ConfigProblem[] {
  return checks
    .flatMap((check) => check(values))
    .flatMap((contradiction) => {
      const location = originOf(contradiction.path, origin);
      if (!location.isWritten && contradiction.ifWritten === true) return [];
      const found = showValue(valueAt(file, contradiction.path));
      const { expected, severity = 'error' } = contradiction;
      const { line, column, path } = location;
      const message = `found ${found}, expected ${expected}`;
      const code = 'NETEVD_CONFIG_COMBINATION';
      return [{ code, severity, file: location.file, line, column, path, found, expected, message }];
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
  const location = locationOf(root, path);
  return { file, ...location.at, path: location.path, isWritten: location.value !== undefined };
}

function reuseAboveSuppress({ damping }: ConfigValues): readonly Contradiction[] {
  if (damping.reuse < damping.suppress) return [];
  return [{ path: ['damping', 'reuse'], expected: `less than damping.suppress (${damping.suppress})` }];
}

function exposedApi({ api }: ConfigValues): readonly Contradiction[] {
  if (!api.enabled || isLoopback(api.bindAddress) || api.tokenFile !== undefined) return [];
  const expected = 'a loopback address, as long as api.token_file is not set';
  return [{ path: ['api', 'bind_address'], expected }];
}

function incompleteTls({ api }: ConfigValues): readonly Contradiction[] {
  const { enabled, certFile, keyFile } = api.tls;
  const missing = [
    certFile === undefined ? 'api.tls.cert_file' : '',
    keyFile === undefined ? 'api.tls.key_file' : '',
  ];
  const names = missing.filter(Boolean).join(' and ');
  if (!enabled || names === '') return [];
  return [{ path: ['api', 'tls', 'enabled'], expected: `${names} beside it` }];
}

function sharedTables({ routing }: ConfigValues): readonly Contradiction[] {
  const owners = new Map<number, string>();
  const contradictions: Contradiction[] = [];
  for (const [link, id] of Object.entries(routing.tables)) {
    const owner = owners.get(id);
    if (owner === undefined) owners.set(id, link);
    else
      contradictions.push({
        path: ['routing', 'tables', link],
        expected: `a table that ${owner} does not have`,
      });
  }
  return contradictions;
}

function unusedTables({ routing }: ConfigValues): readonly Contradiction[] {
  const isWanted = matchAny(routing.policyRules);
  return Object.keys(routing.tables)
    .filter((link) => !isWanted(link))
    .map((link) => ({
      path: ['routing', 'tables', link],
      expected: 'a link that routing.policy_rules names; this table is never used',
      severity: 'warning' as const,
    }));
}

function scriptsWithoutExecute({ filters }: ConfigValues): readonly Contradiction[] {
  return filters.flatMap(({ action, scripts }, index) => {
    if (action === 'execute' || scripts === undefined) return [];
    return [
      { path: ['filters', index, 'scripts'], expected: `none with action ${action}, which runs nothing` },
    ];
  });
}

function metricsWithoutListener({ api, metrics }: ConfigValues): readonly Contradiction[] {
  if (api.enabled || !metrics.enabled || metrics.port !== 0) return [];
  const expected = 'false, or metrics.port set: with api.enabled false nothing serves them';
  return [{ path: ['metrics', 'enabled'], expected, severity: 'warning', ifWritten: true }];
}

function neverUnprivileged({ system }: ConfigValues): readonly Contradiction[] {
  if (system.user !== 'root') return [];
  const expected = 'a user without privileges: hooks then run as root';
  return [{ path: ['system', 'user'], expected, severity: 'warning' }];
}
