/** The packages before the checkers of the distributions that they are for. Slow, so in the lab's suite; needs no lab. */
import { describe, expect, test } from 'bun:test';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dir, '../..');
const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const deadline = 180_000;
const missing = (...programs: readonly string[]): boolean =>
  programs.some((name) => Bun.which(name) === null);
const make = (target: string): void =>
  void execFileSync('make', ['-s', '-C', root, target], { stdio: ['ignore', 'ignore', 'pipe'] });
const run = (
  program: string,
  ...words: readonly string[]
): { readonly status: number | null; readonly text: string } => {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: root, encoding: 'utf8' });
  return { status, text: stdout + stderr };
};

describe.skipIf(process.arch !== 'x64')('packages', () => {
  test.skipIf(missing('lintian', 'dpkg-deb'))(
    'lintian finds no error and no warning in the Debian package',
    () => {
      make('deb');
      const found = run(
        'lintian',
        '--allow-root',
        '--fail-on',
        'error,warning',
        `dist/netevd_${version}_amd64.deb`,
      );
      expect(found).toEqual({ status: 0, text: '' });
    },
    deadline,
  );

  test.skipIf(missing('rpmbuild', 'rpmlint'))(
    'rpmlint finds no error and no warning in the rpm and its spec, beyond those that rpmlint.toml explains',
    () => {
      make('rpm');
      const files = [`dist/netevd-${version}-1.x86_64.rpm`, 'packaging/rpm/netevd.spec'];
      const found = run('rpmlint', '--config', 'packaging/rpm/rpmlint.toml', ...files);
      expect([found.status, / (\d+ errors, \d+ warnings)/.exec(found.text)?.[1]]).toEqual([
        0,
        '0 errors, 0 warnings',
      ]);
    },
    deadline,
  );

  test.skipIf(missing('makepkg', 'setpriv') || process.geteuid?.() !== 0)(
    '.SRCINFO says what makepkg reads from PKGBUILD',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'netevd-aur-'));
      cpSync(join(root, 'packaging/aur'), folder, { recursive: true });
      chmodSync(folder, 0o777);
      const command =
        'cd "$0" && exec setpriv --reuid=65534 --regid=65534 --clear-groups makepkg --printsrcinfo';
      const { stdout } = spawnSync('sh', ['-c', command, folder], {
        encoding: 'utf8',
        env: { ...process.env, HOME: folder },
      });
      rmSync(folder, { recursive: true });
      expect(stdout).toBe(readFileSync(join(root, 'packaging/aur/.SRCINFO'), 'utf8'));
    },
  );

  test.skipIf(missing('aarch64-linux-gnu-gcc', 'qemu-aarch64-static'))(
    'the executable for arm64 starts, reads a configuration and loads its addon',
    () => {
      make('build/arm64/netevd');
      make('build/arm64/netevd.node');
      const arm = (...words: readonly string[]): { readonly status: number | null; readonly text: string } =>
        run('qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu', 'build/arm64/netevd', ...words);
      expect(arm('--version')).toEqual({ status: 0, text: `${version}\n` });
      expect(arm('validate', '-c', 'examples/netevd.yaml').status).toBe(0);
      expect(arm('hooks', '-c', 'examples/netevd.yaml').text).not.toContain('NETEVD_START_NATIVE');
    },
    deadline,
  );
});
