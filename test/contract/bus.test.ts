/** What a BusConnection promises, shown on the fake and on a real dbus-daemon. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { millis } from '../../src/core/model/ids.ts';
import type { BusCall, BusSignal, CallResult, ServiceFollower } from '../../src/ports/bus-connection.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { fakeWorld, realWorld, type World } from './bus-world.ts';
import { hasDbusDaemon } from './private-bus.ts';

const name = 'org.netevd.Test';
const there = { path: '/org/netevd/link/_31', interface: 'org.netevd.Link', member: 'Changed' } as const;

/** Records the calls of a follower as text. */
class Told implements ServiceFollower {
  readonly name: string = name;
  readonly signals: ServiceFollower['signals'] = [
    { interface: 'org.netevd.Link', member: 'Changed', pathNamespace: '/org/netevd/link' },
    { interface: 'org.netevd.Manager', member: 'Changed', path: '/org/netevd' },
  ];
  readonly words: string[] = [];

  appeared(owner: string): void {
    this.words.push(`appeared ${owner}`);
  }
  vanished(): void {
    this.words.push('vanished');
  }
  lost(cause: string): void {
    this.words.push(`lost ${cause}`);
  }
  signal({ path, member, values }: BusSignal): void {
    this.words.push(`${member} of ${path}: ${values.join()}`);
  }

  async until(...words: string[]): Promise<void> {
    await waitUntil(
      `${JSON.stringify(words)}, not only ${JSON.stringify(this.words)}`,
      () => this.words.length >= words.length,
    );
    expect(this.words).toEqual(words);
  }
}

const callTo = (destination: string, member: string, more: Partial<BusCall> = {}): BusCall => ({
  destination,
  path: '/org/netevd',
  interface: 'org.netevd.Manager',
  member,
  ...more,
});

const worlds = [
  ['fake', fakeWorld, true],
  ['dbus-daemon', realWorld, hasDbusDaemon],
] as const;

for (const [world, make, isThere] of worlds) {
  describe.if(isThere)(`a bus connection (${world})`, () => {
    let its: World;
    let told: Told;
    beforeEach(async () => {
      its = await make();
      told = new Told();
    });
    afterEach(async () => {
      await its[Symbol.asyncDispose]();
    });

    const ask = async (call: BusCall): Promise<CallResult> => {
      const { promise, resolve } = Promise.withResolvers<CallResult>();
      its.bus.call(call, resolve);
      return await promise;
    };

    test('a follower gets a present service, and its start, end and replacement', async () => {
      const first = await its.own(name);
      its.bus.follow(told);
      await told.until(`appeared ${first}`);
      await its.release(name);
      await told.until(`appeared ${first}`, 'vanished');
      const second = await its.own(name);
      await told.until(`appeared ${first}`, 'vanished', `appeared ${second}`);
      const third = await its.own(name);
      const all = [`appeared ${first}`, 'vanished', `appeared ${second}`, 'vanished', `appeared ${third}`];
      await told.until(...all);
    });

    test('a follower gets the absence of a service', async () => {
      its.bus.follow(told);
      await told.until('vanished');
    });

    test('a follower gets the selected signals in order, and no others', async () => {
      const owner = await its.own(name);
      its.bus.follow(told);
      await told.until(`appeared ${owner}`);
      its.emit(name, there, 'one');
      its.emit(name, { ...there, path: '/org/netevd/linkage' }, 'beside the namespace');
      its.emit(name, { ...there, member: 'Other' }, 'another signal');
      its.emit(name, { ...there, interface: 'org.netevd.Other' }, 'another interface');
      its.emit(name, { ...there, interface: 'org.netevd.Manager' }, 'not below this object');
      its.emit(name, { ...there, path: '/org/netevd', interface: 'org.netevd.Manager' }, 'two');
      its.emit(name, { ...there, path: '/org/netevd/link' }, 'three');
      await told.until(
        `appeared ${owner}`,
        'Changed of /org/netevd/link/_31: one',
        'Changed of /org/netevd: two',
        'Changed of /org/netevd/link: three',
      );
    });

    test('a follower gets signals of the owner of the name only', async () => {
      const owner = await its.own(name);
      its.bus.follow(told);
      await told.until(`appeared ${owner}`);
      await its.forge(there, 'forged');
      its.emit(name, there, 'true');
      await told.until(`appeared ${owner}`, 'Changed of /org/netevd/link/_31: true');
    });

    test('a follower gets no signals while the name has no owner', async () => {
      its.bus.follow(told);
      await told.until('vanished');
      await its.forge(there, 'forged');
      const owner = await its.own(name);
      await told.until('vanished', `appeared ${owner}`);
    });

    test('brings answers and errors as values', async () => {
      const owner = await its.own(name, (member, reply) => {
        if (member === 'Refuse') reply({ ok: false, name: 'org.netevd.Error.No', message: 'not today' });
        else reply({ ok: true, values: ['a', 'ü'] });
      });
      its.bus.follow(told);
      await told.until(`appeared ${owner}`);
      expect(await ask(callTo(owner, 'Get'))).toEqual({ ok: true, values: ['a', 'ü'] });
      expect(await ask(callTo(name, 'Get'))).toEqual({ ok: true, values: ['a', 'ü'] });
      const refused: CallResult = { ok: false, name: 'org.netevd.Error.No', message: 'not today' };
      expect(await ask(callTo(owner, 'Refuse'))).toEqual(refused);
      expect(await ask(callTo('org.netevd.Nobody', 'Get'))).toMatchObject({
        ok: false,
        name: 'org.freedesktop.DBus.Error.NameHasNoOwner',
      });
    });

    test('keeps answers and signals in the order of the bus', async () => {
      const owner = await its.own(name, (_member, reply) => {
        its.emit(name, there, 'before');
        reply({ ok: true, values: ['answer'] });
        its.emit(name, there, 'after');
      });
      its.bus.follow(told);
      await told.until(`appeared ${owner}`);
      its.bus.call(callTo(owner, 'Get'), (result) => {
        told.words.push(result.ok ? String(result.values[0]) : result.name);
      });
      const at = 'Changed of /org/netevd/link/_31:';
      await told.until(`appeared ${owner}`, `${at} before`, 'answer', `${at} after`);
    });

    test('fails what waits when the bus goes, and reads again when it is back', async () => {
      const owner = await its.own(name);
      its.bus.follow(told);
      await told.until(`appeared ${owner}`);
      const waiting = ask(callTo(owner, 'Get'));
      await its.cut();
      expect(await waiting).toMatchObject({ ok: false, name: 'netevd.Disconnected' });
      await told.until(`appeared ${owner}`, 'lost disconnected');
      expect(await ask(callTo(owner, 'Get'))).toMatchObject({ ok: false, name: 'netevd.Disconnected' });
      await its.restore();
      await told.until(`appeared ${owner}`, 'lost disconnected', 'vanished');
      const next = await its.own(name);
      its.emit(name, there, 'again');
      await told.until(
        `appeared ${owner}`,
        'lost disconnected',
        'vanished',
        `appeared ${next}`,
        'Changed of /org/netevd/link/_31: again',
      );
    });

    test('is silent for who has stopped to follow', async () => {
      const owner = await its.own(name);
      const other = new Told();
      const following = its.bus.follow(told);
      its.bus.follow(other);
      await told.until(`appeared ${owner}`);
      await other.until(`appeared ${owner}`);
      following[Symbol.dispose]();
      its.emit(name, there, 'one');
      await other.until(`appeared ${owner}`, 'Changed of /org/netevd/link/_31: one');
      await told.until(`appeared ${owner}`);
    });
  });
}

describe.if(hasDbusDaemon)('a bus connection (dbus-daemon)', () => {
  test('gives up on an answer when its time is over', async () => {
    await using its = await realWorld();
    const told = new Told();
    const owner = await its.own(name);
    its.bus.follow(told);
    await told.until(`appeared ${owner}`);
    const { promise, resolve } = Promise.withResolvers<CallResult>();
    its.bus.call(callTo(owner, 'Get', { timeout: millis(20) }), resolve);
    expect(await promise).toMatchObject({ ok: false, name: 'netevd.TimedOut' });
  });
});
