/** What every ProcessSpawner promises, of the fake and of the real one. */
import { afterAll, describe, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadNative } from '../../src/platform/native.ts';
import { NativeProcessSpawner } from '../../src/platform/process-spawner.ts';
import type { ProcessSpawner, SpawnedProcess, SpawnRequest } from '../../src/ports/process-spawner.ts';
import { type FakeProgram, FakeSpawner } from '../../src/testing/fake-spawner.ts';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-spawner-')));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Each program twice: as a script and as a function. */
const programs: Readonly<Record<string, readonly [script: string, fake: (program: FakeProgram) => void]>> = {
  exits: ['exit 3', (program) => program.exit(3)],
  says: [
    'printf "%s|%s|%s|%s" "$0" "$WORD" "$(cat)" "$(env | grep -c =)"',
    (program) => {
      const { argv, environment, stdin } = program.request;
      const names = Object.keys(environment).length + 1; // a shell adds PWD
      program.write(`${argv[0]}|${environment['WORD']}|${new TextDecoder().decode(stdin)}|${names}`);
      program.exit(0);
    },
  ],
  floods: [
    'head -c 100000 /dev/zero',
    (program) => {
      program.write('\0'.repeat(100_000));
      program.exit(0);
    },
  ],
  waits: ['exec sleep 60', () => undefined],
};

interface World {
  readonly spawner: ProcessSpawner;
  file(program: string): string;
}
function realWorld(): World {
  for (const [name, [script]] of Object.entries(programs)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return { spawner: new NativeProcessSpawner(loadNative()), file: (name) => join(directory, name) };
}
function fakeWorld(): World {
  const spawner = new FakeSpawner();
  for (const [name, [, program]] of Object.entries(programs)) spawner.programs.set(`/fake/${name}`, program);
  return { spawner, file: (name) => `/fake/${name}` };
}

describe.each([
  ['the fake', fakeWorld],
  ['the real one', realWorld],
] as const)('%s', (_name, build) => {
  const world = build();
  const start = (program: string, over: Partial<SpawnRequest> = {}): SpawnedProcess => {
    const file = world.file(program);
    const stdin = new TextEncoder().encode('told');
    const environment = { PATH: '/usr/bin:/bin', WORD: 'given' };
    const outcome = world.spawner.spawn({
      file,
      argv: [file],
      environment,
      cwd: '/',
      stdin,
      outputLimit: 1024,
      ...over,
    });
    if (!outcome.ok) throw new Error(outcome.code);
    return outcome.process;
  };
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

  test('the result shows how a program ended', async () => {
    expect(await start('exits').ended).toMatchObject({ code: 3, signal: null });
  });

  test('gives it its arguments, its environment and its input, and nothing else', async () => {
    const { stdout } = await start('says').ended;
    expect(text(stdout)).toBe(`${world.file('says')}|given|told|3`);
  });

  test('keeps the first of its output, and counts the rest', async () => {
    const { stdout, dropped } = await start('floods').ended;
    expect([stdout.length, dropped]).toEqual([1024, 98_976]);
  });

  test('signals a process that runs', async () => {
    const process = start('waits');
    expect(process.signal(15)).toBe(true);
    expect(await process.ended).toMatchObject({ code: null, signal: 15 });
  });

  test('a signal after the end reaches no process', async () => {
    const process = start('exits');
    await process.ended;
    expect(process.signal(15)).toBe(false);
    process.release();
    expect(process.signal(15)).toBe(false);
  });

  test('signals its group after the end where that was held, until it is released', async () => {
    const process = start('waits');
    process.reserve();
    process.signal(15);
    await process.ended;
    expect(process.signal(9)).toBe(true);
    process.release();
    process.release();
    expect(process.signal(9)).toBe(false);
  });

  test('a hold that was taken back is none', async () => {
    const process = start('exits');
    process.reserve();
    process.release();
    await process.ended;
    expect(process.signal(9)).toBe(false);
  });

  test('a program that cannot start has its error code', () => {
    const file = world.file('nothing-there');
    const request = {
      file,
      argv: [file] as const,
      environment: {},
      cwd: '/',
      stdin: new Uint8Array(),
      outputLimit: 0,
    };
    expect(world.spawner.spawn(request)).toEqual({ ok: false, code: 'ENOENT' });
  });
});
