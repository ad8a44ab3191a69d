/** The layout of `--help`: examples come first. */
import { type Command, Help } from 'commander';

const examples = new WeakMap<Command, readonly string[]>();

/** Adds example command lines to the help of a command; text after ` # ` explains. */
export function withExamples(command: Command, ...lines: readonly string[]): Command {
  examples.set(command, lines);
  return command;
}

/** The examples of a command, for its man page too. */
export const examplesOf = (command: Command): readonly string[] => examples.get(command) ?? [];

/** Commander's text with the examples between the description and the lists. */
export function formatHelp(command: Command, helper: Help): string {
  const text = Help.prototype.formatHelp.call(helper, command, helper);
  const lines = examplesOf(command);
  if (lines.length === 0) return text;
  const block = ['Examples:', ...alignComments(lines).map((line) => `  ${line}`), ''].join('\n');
  const at =
    /^(Arguments|Options|Output|Connection|Commands|[A-Z][a-z ]+):$/m.exec(text)?.index ?? text.length;
  return `${text.slice(0, at)}${block}\n${text.slice(at)}`;
}

function alignComments(lines: readonly string[]): readonly string[] {
  const parts = lines.map((line) => line.split(/ # (.*)/s));
  const width = Math.max(...parts.map(([command = '']) => command.length));
  return parts.map(([command = '', comment]) =>
    comment === undefined ? command : `${command.padEnd(width)}  # ${comment}`,
  );
}
