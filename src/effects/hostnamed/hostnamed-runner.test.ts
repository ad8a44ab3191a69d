import { beforeEach, describe, expect, test } from 'bun:test';
import { FakeBus } from '../../testing/fake-bus.ts';
import { HostnamedRunner } from './hostnamed-runner.ts';

/** A hostnamed with these names: what it was asked to set is in `set`. */
let bus: FakeBus;
let names: { Hostname: string; StaticHostname: string };
let set: unknown[];
let refusal: string | undefined;

beforeEach(() => {
  bus = new FakeBus();
  names = { Hostname: 'localhost', StaticHostname: '' };
  set = [];
  refusal = undefined;
  bus.own('org.freedesktop.hostname1', (call, answer) => {
    const [first, second] = call.body?.values ?? [];
    if (call.member === 'Get') {
      const value = names[second as keyof typeof names];
      answer({ ok: true, values: [{ signature: 's', value }] });
      return;
    }
    set.push([call.interface, call.member, call.body, call.mayStartService]);
    if (refusal === undefined) {
      names.Hostname = names.StaticHostname || String(first) || 'localhost';
      answer({ ok: true, values: [] });
    } else answer({ ok: false, name: refusal, message: 'no' });
  });
});

const setName = { kind: 'setHostname', name: 'printer', from: '2.1' } as const;
const reset = { kind: 'resetHostname', expected: 'printer', to: '' } as const;
const asked = (name: string): unknown => [
  'org.freedesktop.hostname1',
  'SetHostname',
  { signature: 'sb', values: [name, false] },
  true,
];

describe('HostnamedRunner', () => {
  test('sets the transient host name', async () => {
    const outcomes = await new HostnamedRunner(bus).run([setName]);
    expect(outcomes).toEqual([{ call: setName, result: { kind: 'done', before: 'localhost' } }]);
    expect(set).toEqual([asked('printer')]);
  });

  test('reports a static name that overrules the transient one', async () => {
    names.StaticHostname = 'fixed';
    const [outcome] = await new HostnamedRunner(bus).run([setName]);
    expect(outcome?.result).toEqual({ kind: 'done', before: 'localhost', staticName: 'fixed' });
    names.StaticHostname = 'printer';
    const [again] = await new HostnamedRunner(bus).run([setName]);
    expect(again?.result).toEqual({ kind: 'done', before: 'fixed' });
  });

  test('does not set a name that the host has already', async () => {
    names.Hostname = 'printer';
    const [outcome] = await new HostnamedRunner(bus).run([setName]);
    expect(outcome?.result).toEqual({ kind: 'done', before: 'printer' });
    await new HostnamedRunner(bus).run([{ ...reset, to: 'printer' }]);
    expect(set).toEqual([]);
  });

  test('a host name that hostnamed refuses is reported as refused', async () => {
    refusal = 'org.freedesktop.DBus.Error.AccessDenied';
    for (const call of [setName, { ...reset, expected: 'localhost' }]) {
      const [outcome] = await new HostnamedRunner(bus).run([call]);
      expect(outcome?.result).toEqual({ kind: 'failed', error: refusal, text: 'no' });
    }
  });

  test('resets the name unless another program has changed it', async () => {
    await new HostnamedRunner(bus).run([setName, reset]);
    expect(set).toEqual([asked('printer'), asked('')]);
    await new HostnamedRunner(bus).run([setName, { ...reset, to: 'laptop' }]);
    expect(set.splice(2)).toEqual([asked('printer'), asked('laptop')]);
    names.Hostname = 'by-hand';
    expect(await new HostnamedRunner(bus).run([reset])).toEqual([{ call: reset, result: { kind: 'done' } }]);
    expect(set).toHaveLength(2);
  });
});
