/** Plans the migration from network-broker and netevd for Rust, whose configuration and scripts are similar to netevd's. */
import { type ConfigProblem, parseConfig, salvageConfig } from '../config/index.ts';
import { type BrokerConfig, parseBrokerConfig } from './broker-config.ts';
import { netevdRust, rustOnlyDirectories } from './contracts/netevd-rust.ts';
import { networkBroker } from './contracts/network-broker.ts';
import {
  bytesOf,
  type InputDirectory,
  type InputFile,
  type MigrationTarget,
  type SourceInput,
  textOf,
} from './input.ts';
import type {
  MigrationFinding,
  MigrationProblem,
  PlannedFile,
  ScriptPlan,
  SourcePlan,
  UnknownKey,
} from './plan.ts';
import { targetsOf, unknownDirectory } from './plan-dispatchers.ts';
import { planScript, reviewHook } from './plan-script.ts';

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** TOML (or YAML) and `<state>.d`. */
export function planNetworkBroker(input: SourceInput, into: MigrationTarget): SourcePlan {
  const [file] = input.configurations;
  const read = file === undefined ? undefined : readText(file);
  const parsed = read?.ok === true ? parseBrokerConfig(read.text, read.file) : read;
  const config: BrokerConfig | undefined = parsed?.ok === true && 'yaml' in parsed ? parsed : undefined;
  const generator = config?.generator ?? 'systemd-networkd';
  const scripts = input.directories.flatMap(({ path, entries }) =>
    entries.map((entry) =>
      planScript(entry, {
        program: input.source,
        contract: networkBroker[generator],
        into,
        shelf: `migrated/${input.source}/${baseName(path)}`,
        targets: targetsOf(baseName(path)),
        givesArguments: false,
      }),
    ),
  );
  return {
    source: input.source,
    places: [input.base],
    ...(config === undefined || file === undefined
      ? {}
      : { configuration: configuration(config.yaml, file, into) }),
    scripts,
    unknownKeys: config?.unknownKeys ?? [],
    findings: [...(config?.findings ?? []), ...input.directories.flatMap(unknownDirectory)],
    problems: parsed?.ok === false ? [parsed.problem] : [],
    next: ['systemctl disable --now network-broker', 'systemctl enable --now netevd'],
  };
}

/** Accepts both YAML schemas, with the keys of the first release. Scripts in netevd's directories stay there. */
export function planNetevdRust(input: SourceInput, into: MigrationTarget): SourcePlan {
  const [file] = input.configurations;
  const read = file === undefined ? undefined : readText(file);
  const salvaged = read?.ok === true ? salvageConfig(read.text, read.file) : undefined;
  const problems = [
    ...(read?.ok === false ? [read.problem] : []),
    ...(salvaged?.ok === false ? salvaged.problems.map(inputProblem) : []),
  ];
  const kept = salvaged?.ok === true ? salvaged : undefined;
  const dropped = kept?.dropped ?? [];
  return {
    source: input.source,
    places: [input.base],
    ...(kept === undefined || file === undefined
      ? {}
      : { configuration: configuration(kept.yaml, file, into) }),
    scripts: input.directories.flatMap((directory) => rustScripts(directory, input, into)),
    unknownKeys: dropped.filter(isUnknownKey).map(unknownKey),
    findings: [
      ...dropped.filter((problem) => !isUnknownKey(problem)).map(valueFinding),
      ...wholeLists(dropped),
      ...(kept === undefined || file === undefined ? [] : rustBehaviour(kept.yaml, file.path)),
      ...input.directories.flatMap(rustStranger),
    ],
    problems,
    next: ['systemctl restart netevd'],
  };
}

function rustScripts(
  { path, entries }: InputDirectory,
  input: SourceInput,
  into: MigrationTarget,
): readonly ScriptPlan[] {
  if (input.base === into.hookDirectory) {
    return entries.filter(({ kind }) => kind === 'file').map((entry) => reviewHook(entry, netevdRust));
  }
  return entries.map((entry) =>
    planScript(entry, {
      program: 'netevd for Rust',
      contract: netevdRust,
      into,
      shelf: `migrated/${input.source}/${baseName(path)}`,
      targets: targetsOf(baseName(path)),
      givesArguments: false,
    }),
  );
}

function rustStranger(directory: InputDirectory): readonly MigrationFinding[] {
  const name = baseName(directory.path);
  if (!rustOnlyDirectories.includes(name)) return unknownDirectory(directory);
  if (directory.entries.length === 0) return [];
  const text = `netevd has no event ${name}: it does not watch dropped packets`;
  return [{ kind: 'event', file: directory.path, line: 0, text }];
}

/** Settings that the Rust program ignored and netevd follows. */
function rustBehaviour(yaml: string, file: string): readonly MigrationFinding[] {
  const parsed = parseConfig(yaml, { file, env: {} });
  if (!parsed.ok) return [];
  const { monitoring, routing, filters } = parsed.config;
  const notes = [
    monitoring.interfaces.length > 0 &&
      'monitoring.interfaces: the Rust program monitored every link regardless of this key; netevd monitors these only',
    routing.policyRules.length > 0 &&
      'routing.policy_rules: the Rust program used tables 1000 + index (200 + index in 0.2.0); netevd uses 200 + index, unless routing.table_base is set',
    filters.some(({ scripts }) => scripts !== undefined) &&
      'filters: the Rust program ignored scripts; netevd runs the named scripts only',
  ];
  return notes.flatMap((text) =>
    text === false ? [] : [{ kind: 'behaviour', file, line: 0, text } as const],
  );
}

type Text =
  | { readonly ok: true; readonly text: string; readonly file: string }
  | { readonly ok: false; readonly problem: MigrationProblem };

function readText({ path, kind, content, errno }: InputFile): Text {
  const text = kind === 'file' ? textOf(content) : undefined;
  if (text !== undefined) return { ok: true, text: text.replace(/^\ufeff/, ''), file: path };
  const why =
    kind === 'file' ? 'it is not UTF-8 text' : `it cannot be read (${errno ?? 'it is not a regular file'})`;
  const remedy = 'make it a text file that root can read';
  return { ok: false, problem: { code: 'NETEVD_MIGRATE_INPUT', file: path, line: 0, text: why, remedy } };
}

/** World-readable, like the packaged file: it contains no secrets. */
function configuration(yaml: string, from: InputFile, { configFile }: MigrationTarget): PlannedFile {
  const heading = `# Written by "netevd migrate" from ${from.path}.\n`;
  return {
    role: 'configuration',
    path: configFile,
    mode: 0o644,
    content: bytesOf(heading + yaml),
    from: from.path,
  };
}

const isUnknownKey = ({ code }: ConfigProblem): boolean => code === 'NETEVD_CONFIG_UNKNOWN_KEY';

function unknownKey({ file, line, path, suggestion }: ConfigProblem): UnknownKey {
  return { file, line, key: path, ...(suggestion === undefined ? {} : { nearest: suggestion }) };
}

function valueFinding({ file, line, path, message, suggestion }: ConfigProblem): MigrationFinding {
  const finding = { kind: 'value', file, line, text: `${path}: ${message}; it is left out` } as const;
  return suggestion === undefined ? finding : { ...finding, remedy: `write ${suggestion}` };
}

/** Leaves out a whole list if one of its items is invalid: the rest could mean the opposite. */
function wholeLists(dropped: readonly ConfigProblem[]): readonly MigrationFinding[] {
  const lists = new Map(
    dropped
      .filter(({ path }) => path.includes('['))
      .map((problem) => [problem.path.replace(/\[.*/, ''), problem]),
  );
  return [...lists].map(([list, { file, line }]) => ({
    kind: 'value',
    file,
    line,
    text: `${list}: one of its items is invalid for netevd, so the whole list is left out`,
    remedy: `write ${list} into the new configuration by hand`,
  }));
}

const inputProblem = ({ file, line, message }: ConfigProblem): MigrationProblem => ({
  code: 'NETEVD_MIGRATE_INPUT',
  file,
  line,
  text: message,
  remedy: 'correct the line, and run netevd migrate again',
});
