/** Plans one script of another program: the files that it becomes, and the differences that its text shows. */
import { nameVerdict } from '../core/hooks/verdict.ts';
import { type Contract, type HookTarget, variableOf } from './contract.ts';
import { bytesOf, type InputFile, type MigrationTarget, textOf } from './input.ts';
import type { FindingKind, MigrationFinding, PlannedFile, ScriptPlan } from './plan.ts';
import { type ScriptScan, scanScript } from './scan-script.ts';
import { renderWrapper, shellQuote } from './wrapper.ts';

/** What all scripts of one directory have in common. */
export interface ScriptSetting {
  readonly program: string;
  readonly contract: Contract;
  readonly into: MigrationTarget;
  /** Below the hook directory: the directory for originals of wrapped scripts. */
  readonly shelf: string;
  readonly targets: readonly HookTarget[];
  /** Whether the old program called its scripts with arguments. */
  readonly givesArguments: boolean;
  /** Whether the old program stays and continues to run the scripts of packages. */
  readonly manager?: string;
}

/** Maximum size of a script whose text is examined. */
const maxScanned = 1024 * 1024;

/** Plans one file of a directory of scripts. Total. */
export function planScript(file: InputFile, setting: ScriptSetting): ScriptPlan {
  const obstacle = obstacleOf(file, setting);
  if (obstacle !== undefined) return left(file, obstacle);
  const text = file.content.length > maxScanned ? undefined : textOf(file.content);
  const scan = text === undefined ? undefined : scanScript(text);
  const findings = [
    ...setting.targets.flatMap(({ note, directory }) =>
      note === undefined ? [] : [finding(file, 'behaviour', 0, `${directory}.d: ${note}`)],
    ),
    ...(isOthers(file) ? [finding(file, 'behaviour', 0, othersText(file))] : []),
    ...(scan === undefined ? [opaque(file)] : findingsOf(file, scan, setting)),
  ];
  const isWrapped = scan === undefined ? hasWrapper(setting) : needsWrapper(scan, setting);
  return {
    script: file.path,
    how: isWrapped ? 'wrapped' : 'copied',
    files: isWrapped
      ? wrapped(file, scan, setting)
      : setting.targets.map((target) => copied(file, target, setting)),
    findings,
  };
}

/** A script that is a hook already: only its text is examined. */
export function reviewHook(file: InputFile, contract: Contract): ScriptPlan {
  const text = file.kind === 'file' ? textOf(file.content) : undefined;
  const scan = text === undefined ? undefined : scanScript(text);
  const findings =
    scan === undefined ? [] : [...contractFindings(file, scan, contract), ...privilegeFindings(file, scan)];
  return { script: file.path, how: 'in-place', files: [], findings };
}

/** A script that is not migrated. */
export function left(file: InputFile, why: { readonly text: string; readonly remedy?: string }): ScriptPlan {
  return {
    script: file.path,
    how: 'left',
    files: [],
    findings: [{ kind: 'left', file: file.path, line: 0, ...why }],
  };
}

function obstacleOf(
  file: InputFile,
  { manager, targets }: ScriptSetting,
): { readonly text: string; readonly remedy?: string } | undefined {
  if (file.kind === 'masked') return { text: 'it is masked by a link to /dev/null' };
  if (file.kind === 'directory') return { text: 'it is a directory' };
  if (file.kind === 'unreadable') return { text: `it cannot be read (${file.errno ?? 'EIO'})` };
  if (file.kind === 'other') return { text: 'it is not a regular file' };
  if (file.package !== undefined) {
    const owner = manager ?? 'the program that runs it now';
    return { text: `it belongs to the package ${file.package}, and stays with ${owner}` };
  }
  const name = nameVerdict(file.name);
  if (name.kind === 'skipped' && name.code === 'leftover') {
    return { text: 'it is a backup file of an editor or a package manager' };
  }
  if (name.kind !== 'runs') {
    return {
      text: 'a hook cannot have this name',
      remedy: 'rename it: A-Z a-z 0-9 . _ -, a letter or digit first',
    };
  }
  if ((file.mode & 0o111) === 0) {
    return {
      text: 'it is not executable, so it has never run',
      remedy: `chmod 0755 ${shellQuote(file.path)}`,
    };
  }
  return targets.length === 0 ? { text: 'netevd has no event for it' } : undefined;
}

/** Reports who else could write the original: the copy belongs to root, and netevd runs it. */
const isOthers = ({ owner, mode }: InputFile): boolean => owner !== 0 || (mode & 0o022) !== 0;
const othersText = ({ owner }: InputFile): string =>
  owner === 0
    ? 'users other than root can write to it: read it before its copy runs'
    : `it belongs to user ${owner}: read it before its copy runs, which belongs to root`;

const hasWrapper = ({ contract, givesArguments, targets }: ScriptSetting): boolean =>
  givesArguments || targets.some(isSpecial) || contract.variables.some(({ lines }) => lines !== undefined);

const isSpecial = ({ guard, lines }: HookTarget): boolean => guard !== undefined || lines !== undefined;

/** The guard is written before the script even if it reads nothing. */
function needsWrapper(scan: ScriptScan, { contract, givesArguments, targets }: ScriptSetting): boolean {
  if (targets.some(({ guard }) => guard !== undefined)) return true;
  if (givesArguments && scan.argumentLine > 0) return true;
  return [...scan.variables.keys()].some((name) => variableOf(contract, name)?.lines !== undefined);
}

function copied(file: InputFile, { directory }: HookTarget, { into }: ScriptSetting): PlannedFile {
  const path = `${into.hookDirectory}/${directory}.d/${file.name}`;
  return { role: 'hook', path, mode: 0o755, content: file.content, from: file.path };
}

function wrapped(
  file: InputFile,
  scan: ScriptScan | undefined,
  { program, contract, into, shelf, targets }: ScriptSetting,
): readonly PlannedFile[] {
  const copy = `${into.hookDirectory}/${shelf}/${file.name}`;
  const mentioned = scan === undefined ? undefined : new Set(scan.variables.keys());
  const parts = { program, original: file.path, copy, contract, mentioned };
  return [
    { role: 'original', path: copy, mode: 0o755, content: file.content, from: file.path },
    ...targets.map((target): PlannedFile => {
      const path = `${into.hookDirectory}/${target.directory}.d/${file.name}`;
      return { role: 'wrapper', path, mode: 0o755, content: bytesOf(renderWrapper({ ...parts, target })) };
    }),
  ];
}

function findingsOf(file: InputFile, scan: ScriptScan, setting: ScriptSetting): readonly MigrationFinding[] {
  const noInterpreter =
    scan.language === 'none'
      ? [
          finding(
            file,
            'behaviour',
            1,
            'it has no #! line, so it cannot be started',
            'add one, such as #!/bin/sh',
          ),
        ]
      : [];
  return [
    ...noInterpreter,
    ...contractFindings(file, scan, setting.contract),
    ...privilegeFindings(file, scan),
  ];
}

/** Findings about variables that are different or not available, and keys of the JSON. */
function contractFindings(
  file: InputFile,
  scan: ScriptScan,
  contract: Contract,
): readonly MigrationFinding[] {
  const variables = [...scan.variables].flatMap(([name, line]): MigrationFinding[] => {
    const rule = variableOf(contract, name);
    if (rule?.note === undefined) return [];
    const text =
      rule.lines === undefined ? `${name} is not available: ${rule.note}` : `${name}: ${rule.note}`;
    return [finding(file, rule.lines === undefined ? 'variable' : 'behaviour', line, text)];
  });
  return [...variables, ...jsonFindings(file, scan, contract)].toSorted((a, b) => a.line - b.line);
}

function jsonFindings(
  file: InputFile,
  scan: ScriptScan,
  { jsonKeys }: Contract,
): readonly MigrationFinding[] {
  const readsJson = scan.lines.some((line) => /\bjson\b|\bjq\b/i.test(line));
  if (!readsJson) return [];
  return jsonKeys.flatMap(({ key, now }): MigrationFinding[] => {
    const pattern = new RegExp(`\\.${key}\\b|["']${key}["']`);
    const line = scan.lines.findIndex((text) => pattern.test(text)) + 1;
    if (line === 0) return [];
    const text = now === undefined ? `the JSON has no ${key}` : `the JSON has no ${key}; it is ${now}`;
    return [finding(file, 'json-key', line, text)];
  });
}

/** Maximum number of reported commands per script. All five programs ran scripts as root or with CAP_NET_ADMIN. */
const maxPrivileged = 3;
const privilegeRemedy = 'let the hook start a unit that has the privilege: docs/hooks.md';

function privilegeFindings(file: InputFile, { privileged }: ScriptScan): readonly MigrationFinding[] {
  const more = privileged.length - maxPrivileged;
  return privileged.slice(0, maxPrivileged).map(({ line, command }, i) => {
    const others = i === maxPrivileged - 1 && more > 0 ? ` (and ${more} more such lines)` : '';
    return finding(
      file,
      'privilege',
      line,
      `hooks run without privileges: ${command}${others}`,
      privilegeRemedy,
    );
  });
}

const opaque = (file: InputFile): MigrationFinding =>
  finding(file, 'behaviour', 0, 'it is a compiled program: netevd cannot know what it reads and does');

function finding(
  { path }: InputFile,
  kind: FindingKind,
  line: number,
  text: string,
  remedy?: string,
): MigrationFinding {
  return { kind, file: path, line, text, ...(remedy === undefined ? {} : { remedy }) };
}
