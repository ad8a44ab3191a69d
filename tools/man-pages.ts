/**
 * Writes netevd(8), from what the built program says of itself, and netevd.yaml(5), from docs/configuration.md.
 *
 *   bun tools/man-pages.ts EXECUTABLE FOLDER
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../src/cli/about.ts';

/** Text as roff takes it: nothing in it is a request or an escape. */
const literal = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');

/** A line of Markdown: `code` in bold, the target of a link left out. */
const inline = (text: string): string =>
  literal(text.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('\\|', '|')).replaceAll(
    /`([^`]+)`/g,
    '\\fB$1\\fR',
  );

const preformatted = (lines: readonly string[]): string[] => ['.PP', '.nf', ...lines.map(literal), '.fi'];

const heading = (page: string, section: number, what: string): string[] => [
  `.TH ${page} ${section} "" "netevd ${version}"`,
  '.SH NAME',
  `${literal(page)} \\- ${what}`,
];

const cells = (line: string): string[] =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** A row of a table: its first cell is what the others speak of; those between first and last say what they are. */
function row(line: string, columns: readonly string[]): string[] {
  const [name = '', ...rest] = cells(line);
  const last = rest.pop() ?? '';
  const between = rest.map((cell, at) => `${columns[at + 1]}: ${cell}`).join('; ');
  return ['.TP', inline(name), ...(between === '' ? [] : [inline(between), '.br']), inline(last)];
}

/** The part of Markdown that the project's pages use. */
function manFromMarkdown(text: string): string[] {
  const lines: string[] = [];
  let behindBarrier: string[] | undefined;
  let columns: readonly string[] | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) {
      if (behindBarrier !== undefined) lines.push(...preformatted(behindBarrier));
      behindBarrier = behindBarrier === undefined ? [] : undefined;
    } else if (behindBarrier !== undefined) behindBarrier.push(line);
    else if (line.startsWith('## ')) lines.push(`.SH "${literal(line.slice(3).toUpperCase())}"`);
    else if (line.startsWith('### ')) lines.push(`.SS "${literal(line.slice(4))}"`);
    else if (line.startsWith('|')) {
      if (columns === undefined) columns = cells(line);
      else if (!/^\|[-|]+\|$/.test(line)) lines.push(...row(line, columns));
    } else {
      columns = undefined;
      if (line === '') lines.push('.PP');
      else if (!line.startsWith('# ') && !line.startsWith('<!--')) lines.push(inline(line));
    }
  }
  return lines.filter((line, at) => line !== '.PP' || !/^\.(PP|SH|SS|TP)/.test(lines[at + 1] ?? '.PP'));
}

const files: readonly (readonly [string, string])[] = [
  ['/etc/netevd/netevd.yaml', 'The configuration: netevd.yaml(5).'],
  [
    '/etc/netevd/*.d/',
    'The hooks. An executable file in carrier.d runs when a link gains carrier, and so on.',
  ],
  ['/run/netevd/', 'State kept across restarts, and the socket.'],
  ['/usr/share/doc/netevd/', 'The documentation, with example hooks.'],
];
const signals: readonly (readonly [string, string])[] = [
  ['SIGHUP', 'The configuration is read again; with a mistake in it the old one stays.'],
  ['SIGTERM, SIGINT', 'netevd stops; running hooks have their grace. A second one ends it at once.'],
  ['SIGUSR2', 'What netevd knows and does is written into the log, for a person who looks for a fault.'],
];
const exitCodes: readonly (readonly [string, string])[] = [
  ['0', 'Done.'],
  ['1', 'Failed.'],
  ['2', 'Wrong usage.'],
  ['3', 'The daemon cannot be reached.'],
  ['70', 'A bug of netevd: please report it.'],
  ['78', 'The configuration has a mistake. Nothing was started.'],
];

function list(title: string, entries: readonly (readonly [string, string])[]): string[] {
  return [
    `.SH ${title}`,
    ...entries.flatMap(([name, meaning]) => ['.TP', inline(`\`${name}\``), inline(meaning)]),
  ];
}

function programPage(executable: string): string[] {
  const help = (...words: readonly string[]): string[] =>
    execFileSync(executable, [...words, '--help'], { encoding: 'utf8' })
      .trimEnd()
      .split('\n');
  const own = help();
  const commands = own
    .slice(own.indexOf('Commands:') + 1)
    .map((line) => /^ {2}([a-z-]+)/.exec(line)?.[1])
    .filter((name): name is string => name !== undefined && name !== 'help');
  return [
    ...heading('netevd', 8, 'run scripts when the network changes'),
    '.SH SYNOPSIS',
    ...preformatted(own.slice(0, own.indexOf('Options:') - 1)),
    '.SH OPTIONS',
    ...preformatted(own.slice(own.indexOf('Options:') + 1)),
    '.SH COMMANDS',
    ...commands.flatMap((name) => [`.SS ${literal(name)}`, ...preformatted(help(name))]),
    ...list('FILES', files),
    ...list('SIGNALS', signals),
    ...list('"EXIT STATUS"', exitCodes),
    '.SH "SEE ALSO"',
    'netevd.yaml(5), systemd\\-networkd(8), NetworkManager(8), ip\\-monitor(8)',
  ];
}

function configurationPage(): string[] {
  const text = readFileSync(join(import.meta.dir, '../docs/configuration.md'), 'utf8');
  return [
    ...heading('netevd.yaml', 5, 'configuration of netevd(8)'),
    '.SH DESCRIPTION',
    ...manFromMarkdown(text),
    '.SH "SEE ALSO"',
    'netevd(8)',
  ];
}

const [executable = '', folder = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'netevd.8'), `${programPage(executable).join('\n')}\n`);
writeFileSync(join(folder, 'netevd.yaml.5'), `${configurationPage().join('\n')}\n`);
