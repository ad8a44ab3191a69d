/** networkd-dispatcher, NetworkManager-dispatcher and ifupdown: directories of scripts → hooks. */
import { nearestHookDirectory, parseHookDirectory } from '../core/hooks/directories.ts';
import type { HookTarget } from './contract.ts';
import { ifupdown, ifupdownTargets } from './contracts/ifupdown.ts';
import { type ActionPlan, actions, networkManager } from './contracts/network-manager.ts';
import { networkdDispatcher } from './contracts/networkd-dispatcher.ts';
import {
  type InputDirectory,
  type InputFile,
  type MigrationTarget,
  type SourceInput,
  textOf,
} from './input.ts';
import type { MigrationFinding, ScriptPlan, SourceName, SourcePlan } from './plan.ts';
import { left, planScript, type ScriptSetting } from './plan-script.ts';
import { lineWith, type ScriptScan, scanScript } from './scan-script.ts';
import { shellQuote } from './wrapper.ts';

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Directories named after networkd's states; netevd has the same names. */
export function planNetworkdDispatcher(input: SourceInput, into: MigrationTarget): SourcePlan {
  const scripts = input.directories.flatMap((directory) => {
    const name = baseName(directory.path);
    const setting: ScriptSetting = {
      program: input.source,
      contract: networkdDispatcher,
      into,
      shelf: `migrated/${input.source}/${name}`,
      targets: targetsOf(name),
      givesArguments: false,
      manager: input.source,
    };
    return directory.entries.map((file) => planScript(file, setting));
  });
  const strangers = input.directories.flatMap((directory) => unknownDirectory(directory));
  const next = ['systemctl disable --now networkd-dispatcher'];
  return sourcePlan(input, scripts, strangers, next);
}

/** Returns the hook directory of that name; none if netevd has no such event. */
export function targetsOf(directoryName: string): readonly HookTarget[] {
  const directory = parseHookDirectory(directoryName);
  return directory === undefined ? [] : [{ directory }];
}

/** A directory without an event of netevd. */
export function unknownDirectory({ path, entries }: InputDirectory): readonly MigrationFinding[] {
  const name = baseName(path);
  if (parseHookDirectory(name) !== undefined || entries.length === 0) return [];
  const near = nearestHookDirectory(name);
  const remedy = near === undefined ? undefined : `${near}.d may be the right one`;
  const text = `netevd has no event ${name}: its scripts are not migrated`;
  return [{ kind: 'event', file: path, line: 0, text, ...(remedy === undefined ? {} : { remedy }) }];
}

/** `dispatcher.d`, and the directories below it for scripts that NetworkManager waits for or does not wait for. */
export function planNetworkManager(input: SourceInput, into: MigrationTarget): SourcePlan {
  const main = input.directories.find(({ path }) => path === input.base)?.entries ?? [];
  const linked = new Set(
    main.flatMap(({ target }) => (target?.includes('no-wait.d/') === true ? [baseName(target)] : [])),
  );
  const scripts = input.directories.flatMap(({ path, entries }) => {
    const below = path === input.base ? '' : baseName(path);
    return entries
      .filter(({ kind }) => !(below === '' && kind === 'directory'))
      .filter(({ name }) => !(below === 'no-wait.d' && linked.has(name)))
      .map((file) => planDispatched(file, below, input.source, into));
  });
  return sourcePlan(input, scripts, [], switchOff(scripts));
}

/** Scripts that their manager continues to run beside the hook; not those that do something for that manager only. */
function switchOff(scripts: readonly ScriptPlan[]): readonly string[] {
  return scripts
    .filter(({ files, findings }) => files.length > 0 && !findings.some(({ kind }) => kind === 'event'))
    .map(({ script }) => `chmod -x ${shellQuote(script)}`);
}

/** The actions for which NetworkManager calls the scripts of a directory. */
function actionsOf(below: string): readonly ActionPlan[] {
  if (below === 'pre-up.d') return actions.filter(({ action }) => action.endsWith('pre-up'));
  if (below === 'pre-down.d') return actions.filter(({ action }) => action.endsWith('pre-down'));
  return actions.filter(({ action }) => !action.includes('pre-'));
}

function planDispatched(
  file: InputFile,
  below: string,
  source: SourceName,
  into: MigrationTarget,
): ScriptPlan {
  if (below === 'no-wait.d') {
    return left(file, {
      text: 'NetworkManager does not run it: no symbolic link in dispatcher.d points to it',
    });
  }
  const text = file.kind === 'file' ? textOf(file.content) : undefined;
  const scan = text === undefined ? undefined : scanScript(text);
  const asked = askedFor(actionsOf(below), scan, below);
  const plan = planScript(file, {
    program: source,
    contract: networkManager,
    into,
    shelf: below === '' ? `migrated/${source}` : `migrated/${source}/${below}`,
    targets: asked.flatMap(({ targets }) => targets),
    givesArguments: true,
    manager: source,
  });
  const isOurs = file.kind === 'file' && file.package === undefined && (file.mode & 0o111) !== 0;
  const missing = isOurs ? asked.flatMap((action) => withoutEvent(file, action, scan)) : [];
  const isSaid = plan.how === 'left' && missing.length > 0;
  return { ...plan, findings: isSaid ? missing : [...missing, ...plan.findings] };
}

/** Returns the actions that the text mentions; all if it mentions none or is no text. A single action always matches. */
function askedFor(
  all: readonly ActionPlan[],
  scan: ScriptScan | undefined,
  below: string,
): readonly ActionPlan[] {
  const mentioned = scan === undefined ? [] : all.filter(({ action }) => lineWith(scan, action) > 0);
  if (mentioned.length > 0) return mentioned;
  return below === '' ? all : all.filter(({ action }) => !action.startsWith('vpn-'));
}

/** Reports only actions that the script mentions: a script that runs for all actions wants the available ones. */
function withoutEvent(
  file: InputFile,
  { action, targets, without = '' }: ActionPlan,
  scan: ScriptScan | undefined,
): readonly MigrationFinding[] {
  const line = scan === undefined ? 0 : lineWith(scan, action);
  const isWhole = action === 'pre-up';
  if (targets.length > 0 || (line === 0 && !isWhole)) return [];
  const remedy = 'leave the script with NetworkManager for this action';
  return [{ kind: 'event', file: file.path, line, text: `no hook for "${action}": ${without}`, remedy }];
}

/** The four directories of ifup and ifdown. */
export function planIfupdown(input: SourceInput, into: MigrationTarget): SourcePlan {
  const scripts = input.directories.flatMap(({ path, entries }) => {
    const name = baseName(path);
    const target = ifupdownTargets.get(name);
    if (target === undefined) return [];
    const setting: ScriptSetting = {
      program: input.source,
      contract: ifupdown,
      into,
      shelf: `migrated/${input.source}/${name}`,
      targets: [target],
      givesArguments: false,
      manager: input.source,
    };
    return entries.map((file) => planScript(file, setting));
  });
  return sourcePlan(input, scripts, [], switchOff(scripts));
}

function sourcePlan(
  { source, base }: SourceInput,
  scripts: readonly ScriptPlan[],
  findings: readonly MigrationFinding[],
  next: readonly string[],
): SourcePlan {
  const has = scripts.some(({ files }) => files.length > 0);
  return { source, places: [base], scripts, unknownKeys: [], findings, problems: [], next: has ? next : [] };
}
