import { describe, expect, test } from 'bun:test';
import { bytesOf } from './input.ts';
import type { FileRole, PlannedFile, SourcePlan } from './plan.ts';
import { type Existing, reconcile, withoutCollisions } from './reconcile.ts';

const file = (role: FileRole, text = 'a', path = '/etc/netevd/x'): PlannedFile => ({
  role,
  path,
  mode: role === 'configuration' ? 0o644 : 0o755,
  content: bytesOf(text),
});
const there = (text: string, mode = 0o755): Existing => ({ kind: 'file', content: bytesOf(text), mode });
const world =
  (files: Readonly<Record<string, Existing>>) =>
  (path: string): Existing =>
    files[path] ?? { kind: 'absent' };

describe('a file of the plan', () => {
  const rows: readonly (readonly [string, PlannedFile, Existing, string, string])[] = [
    ['is new where nothing is', file('hook'), { kind: 'absent' }, 'new', '/etc/netevd/x'],
    ['is the same where it is there already', file('hook'), there('a'), 'same', '/etc/netevd/x'],
    ['is refused where another is', file('hook'), there('b'), 'refused', '/etc/netevd/x'],
    ['is refused where its mode is another', file('wrapper'), there('a', 0o644), 'refused', '/etc/netevd/x'],
    [
      'is refused where a directory is',
      file('hook'),
      { kind: 'other', what: 'a directory' },
      'refused',
      '/etc/netevd/x',
    ],
    ['goes beside another configuration', file('configuration'), there('b'), 'new', '/etc/netevd/x.migrated'],
    [
      'is the same whatever the mode of a configuration',
      file('configuration'),
      there('a', 0o640),
      'same',
      '/etc/netevd/x',
    ],
  ];
  test.each(rows)('%s', (_, planned, existing, state, path) => {
    const write = reconcile(planned, world({ '/etc/netevd/x': existing }));
    expect(write).toMatchObject({ state, path });
    expect(write.problem?.code).toBe(state === 'refused' ? 'NETEVD_MIGRATE_TARGET' : undefined);
  });

  test('goes nowhere where a configuration is beside it, too', () => {
    const both = world({ '/etc/netevd/x': there('b'), '/etc/netevd/x.migrated': there('c') });
    expect(reconcile(file('configuration'), both).state).toBe('refused');
    const again = world({ '/etc/netevd/x': there('b'), '/etc/netevd/x.migrated': there('a') });
    expect(reconcile(file('configuration'), again).state).toBe('same');
  });
});

describe('two files of one name', () => {
  const plan = (source: SourcePlan['source'], ...texts: readonly string[]): SourcePlan => ({
    source,
    places: [],
    scripts: texts.map((text) => ({
      script: text,
      how: 'copied',
      files: [file('hook', text)],
      findings: [],
    })),
    unknownKeys: [],
    findings: [],
    problems: [],
    next: [],
  });
  const paths = (...plans: readonly SourcePlan[]): readonly string[] =>
    withoutCollisions(plans).flatMap(({ scripts }) =>
      scripts.flatMap(({ files }) => files.map(({ path }) => path)),
    );

  test('keep it where they are the same', () => {
    expect(paths(plan('ifupdown', 'a'), plan('NetworkManager', 'a'))).toEqual([
      '/etc/netevd/x',
      '/etc/netevd/x',
    ]);
  });

  test('get the name of their source where they are not', () => {
    expect(paths(plan('ifupdown', 'a', 'b', 'c'), plan('NetworkManager', 'd'))).toEqual([
      '/etc/netevd/x',
      '/etc/netevd/x-ifupdown',
      '/etc/netevd/x-ifupdown-2',
      '/etc/netevd/x-NetworkManager',
    ]);
  });
});
