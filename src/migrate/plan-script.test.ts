import { describe, expect, test } from 'bun:test';
import { sampleScript } from '../testing/migration-input.ts';
import type { Contract, HookTarget } from './contract.ts';
import { networkdDispatcher } from './contracts/networkd-dispatcher.ts';
import type { InputFile } from './input.ts';
import { planScript, type ScriptSetting } from './plan-script.ts';

const routable: HookTarget = { directory: 'routable' };
const setting = (over: Partial<ScriptSetting> = {}): ScriptSetting => ({
  program: 'networkd-dispatcher',
  contract: networkdDispatcher,
  into: { configFile: '/etc/netevd/netevd.yaml', hookDirectory: '/etc/netevd' },
  shelf: 'migrated/networkd-dispatcher/routable.d',
  targets: [routable],
  givesArguments: false,
  ...over,
});
const plan = (text: string, over: Partial<InputFile> = {}, set: Partial<ScriptSetting> = {}) =>
  planScript(sampleScript('/old/routable.d/10-x', text, over), setting(set));
const paths = (
  text: string,
  over: Partial<InputFile> = {},
  set: Partial<ScriptSetting> = {},
): readonly string[] =>
  plan(text, over, set).files.map(({ role, path, mode }) => `${role} ${path} ${mode.toString(8)}`);

const itself = 'original /etc/netevd/migrated/networkd-dispatcher/routable.d/10-x 755';

describe('planScript', () => {
  test('a script that uses no renamed variable is copied', () => {
    expect(paths('#!/bin/sh\necho $STATE')).toEqual(['hook /etc/netevd/routable.d/10-x 755']);
    expect(plan('#!/bin/sh\necho $STATE').files[0]?.content).toEqual(
      new TextEncoder().encode('#!/bin/sh\necho $STATE'),
    );
  });

  test('a script that uses a renamed variable gets a wrapper, written after the script', () => {
    expect(paths('#!/bin/sh\necho $IFACE')).toEqual([itself, 'wrapper /etc/netevd/routable.d/10-x 755']);
  });

  test("a script that reads the old program's arguments gets a wrapper", () => {
    expect(paths('#!/bin/sh\necho $1')).toHaveLength(1);
    expect(paths('#!/bin/sh\necho $1', {}, { givesArguments: true })).toHaveLength(2);
  });

  test('a script with a guard gets a wrapper', () => {
    const guarded: HookTarget = { directory: 'off', guard: ['exit 0'] };
    expect(paths('#!/bin/sh\n:', {}, { targets: [guarded] })).toHaveLength(2);
  });

  test('a compiled program gets a wrapper and a finding', () => {
    const binary = plan('', { content: new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0xff]) });
    expect(binary.how).toBe('wrapped');
    expect(binary.findings.map(({ kind }) => kind)).toEqual(['behaviour']);
  });

  const obstacles: readonly (readonly [string, Partial<InputFile>, Partial<ScriptSetting>])[] = [
    ['is masked', { kind: 'masked' }, {}],
    ['is a directory', { kind: 'directory' }, {}],
    ['cannot be read', { kind: 'unreadable', errno: 'EACCES' }, {}],
    ['is a device', { kind: 'other' }, {}],
    ["is a package's", { package: 'chrony' }, {}],
    ['is what an editor left', { name: '10-x~' }, {}],
    ['has a name that hooks cannot have', { name: 'ü' }, {}],
    ['is not executable', { mode: 0o644 }, {}],
    ['has no event', {}, { targets: [] }],
  ];
  test.each(obstacles)('a script that %s is left, with a finding', (_, over, set) => {
    const left = plan('#!/bin/sh\n:', over, set);
    expect(left.how).toBe('left');
    expect(left.files).toEqual([]);
    expect(left.findings.map(({ kind, file }) => [kind, file])).toEqual([['left', '/old/routable.d/10-x']]);
  });
});

describe('planScript: findings', () => {
  const kinds = (text: string, over: Partial<InputFile> = {}) =>
    plan(text, over).findings.map(({ kind, line }) => `${kind} ${line}`);

  test('a script without differences has no findings', () => {
    expect(kinds('#!/bin/sh\necho $IFACE')).toEqual([]);
  });

  test('commands that need a privilege are findings, at most three', () => {
    expect(kinds('#!/bin/sh\nip link set a up\n\nsudo x\n')).toEqual(['privilege 2', 'privilege 4']);
    expect(kinds(`#!/bin/sh\n${'sudo x\n'.repeat(9)}`)).toEqual([
      'privilege 2',
      'privilege 3',
      'privilege 4',
    ]);
  });

  test('variables that are different or not available are findings', () => {
    const contract: Contract = {
      variables: [
        { name: 'GONE_*', note: 'it is gone' },
        { name: 'OTHER', lines: ['export OTHER=1'], note: 'it differs' },
      ],
      jsonKeys: [],
    };
    const { findings } = plan('#!/bin/sh\necho $OTHER\necho $GONE_2', {}, { contract });
    expect(findings.map(({ kind, line }) => `${kind} ${line}`)).toEqual(['behaviour 2', 'variable 3']);
  });

  test('absent keys of the JSON are findings', () => {
    expect(
      kinds('#!/usr/bin/python3\nimport json, os\nx = json.loads(os.environ["json"])["HW Address"]'),
    ).toEqual(['behaviour 3', 'json-key 3']);
    expect(kinds('#!/bin/sh\necho "Driver"')).toEqual([]);
  });

  test('an absent #! line is a finding', () => {
    expect(kinds('echo')).toEqual(['behaviour 1']);
  });

  test('a script that other users could have written has a finding', () => {
    expect(kinds('#!/bin/sh\n:', { owner: 1000 })).toEqual(['behaviour 0']);
    expect(kinds('#!/bin/sh\n:', { mode: 0o775 })).toEqual(['behaviour 0']);
  });
});
