/**
 * Completion of words. Commands and options come from the program itself, links and scripts from the daemon. The library
 * prints its answer, so its `console.log` is caught here and nowhere else.
 */
import { type Command as Completions, RootCommand, script } from '@bomb.sh/tab';
import type { Argument, Command, Option } from 'commander';
import { hookDirectories } from '../core/model/event-table.ts';
import { operationalStates } from '../core/model/vocabulary.ts';
import { openConnection, type RemoteWorld } from './remote/session.ts';
import { type CommandIo, outputFormats } from './render/output.ts';
import type { Shell } from './shells.ts';

/** The script for a shell; it runs `netevd complete` for each word. */
export function completionScript(shell: Shell): string {
  const text = printed(() => script(shell, 'netevd', 'netevd'));
  // The library's constants for bash are read-only and global: sourced twice, or beside another program's, they fail.
  return shell === 'bash'
    ? text.replaceAll(/^readonly /gm, '').replaceAll('ShellCompDirective', '__netevd_directive')
    : text;
}

/** What a word may be: fixed words, or names that the daemon knows. */
type Source = readonly string[] | 'links' | 'scripts' | 'rules';

/** Values of options, by their long names. */
const optionValues: Readonly<Record<string, Source>> = {
  '--format': outputFormats,
  '--color': ['auto', 'always', 'never'],
  '--interface': 'links',
  '--iif': 'links',
  '--event-type': hookDirectories,
  '--state': operationalStates,
  '--family': ['ipv4', 'ipv6'],
  '--since': ['10m', '1h', '24h', '7d'],
  '--until': ['10m', '1h', '24h', '7d'],
};

/** Values of arguments, by command and name. */
const argumentValues: Readonly<Record<string, Source>> = {
  'show interface/name': 'links',
  'show route/destination': ['default'],
  'show rule/priority': 'rules',
  'test/script': 'scripts',
  'completion/shell': ['bash', 'zsh', 'fish'],
  'migrate/source': ['network-broker', 'netevd-rust', 'networkd-dispatcher', 'NetworkManager', 'ifupdown'],
};

/** Lines of candidates, and the directive for the script. Never fails: without the daemon its names are missing. */
export async function candidates(
  program: Command,
  words: readonly string[],
  io: CommandIo,
  openWorld: () => Promise<RemoteWorld>,
): Promise<string> {
  const needed = new Set<Source>();
  const probe = buildTree(program, (source) => {
    needed.add(source);
    return [];
  });
  printed(() => probe.parse([...words]));
  const names = new Map<Source, readonly string[]>();
  for (const source of needed) {
    const known = typeof source === 'string' ? await askDaemon(source, io, openWorld) : source;
    names.set(source, known.filter(isHarmless));
  }
  return printed(() => buildTree(program, (source) => names.get(source) ?? []).parse([...words]));
}

/** bash expands what it is offered: a link may be called `$(reboot)`. */
const isHarmless = (name: string): boolean => /^[\w@.:+][\w@.:+-]*$/.test(name);

type ValuesOf = (source: Source) => readonly string[];

function buildTree(program: Command, valuesOf: ValuesOf): RootCommand {
  const root = new RootCommand();
  addOptions(root, program, valuesOf);
  addBelow(root, program, [], valuesOf);
  return root;
}

function addBelow(root: RootCommand, parent: Command, path: readonly string[], valuesOf: ValuesOf): void {
  for (const command of parent.createHelp().visibleCommands(parent)) {
    const name = [...path, command.name()].join(' ');
    const completions = root.command(name, command.description());
    addOptions(completions, command, valuesOf);
    for (const argument of command.registeredArguments) addArgument(completions, argument, name, valuesOf);
    if (name === 'help') addCommandNames(completions, program(command));
    addBelow(root, command, [...path, command.name()], valuesOf);
  }
}

const program = (command: Command): Command => (command.parent === null ? command : program(command.parent));

function addCommandNames(completions: Completions, of: Command): void {
  completions.argument('command', (complete) => {
    for (const command of of.createHelp().visibleCommands(of))
      complete(command.name(), command.description());
  });
}

function addOptions(completions: Completions, command: Command, valuesOf: ValuesOf): void {
  for (const option of command.createHelp().visibleOptions(command)) addOption(completions, option, valuesOf);
}

function addOption(completions: Completions, option: Option, valuesOf: ValuesOf): void {
  const long = option.long?.slice(2);
  if (long === undefined) return;
  const alias = option.short?.slice(1);
  if (!option.required) {
    completions.option(long, option.description, alias);
    return;
  }
  const source = optionValues[option.long ?? ''] ?? [];
  completions.option(
    long,
    option.description,
    (complete) => {
      for (const value of valuesOf(source)) complete(value, '');
    },
    alias,
  );
}

function addArgument(
  completions: Completions,
  argument: Argument,
  command: string,
  valuesOf: ValuesOf,
): void {
  const source = argumentValues[`${command}/${argument.name()}`] ?? [];
  completions.argument(
    argument.name(),
    (complete) => {
      for (const value of valuesOf(source)) complete(value, '');
    },
    argument.variadic,
  );
}

/** A user waits for the answer. */
const patienceMs = 80;

async function askDaemon(
  source: 'links' | 'scripts' | 'rules',
  io: CommandIo,
  openWorld: () => Promise<RemoteWorld>,
): Promise<readonly string[]> {
  const world = await openWorld();
  const options = { format: 'text', header: true } as const;
  const session = { io, world, options, command: 'complete', commandLine: 'complete' };
  const opened = openConnection(session, 'read');
  if (!opened.ok) return [];
  const { client } = opened.connection;
  const signal = world.timeout(patienceMs);
  if (source === 'links') {
    const answer = await client.get('/api/v1/interfaces', { signal });
    return answer.ok ? answer.value.interfaces.map(({ name }) => name) : [];
  }
  if (source === 'rules') {
    const answer = await client.get('/api/v1/rules', { signal });
    return answer.ok ? [...new Set(answer.value.rules.map(({ priority }) => String(priority)))] : [];
  }
  const answer = await client.get('/api/v1/hooks', { signal });
  return answer.ok ? answer.value.directories.flatMap(({ files }) => files.map(({ name }) => name)) : [];
}

/** What `run` prints. */
function printed(run: () => void): string {
  const lines: string[] = [];
  const { log } = console;
  console.log = (text: string) => lines.push(text);
  try {
    run();
  } finally {
    console.log = log;
  }
  return `${lines.join('\n')}\n`;
}
