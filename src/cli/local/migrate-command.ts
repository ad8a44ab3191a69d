/** `netevd migrate`: takes over from another program. Says what it would do; with `--apply` it does it. */
import { resolve } from 'node:path';
import { parseConfig, readConfig, salvageConfig } from '../../config/index.ts';
import { nearest } from '../../core/model/nearest.ts';
import { ExitCode } from '../../exit-code.ts';
import { type MigrationTarget, type SourceInput, textOf } from '../../migrate/input.ts';
import { sourcePlaces } from '../../migrate/places.ts';
import { type MigrationProblem, type SourceName, type SourcePlan, sourceNames } from '../../migrate/plan.ts';
import { isThere, planSource } from '../../migrate/plan-source.ts';
import { reconcile, withoutCollisions } from '../../migrate/reconcile.ts';
import { shellQuote } from '../../migrate/wrapper.ts';
import { migrationTable, migrationText, migrationValue } from '../render/migration.ts';
import { type CommandIo, type OutputFormat, present } from '../render/output.ts';
import { applyWrites, checkPlace, type FileOutcome } from './migrate-apply.ts';
import {
  kindOfPath,
  lookAt,
  readConfiguration,
  readInput,
  readPackages,
  readSource,
} from './migrate-files.ts';
import { type StaleRoutingReader, staleRouting } from './migrate-routing.ts';
import type { MigrationReport, SourceReport } from './migration-report.ts';

/** The command line, parsed. */
export interface MigrateOptions {
  /** As typed; empty: those that are there. */
  readonly sources: readonly string[];
  /** In place of the usual place of the one source that is named. */
  readonly from?: string;
  readonly apply: boolean;
  readonly removeStaleRouting: boolean;
  readonly config: string;
  readonly format: OutputFormat;
}

/** What the command works on. */
export interface MigrateWorld {
  /** What stands for `/`; '' on a real machine. */
  readonly root: string;
  readonly routing: StaleRoutingReader;
}

/** 0; 1 where a part cannot be done, or could not be; 2 for a source that there is not. */
export async function runMigrateCommand(
  options: MigrateOptions,
  io: CommandIo,
  world: MigrateWorld,
): Promise<ExitCode> {
  const chosen = chooseSources(options, world);
  if (!chosen.ok) {
    io.stderr.write(`netevd migrate: ${chosen.message}\n`);
    return ExitCode.usage;
  }
  const inputs = readInputs(chosen.names, options, world);
  const missing = chosen.names.length > 0 ? inputs.filter((input) => !hasFiles(input)) : [];
  const found = inputs.filter((input) => !missing.includes(input));
  const into = targetOf(options, world, io);
  const plans = withoutCollisions(found.map((input) => planSource(input, into)));
  const sources = oneConfiguration(plans).map((plan) => carryOut(plan, options.apply));
  const routing = await staleRouting(chosen.names, options, world.routing);
  const report: MigrationReport = {
    isApplied: options.apply,
    hookDirectory: into.hookDirectory,
    sources,
    routing: routing.lines,
    problems: unique([
      ...missing.map(absent),
      ...twoConfigurations(plans),
      ...sources.flatMap((source) => source.problems),
      ...sources.flatMap(({ files }) => files.flatMap(({ problem }) => problem ?? [])),
      ...routing.problems,
    ]),
  };
  present(io, options.format, {
    value: migrationValue(report),
    text: (paint) => migrationText(report, options, paint),
    table: (paint) => migrationTable(report, paint),
  });
  return report.problems.length === 0 ? ExitCode.ok : ExitCode.failed;
}

/** Several files have the same problem where it is one of their directory. */
const unique = (problems: readonly MigrationProblem[]): readonly MigrationProblem[] => [
  ...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values(),
];

type Chosen =
  | { readonly ok: true; readonly names: readonly SourceName[] }
  | { readonly ok: false; readonly message: string };

function chooseSources({ sources, from }: MigrateOptions, world: MigrateWorld): Chosen {
  const names: SourceName[] = [];
  for (const text of sources) {
    const name = sourceNames.find((known) => known.toLowerCase() === text.toLowerCase());
    if (name === undefined) return { ok: false, message: unknownSource(text) };
    if (!names.includes(name)) names.push(name);
  }
  if (from === undefined) return { ok: true, names };
  const [only] = names;
  if (only === undefined || names.length > 1)
    return { ok: false, message: '--from needs exactly one source before it' };
  const isFile = kindOfPath(world.root + resolve(from)) === 'file';
  if (isFile && sourcePlaces[only].configurations.length === 0) {
    return { ok: false, message: `--from ${from}: ${only} has scripts alone; name their directory` };
  }
  return { ok: true, names };
}

function unknownSource(text: string): string {
  const near = nearest(text, sourceNames);
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  return `there is no source '${text}'${hint} (${sourceNames.join(', ')})`;
}

function readInputs(
  names: readonly SourceName[],
  { from }: MigrateOptions,
  { root }: MigrateWorld,
): readonly SourceInput[] {
  const bases = sourceNames.map((name) => sourcePlaces[name].base);
  const packageOf = readPackages(root, bases);
  const [only] = names;
  if (from !== undefined && only !== undefined) {
    const path = root + resolve(from);
    return [kindOfPath(path) === 'file' ? readConfiguration(only, path) : readSource(only, path, packageOf)];
  }
  const wanted = names.length === 0 ? sourceNames : names;
  const inputs = wanted.map((name) => readSource(name, root + sourcePlaces[name].base, packageOf));
  return names.length === 0 ? inputs.filter(isThere) : inputs;
}

const hasFiles = ({ configurations, directories }: SourceInput): boolean =>
  configurations.length > 0 || directories.some(({ entries }) => entries.length > 0);

const absent = ({ base, source }: SourceInput): MigrationProblem => ({
  code: 'NETEVD_MIGRATE_INPUT',
  file: base,
  line: 0,
  text: `nothing of ${source} is there`,
  remedy: 'name the place: netevd migrate SOURCE --from DIRECTORY',
});

/** Where hooks are looked for by the configuration that is in force, or will be. */
function targetOf({ config }: MigrateOptions, { root }: MigrateWorld, io: CommandIo): MigrationTarget {
  const configFile = root + resolve(config);
  return { configFile, hookDirectory: root + hookDirectoryOf(configFile, io) };
}

function hookDirectoryOf(file: string, io: CommandIo): string {
  const parsed = readConfig({ file, env: io.env });
  if (parsed.ok) return parsed.config.hooks.directory;
  const input = readInput(file, () => undefined);
  const salvaged = salvageConfig(textOf(input.content) ?? '', file);
  const kept = parseConfig(salvaged.ok ? salvaged.yaml : '', { file, env: {} });
  return kept.ok ? kept.config.hooks.directory : '/etc/netevd';
}

/** netevd has one configuration file: the first counts, and the others are a problem each. */
function oneConfiguration(plans: readonly SourcePlan[]): readonly SourcePlan[] {
  const first = plans.find(({ configuration }) => configuration !== undefined);
  return plans.map((plan) => {
    const { configuration: _, ...rest } = plan;
    return plan === first ? plan : rest;
  });
}

function twoConfigurations(plans: readonly SourcePlan[]): readonly MigrationProblem[] {
  const [first, ...others] = plans.flatMap(({ configuration }) => configuration ?? []);
  return others.map(({ from = '', path }) => ({
    code: 'NETEVD_MIGRATE_TARGET',
    file: from,
    line: 0,
    text: `${first?.from ?? ''} would become ${path} too`,
    remedy: 'name the source whose configuration counts',
  }));
}

function carryOut(plan: SourcePlan, apply: boolean): SourceReport {
  const { configuration, ...rest } = plan;
  const groups = [
    ...plan.scripts.map(({ files }) => files),
    ...(configuration === undefined ? [] : [[configuration]]),
  ];
  const files = groups.flatMap((group): readonly FileOutcome[] => {
    const writes = group.map((file) => checkPlace(reconcile(file, lookAt)));
    return apply ? applyWrites(writes) : writes;
  });
  return { ...rest, files, next: [...besideTheOther(files), ...plan.next] };
}

/** A configuration that was written beside another one does nothing until it is put in its place. */
function besideTheOther(files: readonly FileOutcome[]): readonly string[] {
  return files
    .filter(({ file, path, problem }) => path !== file.path && problem === undefined)
    .map(({ file, path }) => `mv ${shellQuote(path)} ${shellQuote(file.path)}`);
}
