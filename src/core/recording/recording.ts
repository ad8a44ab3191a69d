/**
 * A recording: what the sources observed, with times, as JSON lines. The first line is the header; each
 * further line has the facts that arrived together. `netevd record` writes it, `netevd replay` reads it, and
 * a bug report is such a file.
 */
import type { Fact } from '../model/fact.ts';
import { type Source, sources } from '../model/vocabulary.ts';

/** Counted up when older readers would misread a recording. */
export const recordingVersion = 1;

export interface RecordingHeader {
  /** Wall clock at the start, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly backend: Source | 'auto';
  /** Addresses, names and DHCP values are stand-ins. */
  readonly isRedacted: boolean;
}

/** Facts that arrived together. */
export interface RecordedFacts {
  /** Milliseconds since the start. */
  readonly after: number;
  readonly facts: readonly Fact[];
}

export interface Recording {
  readonly header: RecordingHeader;
  readonly steps: readonly RecordedFacts[];
}

export type RecordingProblem =
  | { readonly code: 'NETEVD_RECORDING_FORMAT'; readonly line: number; readonly problem: string }
  | { readonly code: 'NETEVD_RECORDING_VERSION'; readonly line: 1; readonly problem: string };

export type ParsedRecording =
  | { readonly ok: true; readonly recording: Recording }
  | { readonly ok: false; readonly problem: RecordingProblem };

/** Returns the first line, without its end. */
export const encodeHeader = ({ startedAt, backend, isRedacted }: RecordingHeader): string =>
  JSON.stringify({
    format: 'netevd.recording',
    version: recordingVersion,
    started: new Date(startedAt).toISOString(),
    backend,
    redacted: isRedacted,
  });

/** Returns one line, without its end. Statistics of links are left out: no decision depends on them. */
export const encodeFacts = ({ after, facts }: RecordedFacts): string => JSON.stringify({ after, facts }, tag);

/** Parses a whole file. The last line may be cut off: a recorder that is killed leaves such a line. */
export function parseRecording(text: string): ParsedRecording {
  const lines = text.split('\n');
  const header = parseHeader(lines[0] ?? '');
  if (!header.ok) return header;
  const steps: RecordedFacts[] = [];
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line === '') continue;
    const step = parseStep(line, i + 1);
    const isCutOff = !step.ok && i === lines.length - 1;
    if (isCutOff) break;
    if (!step.ok) return step;
    steps.push(step.step);
  }
  return { ok: true, recording: { header: header.header, steps } };
}

type Failure = { readonly ok: false; readonly problem: RecordingProblem };

const malformed = (line: number, problem: string): Failure => ({
  ok: false,
  problem: { code: 'NETEVD_RECORDING_FORMAT', line, problem },
});

function parseHeader(text: string): { readonly ok: true; readonly header: RecordingHeader } | Failure {
  const value = parseJson(text);
  if (!isObject(value) || value['format'] !== 'netevd.recording') {
    return malformed(1, 'not a recording of netevd');
  }
  const { version, started, backend, redacted } = value;
  if (version !== recordingVersion) {
    const problem = `version ${JSON.stringify(version)}, this netevd reads version ${recordingVersion}`;
    return { ok: false, problem: { code: 'NETEVD_RECORDING_VERSION', line: 1, problem } };
  }
  const startedAt = typeof started === 'string' ? Date.parse(started) : Number.NaN;
  if (Number.isNaN(startedAt)) return malformed(1, 'no time of the start');
  const known = [...sources, 'auto' as const].find((one) => one === backend);
  if (known === undefined) return malformed(1, `unknown backend ${JSON.stringify(backend)}`);
  return { ok: true, header: { startedAt, backend: known, isRedacted: redacted === true } };
}

function parseStep(
  text: string,
  line: number,
): { readonly ok: true; readonly step: RecordedFacts } | Failure {
  const value = parseJson(text);
  if (!isObject(value)) return malformed(line, 'not a JSON object');
  const { after, facts } = value;
  if (typeof after !== 'number' || !(after >= 0)) return malformed(line, 'no time');
  if (!Array.isArray(facts)) return malformed(line, 'no facts');
  for (const fact of facts as readonly unknown[]) {
    const problem = factProblem(fact);
    if (problem !== undefined) return malformed(line, problem);
  }
  return { ok: true, step: { after, facts: facts as readonly Fact[] } };
}

/** What each kind of fact must have. A fact without it was not written by netevd. */
const requiredKeys: Readonly<Record<Fact['kind'], readonly string[]>> = {
  kernelRead: ['snapshot'],
  linkObserved: ['link'],
  linkVanished: ['index'],
  addressObserved: ['address'],
  addressVanished: ['address'],
  routeObserved: ['route', 'how'],
  routeDisplaced: ['route'],
  routeVanished: ['route'],
  routesRead: ['family', 'routes'],
  routesInvalidated: ['family', 'cause'],
  nextHopObserved: ['nextHop'],
  nextHopVanished: ['id'],
  ruleObserved: ['rule'],
  ruleVanished: ['rule'],
  networkdAppeared: [],
  networkdVanished: [],
  networkdRead: ['host', 'links'],
  networkdLinkObserved: ['index', 'link'],
  networkdHostObserved: ['host'],
  networkManagerAppeared: [],
  networkManagerVanished: [],
  networkManagerRead: ['host', 'devices'],
  networkManagerDeviceObserved: ['index', 'device'],
  networkManagerDeviceVanished: ['index'],
  networkManagerHostObserved: ['host'],
  leasesRead: ['active'],
  sourceLostSync: ['source', 'cause'],
  backendChosen: ['backend'],
  hookDirectoriesRead: ['directories'],
};

function factProblem(fact: unknown): string | undefined {
  if (!isObject(fact) || typeof fact['kind'] !== 'string') return 'a fact without a kind';
  const { kind } = fact;
  const required = Object.entries(requiredKeys).find(([name]) => name === kind)?.[1];
  if (required === undefined) return `unknown fact ${JSON.stringify(kind)}`;
  const missing = required.find((key) => !(key in fact));
  return missing === undefined ? undefined : `${kind} without ${missing}`;
}

/** JSON has no maps, sets and big numbers. */
function tag(key: string, value: unknown): unknown {
  if (key === 'statistics') return undefined;
  if (value instanceof Map) return { $map: [...value] };
  if (value instanceof Set) return { $set: [...value] };
  return typeof value === 'bigint' ? { $bigint: String(value) } : value;
}

function untag(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  const { $map: map, $set: set, $bigint: big } = value;
  if (Array.isArray(map)) return new Map(map as readonly [unknown, unknown][]);
  if (Array.isArray(set)) return new Set(set as readonly unknown[]);
  return typeof big === 'string' && /^\d{1,40}$/.test(big) ? BigInt(big) : value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, untag);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
