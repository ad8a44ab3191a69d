/** Starts that are refused: each with its exit code and one sentence with the fix. */
import { describe, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DaemonUnderTest, Site } from './daemon-under-test.ts';

interface Refused {
  readonly code: number;
  readonly errorCode: string;
  readonly text: string;
}

async function refused(site: Site, wrapper: readonly string[] = []): Promise<Refused> {
  await using daemon = new DaemonUnderTest(site, { wrapper });
  return await refusalOf(daemon);
}

async function refusalOf(daemon: DaemonUnderTest): Promise<Refused> {
  const code = await daemon.exited();
  const [line] = daemon.lines({ error_code: /^NETEVD_START_/ });
  return { code, errorCode: String(line?.['error_code']), text: line?.message ?? '' };
}

describe('a configuration that others can change is not obeyed by root', () => {
  const rows: readonly [what: string, spoil: (site: Site) => void, reason: RegExp][] = [
    ['its group', ({ configFile }) => chmodSync(configFile, 0o664), /netevd\.yaml\b.*\bgroup/],
    ['who can write to its directory', ({ root }) => chmodSync(root, 0o777), /\bsite-/],
    [
      'who can write where a link leads over',
      ({ root, configFile }) => {
        const open = join(root, 'open');
        mkdirSync(open);
        renameSync(configFile, join(open, 'real'));
        symlinkSync('open/real', configFile);
        chmodSync(open, 0o777);
      },
      /\/open\b/,
    ],
  ];
  test.each(rows)('%s', async (_what, spoil, reason) => {
    using site = new Site();
    spoil(site);
    const { code, errorCode, text } = await refused(site);
    expect([code, errorCode]).toEqual([78, 'NETEVD_START_CONFIG_OWNER']);
    expect(text).toMatch(reason);
    expect(text).toContain('chmod go-w');
  });
});

test('with too low a limit of open files it does not start, with a reason and not as a bug', async () => {
  const refusals: Refused[] = [];
  for (let limit = 7; limit <= 12; limit++) {
    using site = new Site();
    await using daemon = new DaemonUnderTest(site, { wrapper: ['prlimit', `--nofile=${limit}`] });
    const outcome = await Promise.race([
      daemon.exited(),
      daemon.ready().then(
        () => 'ready' as const,
        () => 'ended' as const,
      ),
    ]);
    if (outcome === 'ready') break;
    refusals.push(await refusalOf(daemon));
  }
  expect(refusals.length).toBeGreaterThan(0);
  for (const { code, errorCode } of refusals) {
    expect(code).toBe(1);
    expect(errorCode).toStartWith('NETEVD_START_');
  }
});

test.each([
  'BUN_INSPECT=127.0.0.1:6499',
  'BUN_OPTIONS=--smol',
  'BUN_JSC_useSamplingProfiler=0',
  'MIMALLOC_VERBOSE=0',
])('with %s it does not open its runtime', async (setting) => {
  using site = new Site();
  const [name = ''] = setting.split('=');
  const { code, text } = await refused(site, ['env', setting]);
  expect([code, text]).toEqual([1, expect.stringContaining(`unset ${name}`)]);
});
