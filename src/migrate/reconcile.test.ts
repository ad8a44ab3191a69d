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

describe('reconcile', () => {
  const rows: readonly (readonly [string, PlannedFile, Existing, string, string])[] = [
    ['is new if the path is free', file('hook'), { kind: 'absent' }, 'new', '/etc/netevd/x'],
    ['is the same if it exists already', file('hook'), there('a'), 'same', '/etc/netevd/x'],
    ['is refused if a different file exists', file('hook'), there('b'), 'refused', '/etc/netevd/x'],
    ['is refused if the mode differs', file('wrapper'), there('a', 0o644), 'refused', '/etc/netevd/x'],
    [
      'is refused if a directory exists',
      file('hook'),
      { kind: 'other', what: 'a directory' },
      'refused',
      '/etc/netevd/x',
    ],
    [
      'is written beside a different configuration',
      file('configuration'),
      there('b'),
      'new',
      '/etc/netevd/x.migrated',
    ],
    [
      'is the same if only the mode of a configuration differs',
      file('configuration'),
      there('a', 0o640),
      'same',
      '/etc/netevd/x',
    ],
  ];
  test.each(rows)('a planned file %s', (_, planned, existing, state, path) => {
    const write = reconcile(planned, world({ '/etc/netevd/x': existing }));
    expect(write).toMatchObject({ state, path });
    expect(write.problem?.code).toBe(state === 'refused' ? 'NETEVD_MIGRATE_TARGET' : undefined);
  });

  test('a second configuration is refused if the migrated one differs', () => {
    const both = world({ '/etc/netevd/x': there('b'), '/etc/netevd/x.migrated': there('c') });
    expect(reconcile(file('configuration'), both).state).toBe('refused');
    const again = world({ '/etc/netevd/x': there('b'), '/etc/netevd/x.migrated': there('a') });
    expect(reconcile(file('configuration'), again).state).toBe('same');
  });
});

describe('withoutCollisions', () => {
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

  test('equal files with one name keep it', () => {
    expect(paths(plan('ifupdown', 'a'), plan('NetworkManager', 'a'))).toEqual([
      '/etc/netevd/x',
      '/etc/netevd/x',
    ]);
  });

  test('different files with one name get the name of their source', () => {
    expect(paths(plan('ifupdown', 'a', 'b', 'c'), plan('NetworkManager', 'd'))).toEqual([
      '/etc/netevd/x',
      '/etc/netevd/x-ifupdown',
      '/etc/netevd/x-ifupdown-2',
      '/etc/netevd/x-NetworkManager',
    ]);
  });
});
