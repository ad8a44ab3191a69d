/**
 * Scans the text of a script for variables, arguments and commands that need a privilege. It reports too much rather
 * than too little: an unnecessary wrapper does no harm, a missing one does.
 */

/** `other`: an interpreter whose language is not scanned further. */
export type ScriptLanguage = 'shell' | 'python' | 'perl' | 'other' | 'none';

/** What the text of one script shows. */
export interface ScriptScan {
  /** By the `#!` line; `none` without one. */
  readonly language: ScriptLanguage;
  /** Variables that the script reads from its environment, with the first line that does. */
  readonly variables: ReadonlyMap<string, number>;
  /** The first line that reads an argument; 0 if none does. */
  readonly argumentLine: number;
  /** Commands that fail without a privilege, each with its line. */
  readonly privileged: readonly { readonly line: number; readonly command: string }[];
  readonly lines: readonly string[];
}

/** Total: any text is a script. */
export function scanScript(text: string): ScriptScan {
  const lines = text.split('\n');
  const language = languageOf(lines[0] ?? '');
  const patterns = language === 'shell' ? shell : language === 'python' ? python : any;
  const code = lines.map((line, i) => (i > 0 && /^\s*#/.test(line) ? '' : line));
  const assigned = firstLines(code, patterns.assigned);
  const read = firstLines(code, patterns.read);
  const variables = [...read].filter(([name, line]) => (assigned.get(name) ?? line) >= line);
  return {
    language,
    variables: new Map(variables),
    argumentLine: code.findIndex((line) => patterns.argument.test(line)) + 1,
    privileged: code.flatMap((line, i) => {
      const command = privilegedCommand(line);
      return command === undefined ? [] : [{ line: i + 1, command }];
    }),
    lines: code,
  };
}

/** Returns the first line, from 1, with `word` as a whole word (`pre-up` does not contain `up`); 0 if there is none. */
export function lineWith(scan: ScriptScan, word: string): number {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`);
  return scan.lines.findIndex((line) => pattern.test(line)) + 1;
}

interface Patterns {
  readonly read: readonly RegExp[];
  readonly assigned: readonly RegExp[];
  readonly argument: RegExp;
}

const name = '([A-Za-z_][A-Za-z0-9_]*)';
const shell: Patterns = {
  read: [new RegExp(`\\$\\{?[#!]?${name}`, 'g'), new RegExp(`\\bENV(?:IRON)?\\[["']?${name}`, 'g')],
  assigned: [
    new RegExp(`(?:^|[;&|({]|\\b(?:export|local|readonly|declare|then|do|else)\\b)\\s*${name}=`, 'g'),
    new RegExp(`\\b(?:for|read(?:\\s+-\\w+)*)\\s+${name}\\b`, 'g'),
  ],
  argument: /\$\{?[1-9@*#](?![A-Za-z])|\bshift\b|\bgetopts\b/,
};
const python: Patterns = {
  read: [new RegExp(`\\b(?:environb?|getenv)\\b[^"'\\n]{0,8}["']${name}["']`, 'g')],
  assigned: [],
  argument: /\bargv\b|\bargparse\b|\bclick\b/,
};
const any: Patterns = {
  read: [
    ...python.read,
    new RegExp(`\\$\\{?${name}`, 'g'),
    new RegExp(`\\bENV\\s*[[{(.]\\s*["']?${name}`, 'g'),
  ],
  assigned: [],
  argument: /\$\{?[1-9@*#]|\bARGV\b|\bargv\b|\bARGF\b/,
};

function languageOf(first: string): ScriptLanguage {
  const [, program = ''] = /^#!\s*(?:\S*\/env\s+(?:-\S+\s+)*)?(\S+)/.exec(first) ?? [];
  if (program === '') return 'none';
  const base = program.slice(program.lastIndexOf('/') + 1);
  if (/^(?:ba|da|a|k|mk|z|busybox|pos)?sh\d*$|^busybox$/.test(base)) return 'shell';
  if (/^python[\d.]*$/.test(base)) return 'python';
  return /^perl[\d.]*$/.test(base) ? 'perl' : 'other';
}

function firstLines(lines: readonly string[], patterns: readonly RegExp[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const [i, line] of lines.entries()) {
    for (const pattern of patterns) {
      for (const [, word = ''] of line.matchAll(pattern)) {
        if (!found.has(word)) found.set(word, i + 1);
      }
    }
  }
  return found;
}

/** Commands that need CAP_NET_ADMIN, root or an authorisation, without those that only show something. */
const privileged: readonly RegExp[] = [
  /\bip\s+(?:-\S+\s+)*(?:l(?:ink)?|a(?:ddr(?:ess)?)?|r(?:oute)?|ru(?:le)?|neigh|tunnel|maddress|xfrm|netns)\s+(?:add|del(?:ete)?|set|change|replace|append|flush)\b/,
  /\bip6?tables-restore\b/,
  /\b(?:ip6?tables(?:-legacy|-nft)?|nft|ipset|ebtables|tc|ethtool\s+-[A-Z]|brctl|wg-quick|conntrack)\s+\S+/,
  /\bifconfig\s+\S+\s+\S+|\broute\s+(?:add|del)\b/,
  /\bsysctl\s+(?:-\S+\s+)*-w\b|\b(?:modprobe|insmod|rmmod|mount|umount|chown|setcap)\s+\S+/,
  /\bsystemctl\s+(?:-\S+\s+)*(?:start|stop|(?:try-)?(?:reload-or-)?restart|reload|kill|enable|disable)\b|\bservice\s+\S+\s+\w+|\binvoke-rc\.d\s+\S+/,
  /\b(?:hostnamectl\s+(?:set-)?hostname\s+\S+|resolvectl\s+(?:dns|domain|revert)\s+\S+|resolvconf\s+-[ad]|nmcli\s+(?:c|con|connection|d|dev|device)\s+(?:up|down|connect|disconnect|modify))\b/,
  /\b(?:sudo|su|doas|pkexec|runuser)\s+\S+/,
  />>?\s*["']?\/(?:etc|proc\/sys|sys|boot|usr|root)\/\S*/,
];

function privilegedCommand(line: string): string | undefined {
  for (const pattern of privileged) {
    const [command] = pattern.exec(line) ?? [];
    if (command !== undefined) return command.replaceAll(/\s+/g, ' ').trim();
  }
  return undefined;
}
