/** `make install` into a staging directory, and away again. What a package manager does with it: test/lab/install.lab.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hookDirectories } from '../src/core/model/event-table.ts';

const root = join(import.meta.dir, '..');
let stage = '';

const make = (...words: readonly string[]): void =>
  void execFileSync('make', ['-s', '-C', root, ...words, `DESTDIR=${stage}`, 'PREFIX=/usr/local'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });

const tree = (): string[] =>
  readdirSync(stage, { recursive: true, encoding: 'utf8' })
    .filter((name) => !lstatSync(join(stage, name)).isDirectory())
    .sort();

const text = (path: string): string => readFileSync(join(stage, path), 'utf8');

describe('make install', () => {
  beforeAll(() => {
    stage = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-stage-')));
    make('install');
  }, 120_000);
  afterAll(() => rmSync(stage, { recursive: true }));

  test('puts every file where its reader looks', () => {
    const files = tree();
    for (const path of [
      'usr/local/bin/netevd',
      'usr/local/lib/netevd/netevd.node',
      'usr/local/lib/systemd/system/netevd.service',
      'usr/local/lib/systemd/catalog/netevd.catalog',
      'usr/local/lib/sysusers.d/netevd.conf',
      'usr/local/lib/tmpfiles.d/netevd.conf',
      'etc/polkit-1/rules.d/50-netevd.rules',
      'usr/local/share/netevd/netevd.schema.json',
      'usr/local/share/netevd/prometheus/netevd.rules.yml',
      'usr/local/share/netevd/grafana/netevd.json',
      'usr/local/share/man/man8/netevd.8',
      'usr/local/share/man/man5/netevd.yaml.5',
      'usr/local/share/man/man7/netevd-hooks.7',
      'usr/local/share/bash-completion/completions/netevd',
      'usr/local/share/zsh/site-functions/_netevd',
      'usr/local/share/fish/vendor_completions.d/netevd.fish',
      'usr/local/share/netevd/netevd.yaml',
      'usr/local/share/doc/netevd/README.md',
      'usr/local/share/doc/netevd/docs/hooks.md',
      'usr/local/share/doc/netevd/third-party-licenses.md',
      'usr/local/share/doc/netevd/examples/netevd.yaml',
      'usr/local/share/doc/netevd/examples/hooks/00-tell',
      'etc/iproute2/rt_protos.d/netevd.conf',
      'etc/netevd/netevd.yaml',
    ]) {
      expect(files).toContain(path);
    }
    expect(files.filter((path) => path.endsWith('.new'))).toEqual([]);
  });

  test('makes every hook directory, for its owner alone to write', () => {
    for (const name of hookDirectories) {
      expect(statSync(join(stage, 'etc/netevd', `${name}.d`)).mode & 0o7777).toBe(0o755);
    }
    for (const name of tree()) {
      expect([
        name,
        lstatSync(join(stage, name)).isSymbolicLink() || (statSync(join(stage, name)).mode & 0o022) === 0,
      ]).toEqual([name, true]);
    }
  });

  test('names the paths as they are there', () => {
    expect(text('usr/local/lib/systemd/system/netevd.service')).toContain(
      '\nExecStart=/usr/local/bin/netevd\n',
    );
    expect(text('usr/local/lib/systemd/system/netevd.service')).toContain(
      '\nExecReload=/usr/local/bin/netevd validate\n',
    );
    expect(text('etc/netevd/netevd.yaml')).toContain('$schema=/usr/local/share/netevd/netevd.schema.json');
    const everywhere = tree().filter((name) => !/\/(lib\/netevd|bin|doc)\//.test(name));
    expect(everywhere.length).toBeGreaterThan(10);
    for (const name of everywhere)
      expect([name, text(name).match(/\/usr\/(bin\/netevd|share\/(doc\/)?netevd)/g)]).toEqual([name, null]);
  });

  test('gives documents the places to each other that their links take for granted', () => {
    const doc = join(stage, 'usr/local/share/doc/netevd');
    const dead = readdirSync(doc, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .flatMap((name) =>
        Array.from(text(join('usr/local/share/doc/netevd', name)).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
          .map(([, target]) => join(dirname(name), target ?? ''))
          .filter((target) => !existsSync(join(doc, target)))
          .map((target) => `${name} → ${target}`),
      );
    expect(dead).toEqual([]);
  });

  test('leaves a program that runs through its link and finds its addon', () => {
    const program = join(stage, 'usr/local/bin/netevd');
    const manifest: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(execFileSync(program, ['--version'], { encoding: 'utf8' }).trim()).toBe(manifest.version);
    // A directory that is none: the daemon gets as far as its first use of the addon, and no further.
    const config = join(stage, 'none.yaml');
    writeFileSync(config, `system: {runtime_directory: ${config}/x, log_format: json}\n`);
    const { stderr } = spawnSync(program, ['-c', config], { encoding: 'utf8', timeout: 10_000 });
    expect(stderr).not.toContain('netevd.node is missing');
    expect(stderr).toMatch(/runtime directory|no user 'netevd'/);
    rmSync(config);
  });

  test('a program that is copied without its addon reports that the addon is missing', () => {
    const alone = join(stage, 'alone');
    copyFileSync(join(stage, 'usr/local/lib/netevd/netevd'), alone);
    for (const words of [['hooks'], ['routing'], ['test', 'carrier.d/10-x'], ['start']]) {
      const { status, stdout, stderr } = spawnSync(alone, words, { encoding: 'utf8', timeout: 10_000 });
      expect([words, status, `${stdout}${stderr}`.includes('NETEVD_START_NATIVE')]).toEqual([words, 1, true]);
      expect(`${stdout}${stderr}`).not.toMatch(/^ +at /m);
    }
    rmSync(alone);
  });

  test('leaves manual pages without an unknown request', () => {
    for (const page of ['man8/netevd.8', 'man5/netevd.yaml.5', 'man7/netevd-hooks.7']) {
      const lines = text(join('usr/local/share/man', page)).split('\n');
      const requests = new Set(lines.filter((line) => /^[.']/.test(line)).map((line) => line.split(' ')[0]));
      expect(requests.difference(new Set(['.TH', '.SH', '.SS', '.PP', '.TP', '.br', '.nf', '.fi']))).toEqual(
        new Set(),
      );
    }
    expect(text('usr/local/share/man/man8/netevd.8')).toContain('.SS validate\n');
    expect(text('usr/local/share/man/man5/netevd.yaml.5')).toContain('\\fBhooks.timeout_sec\\fR\n');
  });

  test("keeps the operator's configuration over a second installation", () => {
    writeFileSync(join(stage, 'etc/netevd/netevd.yaml'), 'hooks: {timeout_sec: 7}\n');
    make('install');
    expect(text('etc/netevd/netevd.yaml')).toBe('hooks: {timeout_sec: 7}\n');
  }, 120_000);

  test('is undone by make uninstall, but for what is the operator’s', () => {
    writeFileSync(join(stage, 'etc/netevd/carrier.d/10-mine'), '#!/bin/sh\n');
    make('uninstall');
    expect(tree()).toEqual(['etc/netevd/carrier.d/10-mine', 'etc/netevd/netevd.yaml']);
  });
});
