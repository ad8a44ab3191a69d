/** `netevd completion SHELL`, and the hidden `netevd complete` that its script asks for each word. */
import { type Command, InvalidArgumentError } from 'commander';
import { ExitCode } from '../exit-code.ts';
import { withExamples } from './help-text.ts';
import type { Done } from './options.ts';
import type { RemoteWorld } from './remote/session.ts';
import type { CommandIo } from './render/output.ts';
import { type Shell, shells } from './shells.ts';

/** What the commands are given by the program. */
export interface CompletionContext {
  readonly io: CommandIo;
  readonly done: Done;
  openWorld(): Promise<RemoteWorld>;
}

/** Adds both commands. */
export function addCompletionCommands(program: Command, context: CompletionContext): void {
  const { io, done } = context;
  const completion = program
    .command('completion')
    .description('Print the completion script of a shell')
    .argument('<shell>', 'bash, zsh or fish', parseShell)
    .action((shell: Shell) => done(printScript(shell, io)));
  withExamples(
    completion,
    'source <(netevd completion bash)',
    'netevd completion zsh >~/.zfunc/_netevd',
    'netevd completion fish >~/.config/fish/completions/netevd.fish',
  );
  program
    .command('complete', { hidden: true })
    .description('Print what can follow on the command line')
    .argument('[words...]')
    .passThroughOptions()
    .allowUnknownOption()
    .action((words: readonly string[]) => done(printCandidates(program, words, context)));
}

function parseShell(text: string): Shell {
  const shell = shells.find((known) => known === text);
  if (shell === undefined) throw new InvalidArgumentError(`expected ${shells.join(', ')}`);
  return shell;
}

async function printScript(shell: Shell, io: CommandIo): Promise<number> {
  const { completionScript } = await import('./completion.ts');
  io.stdout.write(completionScript(shell));
  return ExitCode.ok;
}

/** Silent if the daemon is away: the names of commands and options need none. */
async function printCandidates(
  program: Command,
  words: readonly string[],
  { io, openWorld }: CompletionContext,
): Promise<number> {
  const { candidates } = await import('./completion.ts');
  io.stdout.write(await candidates(program, words, io, openWorld));
  return ExitCode.ok;
}
