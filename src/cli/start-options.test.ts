import { describe, expect, test } from 'bun:test';
import type { GlobalOptions } from '../global-options.ts';
import { runProgram } from './program.ts';
import { runnerOptions, startOptions } from './start-options.ts';

/** The options that the argument parser reads; undefined if it does not start the daemon. */
async function wholeProgram(args: readonly string[]): Promise<GlobalOptions | undefined> {
  let options: GlobalOptions | undefined;
  const silent = { write: () => true };
  await runProgram(args, { stdout: silent, stderr: silent, isTerminal: false, env: {} }, async (given) => {
    options = given;
    return 0;
  });
  return options === undefined ? undefined : { ...options };
}

describe('the options of a plain start', () => {
  for (const line of [
    '',
    'start',
    '-v',
    '-v -v',
    '-vv',
    '--verbose --dry-run',
    '-c /tmp/x.yaml',
    '--config /tmp/x.yaml --dry-run start',
    '--dry-run -c a -c b',
  ]) {
    test(`of "netevd ${line}" equal those of the argument parser`, async () => {
      const args = line.split(' ').filter((word) => word !== '');
      expect(startOptions(args)).toBeDefined();
      expect(startOptions(args)).toEqual(await wholeProgram(args));
    });
  }

  for (const line of [
    '--help',
    '-c',
    '-c -v',
    '--config=/x',
    '-cx',
    'strat',
    'start extra',
    'start --help',
    'hooks',
    '-V',
    '--',
    '-vx',
    'toString',
  ]) {
    test(`are undefined for "netevd ${line}"`, () => {
      expect(startOptions(line.split(' '))).toBeUndefined();
    });
  }
});

describe('runnerOptions', () => {
  test.each([
    [[], '/etc/netevd/netevd.yaml'],
    [['--config', '/etc/x.yaml'], '/etc/x.yaml'],
    [['-c', '/etc/x.yaml'], '/etc/x.yaml'],
  ])('%j reads %s', (words, config) => {
    expect(runnerOptions(words)).toEqual({ config });
  });

  test.each([[['--config']], [['-c', '--config']], [['x']], [['-c', 'a', 'b']], [['--user=root']]])(
    '%j is refused',
    (words) => {
      expect(runnerOptions(words)).toBeUndefined();
    },
  );
});
