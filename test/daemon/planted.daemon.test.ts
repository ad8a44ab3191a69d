/** What hooks, as processes of the daemon's user, may leave in the state directory, and what a machine may run short of. */
import { describe, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { journalPath } from '../../src/store/journal/journal-file.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { Site } from './daemon-under-test.ts';
import { Cable } from './links.ts';

/** Every name that the daemon uses there, also those that it has only for a moment. */
const names = [
  'journal',
  'journal.new',
  'journal.broken',
  'last-seq',
  'last-seq.new',
  'failed-starts',
  'failed-starts.new',
  'rt_tables.conf',
  'rt_tables.conf.new',
  'diagnostics.json',
  'diagnostics.json.new',
  'lock',
];

/** Shell commands: `$0` is the name, `$1` a file of somebody else's. */
const plants: readonly [what: string, command: string][] = [
  ['pipes', 'mkfifo "$0"'],
  ['links to a file', 'ln -s "$1" "$0"'],
  ['links to nothing', 'ln -s /nowhere/at/all "$0"'],
  ['empty directories', 'mkdir "$0"'],
  ['directories with files', 'mkdir -p "$0/a" && touch "$0/a/b"'],
  ['other names of a file', 'ln "$1" "$0"'],
  ['rubbish', 'head -c 10000 /dev/urandom >"$0"'],
  ['files without end', 'truncate -s 1T "$0"'],
];

describe('a start', () => {
  test.each(plants)('is not kept back by %s at every name of the state directory', async (_what, command) => {
    using site = new Site();
    site.record('carrier');
    mkdirSync(site.runtime, { recursive: true });
    const victim = join(site.root, 'victim');
    writeFileSync(victim, 'untouched');
    for (const name of names) Bun.spawnSync(['sh', '-c', command, join(site.runtime, name), victim]);
    using cable = new Cable('eth0', 1);
    cable.up();
    await using daemon = await site.start();
    daemon.signal('SIGUSR2');
    await daemon.logged({ component: 'diagnostics', path: join(site.runtime, 'diagnostics.json') });
    await cable.carrier('on');
    await waitUntil('the hook', () => site.told().includes('eth0 carrier'));
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
    expect(await daemon.stop()).toBe(0);
  });

  test('reads a journal of the largest size and the worst content within its time', async () => {
    using site = new Site();
    {
      await using daemon = await site.start();
      await daemon.stop();
    }
    const first = readFileSync(journalPath(site.runtime), 'utf8').split('\n')[0] ?? '';
    const text = '{"kind":"done","id":"x"}';
    const line = `${Bun.hash.crc32(text).toString(16).padStart(8, '0')} ${text}\n`;
    writeFileSync(
      journalPath(site.runtime),
      `${first}\n${line.repeat(Math.floor((8e6 - first.length) / line.length))}`,
    );
    await using daemon = await site.start();
    expect(daemon.lines({ messageId: 'stateBroken' })).toEqual([]);
  });
});

describe('a shortage', () => {
  test('of open files delays a hook, is reported once, and loses none', async () => {
    using site = new Site();
    site.record('carrier', 'no-carrier');
    using cable = new Cable('eth0', 1);
    cable.up();
    await cable.carrier('on');
    await using daemon = await site.start({
      config: { hooks: { directory: site.hooks, on_start: 'never' } },
    });
    Bun.spawnSync(['prlimit', '--pid', String(daemon.pid), '--nofile=8:4096']);
    await cable.carrier('off');
    await daemon.logged({ error_code: 'NETEVD_HOOK_DELAYED', errno: 'EMFILE' });
    expect(site.told()).toEqual([]);
    Bun.spawnSync(['prlimit', '--pid', String(daemon.pid), '--nofile=4096:4096']);
    await waitUntil('the hook', () => site.told().includes('eth0 no-carrier'));
    expect(site.told()).toEqual(['eth0 no-carrier']);
    expect(daemon.lines({ error_code: 'NETEVD_HOOK_DELAYED' })).toHaveLength(1);
  });
});
