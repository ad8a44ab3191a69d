/**
 * Parses the usual command lines of a service manager without loading the argument parser, which takes longer
 * to load than the kernel takes to read.
 */
import { defaultConfigPath } from '../config/index.ts';
import type { GlobalOptions } from '../global-options.ts';

const flags: Readonly<Record<string, Partial<GlobalOptions>>> = {
  '--dry-run': { dryRun: true },
  '-v': { verbose: 1 },
  '--verbose': { verbose: 1 },
  '-vv': { verbose: 2 },
};

/** The options of a plain start of the daemon; undefined for any other or invalid command line. */
export function startOptions(args: readonly string[]): GlobalOptions | undefined {
  let options: GlobalOptions = { config: defaultConfigPath, dryRun: false, verbose: 0 };
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? '';
    const flag = Object.hasOwn(flags, argument) ? flags[argument] : undefined;
    if (argument === '-c' || argument === '--config') {
      const config = args[++at];
      if (config === undefined || config.startsWith('-')) return undefined;
      options = { ...options, config };
    } else if (flag !== undefined) {
      options = { ...options, ...flag, verbose: options.verbose + (flag.verbose ?? 0) };
    } else {
      return argument === 'start' && at === args.length - 1 ? options : undefined;
    }
  }
  return options;
}

/** The options of `netevd runner`: a configuration file and nothing else. Undefined where there is another word. */
export function runnerOptions(args: readonly string[]): Pick<GlobalOptions, 'config'> | undefined {
  const [word, config, ...rest] = args;
  if (word === undefined) return { config: defaultConfigPath };
  const isOption = word === '-c' || word === '--config';
  if (!isOption || config === undefined || config.startsWith('-') || rest.length > 0) return undefined;
  return { config };
}
