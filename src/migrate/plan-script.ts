/** One script of another program → the files that it becomes, and what its text shows that will be different. */
import { nameVerdict } from '../core/hooks/verdict.ts';
import { type Contract, type HookTarget, variableOf } from './contract.ts';
import { bytesOf, type InputFile, type MigrationTarget, textOf } from './input.ts';
import type { FindingKind, MigrationFinding, PlannedFile, ScriptPlan } from './plan.ts';
import { type ScriptScan, scanScript } from './scan-script.ts';
import { renderWrapper, shellQuote } from './wrapper.ts';

/** What is the same for all scripts of one directory. */
export interface ScriptSetting {
  readonly program: string;
  readonly contract: Contract;
  readonly into: MigrationTarget;
  /** Below the hook directory: where originals of wrapped scripts go. */
  readonly shelf: string;
  readonly targets: readonly HookTarget[];
  /** Whether the old program handed its scripts arguments. */
  readonly givesArguments: boolean;
  /** The old program stays and goes on running what its packages bring. */
  readonly manager?: string;
}

/** Text of hook scripts larger than this is not looked at. */
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

/** A script that is a hook already: only what its text shows. */
export function reviewHook(file: InputFile, contract: Contract): ScriptPlan {
  const text = file.kind === 'file' ? textOf(file.content) : undefined;
  const scan = text === undefined ? undefined : scanScript(text);
  const findings =
    scan === undefined ? [] : [...contractFindings(file, scan, contract), ...privilegeFindings(file, scan)];
  return { script: file.path, how: 'in-place', files: [], findings };
}

/** A script that is not taken over. */
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
    const who = manager ?? 'what runs it now';
    return { text: `it belongs to the package ${file.package}, and stays with ${who}` };
  }
  const name = nameVerdict(file.name);
  if (name.kind === 'skipped' && name.code === 'leftover') {
    return { text: 'an editor or a package manager has left it behind' };
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

/** The copy belongs to root, and netevd obeys it: who else could write the original? */
const isOthers = ({ owner, mode }: InputFile): boolean => owner !== 0 || (mode & 0o022) !== 0;
const othersText = ({ owner }: InputFile): string =>
  owner === 0
    ? 'others than root can write to it: read it before its copy runs'
    : `it belongs to user ${owner}: read it before its copy, which is root's, runs`;

const hasWrapper = ({ contract, givesArguments, targets }: ScriptSetting): boolean =>
  givesArguments || targets.some(isSpecial) || contract.variables.some(({ lines }) => lines !== undefined);

const isSpecial = ({ guard, lines }: HookTarget): boolean => guard !== undefined || lines !== undefined;

/** A guard must stand before the script even if it looks at nothing. */
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
            'it has no #! line, so that it cannot be started',
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

/** Variables that cannot be had or are different, and keys of the JSON. */
function contractFindings(
  file: InputFile,
  scan: ScriptScan,
  contract: Contract,
): readonly MigrationFinding[] {
  const variables = [...scan.variables].flatMap(([name, line]): MigrationFinding[] => {
    const rule = variableOf(contract, name);
    if (rule?.note === undefined) return [];
    const text = rule.lines === undefined ? `${name} cannot be had: ${rule.note}` : `${name}: ${rule.note}`;
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

/** All five programs ran scripts as root, or let them have CAP_NET_ADMIN. At most so many lines of one are shown. */
const maxPrivileged = 3;
const privilegeRemedy = 'let the hook start a unit that may do it: docs/hooks.md';

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
  finding(file, 'behaviour', 0, 'it is a program, not a script: what it reads and does is not known');

function finding(
  { path }: InputFile,
  kind: FindingKind,
  line: number,
  text: string,
  remedy?: string,
): MigrationFinding {
  return { kind, file: path, line, text, ...(remedy === undefined ? {} : { remedy }) };
}
