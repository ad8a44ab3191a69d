/** Completion: what can follow, from the program and from the daemon, and the scripts of the shells. */
import { describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { runProgram } from '../../src/cli/program.ts';
import type { Transport } from '../../src/client/transport.ts';
import { connectError, testIo, testWorld } from '../../src/testing/command-line.ts';
import { FakeApi } from '../../src/testing/fake-api.ts';

async function run(args: readonly string[], transport: Transport = new FakeApi().transport): Promise<string> {
  const io = testIo();
  const world = testWorld({ transport });
  const code = await runProgram(
    args,
    io,
    async () => 0,
    async () => world,
  );
  expect([code, io.stderr.text]).toEqual([0, '']);
  return io.stdout.text;
}

/** The words that can follow; `words` ends with the one that is being typed. */
const after = async (words: readonly string[], transport?: Transport): Promise<readonly string[]> =>
  (await run(['complete', '--', ...words], transport))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(':'))
    .map((line) => line.split('\t')[0] ?? '');

describe('completion', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['sta', ['start', 'status']],
    ['list ', ['interfaces', 'routes', 'rules', 'scripts']],
    ['list interfaces --f', ['--format', '--fields']],
    ['show interface ', ['lo', 'eth0', 'eth1', 'wwan0']],
    ['show interface e', ['eth0', 'eth1']],
    ['events -i w', ['wwan0']],
    ['events --interface w', ['wwan0']],
    ['events -t no', ['no-carrier']],
    ['test 1', ['10-alert']],
    ['show rule ', ['30001', '32766']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['status -o ', ['text', 'table', 'json', 'yaml']],
    ['help li', ['list']],
  ];
  for (const [line, expected] of rows) {
    test(`of "netevd ${line}"`, async () => {
      expect(await after(line.split(' '))).toEqual(expected);
    });
  }

  test('is silent about links if the daemon is away', async () => {
    const away: Transport = () => Promise.reject(connectError('ENOENT'));
    expect(await after(['show', 'interface', ''], away)).toEqual([]);
    expect(await after(['sta'], away)).toEqual(['start', 'status']);
  });

  test('asks the daemon only for names', async () => {
    const api = new FakeApi();
    await after(['li'], api.transport);
    expect(api.requests).toEqual([]);
    await after(['show', 'interface', ''], api.transport);
    expect(api.requests.map(({ path }) => path)).toEqual(['/api/v1/interfaces']);
  });

  test('offers no name that a shell would expand', async () => {
    const api = new FakeApi();
    const [link] = api.answers['/api/v1/interfaces']?.interfaces ?? [];
    if (link === undefined) throw new Error('the sample host has links');
    const names = ['$(reboot)', '`id`', 'a;b', '-x', 'eth0.100', 'wg-a@b'];
    api.answers['/api/v1/interfaces'] = {
      interfaces: names.map((name) => ({ ...link, name })),
      count: names.length,
    };
    expect(await after(['show', 'interface', ''], api.transport)).toEqual(['eth0.100', 'wg-a@b']);
  });
});

describe.each(['bash', 'zsh', 'fish'] as const)('the script for %s', (shell) => {
  test('asks the program', async () => {
    expect(await run(['completion', shell])).toContain('netevd complete --');
  });

  test.skipIf(spawnSync(shell, ['-c', 'true']).error !== undefined)('is accepted by the shell', async () => {
    const script = await run(['completion', shell]);
    const { status, stderr } = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

test.skipIf(spawnSync('bash', ['-c', 'true']).error !== undefined)('bash completes a word', async () => {
  const script = await run(['completion', 'bash']);
  // What bash-completion brings, for a line that ends at the word.
  const helper = '_get_comp_words_by_ref() { words=(netevd list r); cword=2; cur=r; prev=list; }';
  const program = "netevd() { printf 'routes\\tx\\nrules\\ty\\n:4\\n'; }; compopt() { :; }";
  const { stdout, stderr } = spawnSync(
    'bash',
    ['-c', `${script}\n${helper}\n${program}\n__netevd_complete; printf '%s\\n' "\${COMPREPLY[@]}"`],
    { encoding: 'utf8' },
  );
  expect([stdout, stderr]).toEqual(['routes\nrules\n', '']);
});

test('the script for bash can be sourced twice, and after that of a program with the same library', async () => {
  const script = await run(['completion', 'bash']);
  const before = 'readonly ShellCompDirectiveError=1\n';
  const sourced = spawnSync('bash', ['-c', `${before}${script}\n${script}`], { encoding: 'utf8' });
  expect([sourced.status, sourced.stderr]).toEqual([0, '']);
});
