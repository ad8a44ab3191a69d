/**
 * Writes netevd(8) from packaging/man/netevd.8.md and the options of the commands, netevd.yaml(5) from
 * docs/configuration.md, and netevd-hooks(7) from docs/hooks.md.
 *
 *   bun tools/man-pages.ts FOLDER
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { version } from '../src/cli/about.ts';
import { examplesOf } from '../src/cli/help-text.ts';
import { describeProgram } from '../src/cli/program.ts';
import { entry, heading, manFromMarkdown, preformatted } from './roff.ts';

const source = (path: string): string => readFileSync(join(import.meta.dir, '..', path), 'utf8');

/** The text of netevd(8) by its `### command` headings. */
export const programText = (): string => source('packaging/man/netevd.8.md');

/** Options that every command has are described once, with the program. */
const shared: ReadonlySet<string> = new Set([
  '--help',
  '--format',
  '--color',
  '--endpoint',
  '--token-file',
  '--fields',
  '--no-header',
]);

const optionsOf = (command: Command, isProgram: boolean): readonly string[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => isProgram || !shared.has(long ?? ''))
    .flatMap(({ flags, description }) => entry(`\`${flags}\``, description));

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** A command, and each of its subcommands, with arguments, options and examples. */
function commandLines(command: Command, path: readonly string[]): readonly string[] {
  const name = [...path, command.name()].join(' ');
  const syntax = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  const examples = examplesOf(command).map((line) => line.replace(/ # /, '   # '));
  const own = command.commands.flatMap((inner) => commandLines(inner, [...path, command.name()]));
  const head =
    path.length === 0
      ? []
      : entry(`\`${['netevd', name, ...syntax].join(' ')}\``, sentence(command.description()));
  return [
    ...head,
    ...optionsOf(command, false),
    ...(examples.length === 0 ? [] : preformatted(examples)),
    ...own,
  ];
}

function programPage(): readonly string[] {
  const program = describeProgram();
  const [intro = '', ...sections] = programText().split(/^(?=### )/m);
  const [before = '', after = ''] = intro.split('<!-- options -->');
  const last = sections.pop() ?? '';
  const [lastCommand = '', ...rest] = last.split(/^(?=## )/m);
  return [
    ...heading('netevd', 8, version, 'run scripts when the network changes'),
    ...manFromMarkdown(before),
    ...optionsOf(program, true),
    ...manFromMarkdown(after),
    ...[...sections, lastCommand].flatMap((text) => [
      ...manFromMarkdown(text),
      ...commandSection(program, text),
    ]),
    ...manFromMarkdown(rest.join('')),
  ];
}

function commandSection(program: Command, text: string): readonly string[] {
  const name = /^### (.*)$/m.exec(text)?.[1];
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined)
    throw new Error(`packaging/man/netevd.8.md describes '${name}', which is no command`);
  return commandLines(command, []);
}

/** A page from a document of docs/. */
const documentPage = (page: string, section: number, what: string, path: string): readonly string[] => [
  ...heading(page, section, version, what),
  '.SH DESCRIPTION',
  ...manFromMarkdown(source(path)),
  '.SH "SEE ALSO"',
  'netevd(8)',
];

/** All pages by file name. */
export const manPages = (): Readonly<Record<string, readonly string[]>> => ({
  'netevd.8': programPage(),
  'netevd.yaml.5': documentPage('netevd.yaml', 5, 'configuration of netevd(8)', 'docs/configuration.md'),
  'netevd-hooks.7': documentPage('netevd-hooks', 7, 'scripts that netevd(8) runs', 'docs/hooks.md'),
});

if (import.meta.main) {
  const [folder = ''] = process.argv.slice(2);
  mkdirSync(folder, { recursive: true });
  for (const [file, lines] of Object.entries(manPages())) {
    writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
  }
}
