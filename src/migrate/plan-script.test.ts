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

describe('a script', () => {
  test('is copied as it is where it uses nothing that is spelled otherwise', () => {
    expect(paths('#!/bin/sh\necho $STATE')).toEqual(['hook /etc/netevd/routable.d/10-x 755']);
    expect(plan('#!/bin/sh\necho $STATE').files[0]?.content).toEqual(
      new TextEncoder().encode('#!/bin/sh\necho $STATE'),
    );
  });

  test('gets a wrapper, which comes after what it calls, where it does', () => {
    expect(paths('#!/bin/sh\necho $IFACE')).toEqual([itself, 'wrapper /etc/netevd/routable.d/10-x 755']);
  });

  test('gets a wrapper where it reads arguments, and the old program gave some', () => {
    expect(paths('#!/bin/sh\necho $1')).toHaveLength(1);
    expect(paths('#!/bin/sh\necho $1', {}, { givesArguments: true })).toHaveLength(2);
  });

  test('gets a wrapper where a guard decides whether it runs', () => {
    const guarded: HookTarget = { directory: 'off', guard: ['exit 0'] };
    expect(paths('#!/bin/sh\n:', {}, { targets: [guarded] })).toHaveLength(2);
  });

  test('that is a program gets a wrapper, and a word that nothing is known of it', () => {
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
  test.each(obstacles)('that %s is left where it is, and why is said', (_, over, set) => {
    const left = plan('#!/bin/sh\n:', over, set);
    expect(left.how).toBe('left');
    expect(left.files).toEqual([]);
    expect(left.findings.map(({ kind, file }) => [kind, file])).toEqual([['left', '/old/routable.d/10-x']]);
  });
});

describe('what is said of a script', () => {
  const kinds = (text: string, over: Partial<InputFile> = {}) =>
    plan(text, over).findings.map(({ kind, line }) => `${kind} ${line}`);

  test('is nothing where nothing differs', () => {
    expect(kinds('#!/bin/sh\necho $IFACE')).toEqual([]);
  });

  test('is each command that needs a privilege, three at most', () => {
    expect(kinds('#!/bin/sh\nip link set a up\n\nsudo x\n')).toEqual(['privilege 2', 'privilege 4']);
    expect(kinds(`#!/bin/sh\n${'sudo x\n'.repeat(9)}`)).toEqual([
      'privilege 2',
      'privilege 3',
      'privilege 4',
    ]);
  });

  test('is each variable that is different, and each that cannot be had', () => {
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

  test('is each key of the JSON that is not there', () => {
    expect(
      kinds('#!/usr/bin/python3\nimport json, os\nx = json.loads(os.environ["json"])["HW Address"]'),
    ).toEqual(['behaviour 3', 'json-key 3']);
    expect(kinds('#!/bin/sh\necho "Driver"')).toEqual([]);
  });

  test('is that it is not started without #!', () => {
    expect(kinds('echo')).toEqual(['behaviour 1']);
  });

  test('is that others than root could have written it', () => {
    expect(kinds('#!/bin/sh\n:', { owner: 1000 })).toEqual(['behaviour 0']);
    expect(kinds('#!/bin/sh\n:', { mode: 0o775 })).toEqual(['behaviour 0']);
  });
});
