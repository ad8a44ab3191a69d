import { describe, expect, test } from 'bun:test';
import type { KernelFact } from '../../core/model/fact.ts';
import { ifIndex, tableId } from '../../core/model/ids.ts';
import type { RuleObject } from '../../core/model/kernel-objects.ts';
import type { ResyncRequest } from '../../core/resync/kernel-resync.ts';
import { sampleAddress, sampleLinkObject, sampleRoute } from '../../testing/sample-state.ts';
import { type DumpAction, type DumpedObject, DumpSession } from './dump-session.ts';
import type { DumpSubject, Notification } from './notification.ts';

const everything: ResyncRequest = { kind: 'everything' };
const routes6: ResyncRequest = { kind: 'routes', family: 6 };

const link = (index: number, mtu = 1500): DumpedObject => ({
  kind: 'link',
  link: sampleLinkObject({ index: ifIndex(index), name: `eth${index}`, mtu }),
});
const address = (text: string): DumpedObject => ({ kind: 'address', address: sampleAddress(text) });
const route = (priority: number, family: 4 | 6 = 6): DumpedObject => ({
  kind: 'route',
  route: sampleRoute({ family, priority }),
});
const nextHop = (id: number): DumpedObject => ({
  kind: 'nextHop',
  nextHop: { kind: 'hop', id, hop: { ifindex: ifIndex(2), weight: 1, flags: 0 } },
});
const rule = (priority: number): RuleObject => ({
  family: 4,
  priority,
  table: tableId(7),
  action: 1,
  protocol: 3,
  tos: 0,
  flags: 0,
});

const linkSeen = (mtu: number): Notification => ({
  subject: 'links',
  fact: { kind: 'linkObserved', link: sampleLinkObject({ mtu }) },
});
const linkGone: Notification = { subject: 'links', fact: { kind: 'linkVanished', index: ifIndex(2) } };
const routeSeen = (how: 'add' | 'replace' = 'add'): Notification => ({
  subject: 'routes6',
  fact: { kind: 'routeObserved', route: sampleRoute({ family: 6 }), how },
});
const ruleSeen: Notification = { subject: 'rules4', fact: { kind: 'ruleObserved', rule: rule(5) } };

/** The actions as text. */
const textsOf = (actions: readonly DumpAction[]): string[] =>
  actions.map((action) =>
    action.kind === 'dump'
      ? `dump ${action.request.kind}${'family' in action.request ? ` ${action.request.family}` : ''}`
      : action.kind,
  );

/** One whole dump: a datagram with these objects, and its end. */
function answer(
  session: DumpSession,
  objects: readonly DumpedObject[] = [],
  interrupted = false,
): readonly DumpAction[] {
  session.datagram();
  for (const object of objects) session.object(object);
  return session.done(interrupted);
}

/** Ends the dumps up to `subject`, empty. */
function upTo(session: DumpSession, subject: DumpSubject): void {
  session.begin();
  session.probeAnswered();
  while (session.subject !== undefined && session.subject !== subject) answer(session);
}

/** Ends the remaining dumps and returns the result of the session. */
function finish(session: DumpSession): Extract<DumpAction, { kind: 'complete' }> {
  for (let i = 0; i < 20; i++) {
    const last = answer(session).at(-1);
    if (last?.kind === 'complete') return last;
  }
  throw new Error('the session does not end');
}

const kindsOf = (facts: readonly KernelFact[]): string[] => facts.map((fact) => fact.kind);

describe('a session that reads everything', () => {
  test('starts with a probe, then requests one dump after another', () => {
    const session = new DumpSession(everything);
    expect(textsOf(session.begin())).toEqual(['probe']);
    const asked = [...textsOf(session.probeAnswered())];
    for (let i = 0; i < 7; i++) asked.push(...textsOf(answer(session)));
    expect(asked).toEqual([
      'dump addresses',
      'dump links',
      'dump nextHops',
      'dump routes 4',
      'dump routes 6',
      'dump rules 4',
      'dump rules 6',
      'complete',
    ]);
  });

  test('ends in one fact with the objects of all dumps', () => {
    const session = new DumpSession(everything);
    upTo(session, 'addresses');
    answer(session, [address('192.0.2.1')]);
    answer(session, [link(2)]);
    answer(session, [nextHop(7)]);
    answer(session, [route(0, 4)]);
    answer(session, [route(1024)]);
    answer(session, [{ kind: 'rule', rule: rule(9) }]);
    const [fact] = finish(session).facts;
    if (fact?.kind !== 'kernelRead') throw new Error('no reading');
    const { links, addresses, routes, rules, nextHops } = fact.snapshot;
    expect([links, addresses, routes, rules, nextHops].map((list) => list?.length)).toEqual([1, 1, 2, 1, 1]);
  });

  test('ignores a second answer to the probe', () => {
    const session = new DumpSession(everything);
    session.begin();
    session.probeAnswered();
    expect(session.probeAnswered()).toEqual([]);
  });

  test('treats a subject that the kernel does not support as empty', () => {
    const session = new DumpSession(everything);
    upTo(session, 'rules4');
    expect(textsOf(session.refused(true))).toEqual(['dump rules 6']);
  });

  test('fails if the kernel refuses a dump for another reason', () => {
    const session = new DumpSession(everything);
    upTo(session, 'links');
    expect(session.refused(false)).toEqual([{ kind: 'failed', cause: 'interrupted' }]);
  });
});

describe('a notification during a session', () => {
  test('is not taken before the probe is answered', () => {
    const session = new DumpSession(everything);
    session.begin();
    expect(session.take(linkSeen(9000))).toBe(false);
  });

  test('is dropped before its dump, which includes it', () => {
    const session = new DumpSession(everything);
    upTo(session, 'links');
    expect(session.take(linkSeen(9000))).toBe(true);
    const { facts } = finish(session);
    expect(facts).toEqual([expect.objectContaining({ kind: 'kernelRead', meanwhile: [] })]);
  });

  test('is folded with its dump if it arrives within it', () => {
    const session = new DumpSession(everything);
    upTo(session, 'links');
    session.datagram();
    expect(session.take(linkSeen(9000))).toBe(true);
    const { facts } = finish(session);
    expect(facts).toEqual([expect.objectContaining({ meanwhile: [linkSeen(9000).fact] })]);
  });

  test('is a fact of its own after its dump', () => {
    const session = new DumpSession(everything);
    upTo(session, 'routes4');
    session.take(linkSeen(9000));
    session.take(linkSeen(9001));
    const { facts } = finish(session);
    expect(facts.slice(1)).toEqual([linkSeen(9000).fact, linkSeen(9001).fact]);
    expect(facts[0]).toMatchObject({ kind: 'kernelRead', meanwhile: [] });
  });

  test('is kept after the dump if it invalidates routes, since the kernel may flush them later', () => {
    const session = new DumpSession(routes6);
    upTo(session, 'routes6');
    session.take({
      subject: 'routes6',
      fact: { kind: 'routesInvalidated', family: 6, cause: 'nexthop-changed' },
    });
    expect(kindsOf(finish(session).facts)).toEqual(['routesRead', 'routesInvalidated']);
  });

  test('invalidates the routes of both families if it is about a nexthop object', () => {
    for (const subject of ['links', 'nextHops', 'routes4', 'rules4'] as const) {
      const session = new DumpSession(everything);
      upTo(session, subject);
      session.datagram();
      const fact: KernelFact = { kind: 'nextHopVanished', id: 9 };
      session.take({ subject: 'nextHops', fact });
      const hop = { ifindex: ifIndex(2), weight: 1, flags: 0 };
      session.take({
        subject: 'nextHops',
        fact: { kind: 'nextHopObserved', nextHop: { kind: 'hop', id: 9, hop } },
      });
      expect(kindsOf(finish(session).facts).filter((kind) => kind === 'routesInvalidated')).toHaveLength(2);
    }
  });

  test('invalidates IPv4 routes if a route vanishes right before their dump', () => {
    const gone: Notification = { subject: 'routes4', fact: { kind: 'routeVanished', route: sampleRoute() } };
    const earlier = new DumpSession(everything);
    upTo(earlier, 'links');
    earlier.take(gone);
    expect(kindsOf(finish(earlier).facts)).toEqual(['kernelRead']);
    const rightBefore = new DumpSession(everything);
    upTo(rightBefore, 'routes4');
    rightBefore.take(gone);
    expect(kindsOf(finish(rightBefore).facts)).toEqual(['kernelRead', 'routesInvalidated']);
  });

  test('invalidates routes if it replaces one within their dump', () => {
    const session = new DumpSession(routes6);
    upTo(session, 'routes6');
    session.datagram();
    session.take(routeSeen('replace'));
    const { facts } = finish(session);
    expect(facts.slice(1)).toEqual([{ kind: 'routesInvalidated', family: 6, cause: 'ambiguous-message' }]);
  });
});

describe('a reading of routes', () => {
  test('a reading of the routes of one family is one dump', () => {
    const session = new DumpSession(routes6);
    session.begin();
    expect(textsOf(session.probeAnswered())).toEqual(['dump routes 6']);
    session.datagram();
    session.object(route(7));
    const { facts } = finish(session);
    expect(facts).toEqual([
      { kind: 'routesRead', family: 6, routes: [sampleRoute({ family: 6, priority: 7 })], meanwhile: [] },
    ]);
  });

  test('takes notifications of its own routes only', () => {
    const session = new DumpSession(routes6);
    upTo(session, 'routes6');
    expect([linkSeen(1), ruleSeen].map((each) => session.take(each))).toEqual([false, false]);
    expect(session.take(routeSeen())).toBe(true);
  });

  test('invalidates them if a link vanishes meanwhile', () => {
    const session = new DumpSession(routes6);
    upTo(session, 'routes6');
    expect(session.take(linkGone)).toBe(false);
    expect(kindsOf(finish(session).facts)).toEqual(['routesRead', 'routesInvalidated']);
  });
});

describe('a dump during which objects change', () => {
  test('is started at most five times', () => {
    const session = new DumpSession(everything);
    upTo(session, 'links');
    for (let i = 0; i < 4; i++) expect(textsOf(answer(session, [link(2)], true))).toEqual(['dump links']);
    expect(textsOf(answer(session, [link(2)], true))).toEqual(['dump nextHops']);
    expect(finish(session).mayBeIncomplete).toBe(true);
  });

  test('is complete once an attempt is not interrupted', () => {
    const session = new DumpSession(everything);
    upTo(session, 'links');
    answer(session, [link(2)], true);
    expect(textsOf(answer(session, [link(2)]))).toEqual(['dump nextHops']);
    expect(finish(session).mayBeIncomplete).toBe(false);
  });

  test('keeps objects of earlier attempts, and the newest of each', () => {
    const session = new DumpSession(everything);
    upTo(session, 'links');
    answer(session, [link(2), link(3)], true);
    answer(session, [link(3, 9000)]);
    const [fact] = finish(session).facts;
    if (fact?.kind !== 'kernelRead') throw new Error('no reading');
    expect(fact.snapshot.links.map(({ index, mtu }) => [index, mtu])).toEqual([
      [ifIndex(2), 1500],
      [ifIndex(3), 9000],
    ]);
  });

  test('does not treat the routes of two attempts as alternatives', () => {
    const session = new DumpSession(routes6);
    upTo(session, 'routes6');
    answer(session, [route(1), route(1), route(2)], true);
    session.datagram();
    session.object(route(1));
    session.object(route(1));
    const [fact] = finish(session).facts;
    if (fact?.kind !== 'routesRead') throw new Error('no reading');
    expect(fact.routes.map((each) => each.priority)).toEqual([1, 1, 2]);
  });

  test('keeps the rules of the last attempt only', () => {
    const session = new DumpSession(everything);
    upTo(session, 'rules4');
    answer(session, [{ kind: 'rule', rule: rule(1) }], true);
    answer(session, [{ kind: 'rule', rule: rule(1) }]);
    const [fact] = finish(session).facts;
    if (fact?.kind !== 'kernelRead') throw new Error('no reading');
    expect(fact.snapshot.rules).toEqual([rule(1)]);
  });

  test('is started again for rules if one arrives within it, since equal rules look the same', () => {
    const session = new DumpSession(everything);
    upTo(session, 'rules4');
    session.datagram();
    session.take(ruleSeen);
    expect(textsOf(session.done(false))).toEqual(['dump rules 4']);
  });

  test('is started again for IPv6 routes if it is long and one arrives within it', () => {
    const session = new DumpSession(routes6);
    upTo(session, 'routes6');
    session.datagram();
    session.take(routeSeen());
    session.datagram();
    session.datagram();
    expect(textsOf(session.done(false))).toEqual(['dump routes 6']);
  });
});
