import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact } from '../../core/model/fact.ts';
import { LinkFlag, OperStatus } from '../../core/model/kernel-objects.ts';
import { encodeFacts, encodeHeader } from '../../core/recording/recording.ts';
import { sampleAddress, sampleLinkObject, sampleRoute } from '../../testing/sample-state.ts';
import { type ReplayOptions, runReplayCommand } from './replay-command.ts';

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-replay-')));
  mkdirSync(join(directory, 'hooks/no-carrier.d'), { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

const down = sampleLinkObject({ flags: LinkFlag.up, operStatus: OperStatus.down });
const facts: readonly Fact[] = [
  {
    kind: 'kernelRead',
    snapshot: {
      drivers: new Map(),
      links: [sampleLinkObject()],
      addresses: [sampleAddress('192.168.1.100')],
      routes: [sampleRoute()],
      rules: [],
    },
  },
  { kind: 'linkObserved', link: down },
];
const header = { startedAt: 1_790_000_000_000, backend: 'auto', isRedacted: false } as const;
const recording = (): string => {
  const lines = facts.map((fact, i) => encodeFacts({ after: i * 2000, facts: [fact] }));
  return `${[encodeHeader(header), ...lines].join('\n')}\n`;
};

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly waited: readonly number[];
}

async function run(text = recording(), over: Partial<ReplayOptions> = {}, yaml = ''): Promise<Run> {
  const [file, config] = [join(directory, 'recording.jsonl'), join(directory, 'netevd.yaml')];
  writeFileSync(file, text);
  writeFileSync(config, yaml);
  const [out, err]: string[][] = [[], []];
  const waited: number[] = [];
  const io = {
    stdout: { write: (some: string) => void out?.push(some) },
    stderr: { write: (some: string) => void err?.push(some) },
    isTerminal: false,
    env: {},
  };
  const options: ReplayOptions = {
    file,
    config,
    hooks: join(directory, 'hooks'),
    realTime: false,
    format: 'json',
    ...over,
  };
  const code = await runReplayCommand(options, io, {
    user: { lookup: () => null, unitUser: undefined },
    wait: (time) => {
      waited.push(time);
      return Promise.resolve();
    },
  });
  return { code, out: (out ?? []).join(''), err: (err ?? []).join(''), waited };
}

interface Line {
  readonly after_ms: number;
  readonly record?: { readonly event: string; readonly link: string | null };
  readonly hook?: { readonly path: string; readonly runs: boolean; readonly reason: string | null };
}
const linesOf = ({ out }: Run): Line[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('netevd replay', () => {
  test('prints the records of the recording, with their times', async () => {
    const lines = linesOf(await run());
    const lost = lines.find(({ record }) => record?.event === 'no-carrier');
    expect([lost?.after_ms, lost?.record?.link]).toEqual([2000, 'eth0']);
    expect(lines.some(({ record }) => record?.event === 'offline')).toBe(true);
  });

  test('names the hooks that would run, and why others would not', async () => {
    const [good, bad] = ['10-good', '20-bad'].map((name) => join(directory, 'hooks/no-carrier.d', name));
    for (const file of [good, bad]) writeFileSync(file ?? '', '#!/bin/sh\n');
    chmodSync(good ?? '', 0o755);
    chmodSync(bad ?? '', 0o777);
    chmodSync(directory, 0o755);
    const hooks = linesOf(await run()).flatMap(({ hook }) => hook ?? []);
    // The directory for temporary files may be one that netevd trusts nobody in: then it refuses both.
    expect(hooks.map(({ path }) => path)).toEqual([good ?? '', bad ?? '']);
    expect(hooks[1]?.runs).toBe(false);
    expect(hooks[1]?.reason).not.toBeNull();
  });

  test('applies the filters of the configuration', async () => {
    const script = join(directory, 'hooks/no-carrier.d/10-good');
    writeFileSync(script, '#!/bin/sh\n');
    chmodSync(script, 0o755);
    const yaml = 'filters: [{match_rule: {event_type: no-carrier}, action: ignore}]\n';
    const [hook] = linesOf(await run(recording(), {}, yaml)).flatMap((line) => line.hook ?? []);
    expect(hook).toMatchObject({ runs: false, reason: 'ignored by filters[0]' });
  });

  test('keeps the tempo of the recording on request', async () => {
    expect((await run()).waited).toEqual([]);
    const { waited } = await run(recording(), { realTime: true });
    const total = waited.reduce((sum, time) => sum + time, 0);
    expect(total).toBeGreaterThanOrEqual(2000);
  });

  const refused: readonly [name: string, text: string, code: string][] = [
    ['a file that is no recording', 'hello\n', 'NETEVD_RECORDING_FORMAT'],
    [
      'a recording of a newer version',
      recording().replace('"version":1', '"version":9'),
      'NETEVD_RECORDING_VERSION',
    ],
  ];
  test.each(refused)('refuses %s', async (_name, text, code) => {
    const result = await run(text);
    expect([result.code, result.out]).toEqual([1, '']);
    expect(result.err).toContain(code);
  });

  test('refuses an invalid configuration', async () => {
    expect((await run(recording(), {}, 'hooks: 7\n')).code).toBe(78);
  });
});
