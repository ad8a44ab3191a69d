/**
 * The first schema of netevd (`system.generator`, `network.*`), in the spelling of its documents and in the
 * one that its code accepted. Its keys are moved to the present ones before validation, so that there is one
 * schema and one set of messages.
 */
import { nearest } from '../../core/model/nearest.ts';
import { type ConfigProblem, oneLine, showValue } from '../problem.ts';
import { splitNames } from '../schema/values.ts';
import type { MapEntry, MapNode, TreeNode } from '../yaml/tree.ts';
import { toPlain } from '../yaml/tree-lookup.ts';

/** A key of the first schema and its present path. */
interface Move {
  readonly from: string;
  readonly to: readonly string[];
}

/** The documented spelling first, then the one that the code accepted, then that of the Go program. */
const moves: Readonly<Record<'system' | 'network', readonly Move[]>> = {
  system: [
    ...spellings(['system', 'backend'], 'generator', 'Generator', 'Backend'),
    ...spellings(['system', 'log_level'], 'LogLevel'),
  ],
  network: [
    ...spellings(['monitoring', 'interfaces'], 'links', 'Links'),
    ...spellings(['routing', 'policy_rules'], 'routing_policy_rules', 'RoutingPolicyRules'),
    ...spellings(['backends', 'systemd_networkd', 'emit_json'], 'emit_json', 'EmitJson', 'EmitJSON'),
    ...spellings(['backends', 'dhclient', 'use_dns'], 'use_dns', 'UseDns', 'UseDNS'),
    ...spellings(['backends', 'dhclient', 'use_domain'], 'use_domain', 'UseDomain'),
    ...spellings(['backends', 'dhclient', 'use_hostname'], 'use_hostname', 'UseHostname'),
  ],
};

function spellings(to: readonly string[], ...names: readonly string[]): readonly Move[] {
  return names.map((from) => ({ from, to }));
}

/** Section, key and present path of every key of the first schema, for the JSON Schema. */
export const legacyKeys: readonly {
  readonly section: string;
  readonly key: string;
  readonly to: readonly string[];
}[] = Object.entries(moves).flatMap(([section, list]) =>
  list.map(({ from, to }) => ({ section, key: from, to })),
);

export interface Modernized {
  /** The same values under the present keys; each keeps its position and its spelling. */
  readonly root: TreeNode;
  readonly problems: readonly ConfigProblem[];
  /** One deprecation warning, if any key was moved. */
  readonly warnings: readonly ConfigProblem[];
}

/** Moves the keys of the first schema. A tree without any is returned as it is. */
export function modernize(root: TreeNode, file: string): Modernized {
  if (root.kind !== 'map') return { root, problems: [], warnings: [] };
  const problems: ConfigProblem[] = [];
  const moved: { entry: MapEntry; to: readonly string[] }[] = [];
  const entries = root.entries.flatMap((section) => {
    if (section.key !== 'system' && section.key !== 'network') return [section];
    if (section.value.kind !== 'map') {
      if (section.key === 'system') return [section];
      problems.push(...notMap(section, file));
      return [];
    }
    const { kept, taken } = split(section.value, moves[section.key]);
    moved.push(...taken);
    if (section.key === 'system') return [{ ...section, value: { ...section.value, entries: kept } }];
    problems.push(...kept.map((entry) => unknownKey(entry, file)));
    return [];
  });
  let modern: MapNode = { ...root, entries };
  const single = moved.filter(({ entry, to }) => {
    const occupant = find(modern, to);
    if (occupant === undefined) modern = insert(modern, to, entry);
    else problems.push(twice(entry, occupant, to, file));
    return occupant === undefined;
  });
  const first = single[0];
  return {
    root: modern,
    problems,
    warnings: first === undefined ? [] : [deprecation(single, first.entry, file)],
  };
}

function split(
  section: MapNode,
  known: readonly Move[],
): { kept: readonly MapEntry[]; taken: readonly { entry: MapEntry; to: readonly string[] }[] } {
  const kept: MapEntry[] = [];
  const taken: { entry: MapEntry; to: readonly string[] }[] = [];
  for (const entry of section.entries) {
    const move = known.find(({ from }) => from === entry.key);
    if (move === undefined) kept.push(entry);
    else taken.push({ entry, to: move.to });
  }
  return { kept, taken };
}

function find(node: TreeNode, path: readonly string[]): MapEntry | undefined {
  const [key, ...rest] = path;
  if (node.kind !== 'map') return undefined;
  const entry = node.entries.find((candidate) => candidate.key === key);
  return entry === undefined || rest.length === 0 ? entry : find(entry.value, rest);
}

/**
 * Adds an entry at a path. An empty section gets a body; one that is not a map stays, for the schema to
 * refuse.
 */
function insert(node: MapNode, path: readonly string[], entry: MapEntry): MapNode {
  const [key = '', ...rest] = path;
  if (rest.length === 0) return { ...node, entries: [...node.entries, { ...entry, key }] };
  const existing = node.entries.find((candidate) => candidate.key === key);
  const empty: MapNode = { kind: 'map', path: entry.path, at: entry.at, entries: [] };
  const section: MapEntry = existing ?? { key, path: entry.path, at: entry.at, value: empty };
  const isEmpty = section.value.kind === 'scalar' && section.value.value === null;
  const body = section.value.kind === 'map' ? section.value : isEmpty ? empty : undefined;
  if (body === undefined) return node;
  const updated = { ...section, value: insert(body, rest, entry) };
  return { ...node, entries: [...node.entries.filter((candidate) => candidate !== existing), updated] };
}

function notMap(section: MapEntry, file: string): readonly ConfigProblem[] {
  const { value, path } = section;
  if (value.kind === 'scalar' && value.value === null) return [];
  const found = showValue(toPlain(value));
  const expected = 'a map of keys';
  const message = `found ${found}, expected ${expected}`;
  return [
    { code: 'NETEVD_CONFIG_TYPE', severity: 'error', file, ...value.at, path, found, expected, message },
  ];
}

function unknownKey({ key, path, at }: MapEntry, file: string): ConfigProblem {
  const documented = moves.network.map(({ from }) => from).filter((from) => from === from.toLowerCase());
  const expected = `one of ${documented.join(', ')}`;
  const message = `unknown key, expected ${expected}`;
  const code = 'NETEVD_CONFIG_UNKNOWN_KEY';
  const problem = { code, severity: 'error', file, ...at, path, found: key, expected, message } as const;
  const suggestion = nearest(key, documented);
  return suggestion === undefined ? problem : { ...problem, suggestion };
}

function twice(
  { path, at }: MapEntry,
  occupant: MapEntry,
  to: readonly string[],
  file: string,
): ConfigProblem {
  const found = `the old spelling of ${to.join('.')}`;
  const expected = `one of the two (${occupant.path} is on line ${occupant.at.line})`;
  const message = `found ${found}, expected ${expected}`;
  return {
    code: 'NETEVD_CONFIG_DUPLICATE_KEY',
    severity: 'error',
    file,
    ...at,
    path,
    found,
    expected,
    message,
  };
}

function deprecation(
  moved: readonly { entry: MapEntry; to: readonly string[] }[],
  first: MapEntry,
  file: string,
): ConfigProblem {
  const found = moved.map(({ entry }) => entry.path).join(', ');
  const expected = moved.map(({ entry, to }) => `${to.join('.')}: ${show(entry.value, to)}`).join('; ');
  const message = `deprecated spelling; write ${oneLine(expected)}`;
  const code = 'NETEVD_CONFIG_DEPRECATED';
  return { code, severity: 'warning', file, ...first.at, path: found, found, expected, message };
}

/** Without quotes if that reads back as the same text. */
const asYaml = (value: unknown): string =>
  typeof value === 'string' && /^[A-Za-z][\w.-]*$/.test(value) ? value : JSON.stringify(value);

/** The value as the present schema has it: lists instead of space-separated strings. */
function show(node: TreeNode, to: readonly string[]): string {
  const value = toPlain(node);
  const isNames = to[0] === 'monitoring' || to[0] === 'routing';
  const modern = isNames && typeof value === 'string' ? splitNames(value) : value;
  return Array.isArray(modern) ? `[${modern.map(asYaml).join(', ')}]` : asYaml(modern);
}
