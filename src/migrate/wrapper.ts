/** The small sh(1) scripts that call a script of another program as that program did. */
import type { Contract, HookTarget, ShellFunction, Variable } from './contract.ts';

/** What a wrapper is made of. */
export interface WrapperParts {
  /** For a person: `networkd-dispatcher`. */
  readonly program: string;
  /** Where the script came from. */
  readonly original: string;
  /** Where its copy is, which the wrapper calls. */
  readonly copy: string;
  readonly contract: Contract;
  readonly target: HookTarget;
  /** Names that the script mentions; undefined where its text tells nothing, as a program's. */
  readonly mentioned: ReadonlySet<string> | undefined;
}

/** The wrapper's text. It ends by becoming the script, whose exit status and output are thus the hook's. */
export function renderWrapper(parts: WrapperParts): string {
  const { program, original, copy, target } = parts;
  const variables = parts.contract.variables.filter(
    ({ lines, costly, name }) => lines !== undefined && (costly !== true || mentions(parts.mentioned, name)),
  );
  const call = ['exec', shellQuote(copy), ...(target.arguments ?? [])].join(' ');
  return [
    '#!/bin/sh',
    `# Written by "netevd migrate": runs a script of ${program} with what it expects.`,
    `# It was ${printable(original)}.`,
    ...(target.guard ?? []),
    'set -f',
    'PATH=/usr/local/sbin:/usr/local/bin:$PATH',
    ...unique(variables.flatMap(({ needs = [] }) => needs)).flat(),
    ...unique(variables.map(linesOf)).flat(),
    ...(target.lines ?? []),
    call,
    '',
  ].join('\n');
}

const linesOf = ({ lines = [] }: Variable): readonly string[] => lines;

/** Whether a script that uses `mentioned` uses the variable, or the family of variables, `name`. */
export function mentions(mentioned: ReadonlySet<string> | undefined, name: string): boolean {
  if (mentioned === undefined) return true;
  if (!name.endsWith('*')) return mentioned.has(name);
  return [...mentioned].some((word) => word.startsWith(name.slice(0, -1)));
}

function unique(blocks: readonly ShellFunction[]): readonly ShellFunction[] {
  return [...new Map(blocks.map((block) => [block.join('\n'), block])).values()];
}

/** One word of sh(1), whatever is in it. */
export const shellQuote = (text: string): string =>
  /^[A-Za-z0-9._/+@:,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Fit for a comment: no line ends in it. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?');
