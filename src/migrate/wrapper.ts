/** Writes small sh(1) scripts that call a script of another program as that program did. */
import type { Contract, HookTarget, ShellFunction, Variable } from './contract.ts';

/** The input of a wrapper. */
export interface WrapperParts {
  /** For a person: `networkd-dispatcher`. */
  readonly program: string;
  /** Path of the original script. */
  readonly original: string;
  /** Path of its copy, which the wrapper calls. */
  readonly copy: string;
  readonly contract: Contract;
  readonly target: HookTarget;
  /** Names that the script mentions; undefined if its text cannot be read, as for a compiled program. */
  readonly mentioned: ReadonlySet<string> | undefined;
}

/** Returns the text of the wrapper. It ends with exec of the script, so exit status and output are those of the script. */
export function renderWrapper(parts: WrapperParts): string {
  const { program, original, copy, target } = parts;
  const variables = parts.contract.variables.filter(
    ({ lines, costly, name }) => lines !== undefined && (costly !== true || mentions(parts.mentioned, name)),
  );
  const call = ['exec', shellQuote(copy), ...(target.arguments ?? [])].join(' ');
  return [
    '#!/bin/sh',
    `# Written by "netevd migrate": runs a script of ${program} with the input that it expects.`,
    `# The original script is ${printable(original)}.`,
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

/** Whether a script that uses the names `mentioned` uses the variable, or the family of variables, `name`. */
export function mentions(mentioned: ReadonlySet<string> | undefined, name: string): boolean {
  if (mentioned === undefined) return true;
  if (!name.endsWith('*')) return mentioned.has(name);
  return [...mentioned].some((word) => word.startsWith(name.slice(0, -1)));
}

function unique(blocks: readonly ShellFunction[]): readonly ShellFunction[] {
  return [...new Map(blocks.map((block) => [block.join('\n'), block])).values()];
}

/** Quotes any text as one word of sh(1). */
export const shellQuote = (text: string): string =>
  /^[A-Za-z0-9._/+@:,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Makes a text safe for a comment: it contains no line feed. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?');
