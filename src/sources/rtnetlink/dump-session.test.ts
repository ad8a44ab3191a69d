import { describe, expect, test } from 'bun:test';
import type { KernelFact } from '../../core/model/fact.ts';
import { ifIndex, tableId } from '../../core/model/ids.ts';
import type { RuleObject } from '../../core/model/kernel-objects.ts';
import type { ResyncRequest } from '../../core/resync/kernel-resync.ts';
import { sampleAddress, sampleLinkObject, sampleRoute } from '../../testing/sample-state.ts';
import { type DumpAction, type DumpedObject, DumpSession } from './dump-session.ts';
import type { Notification, Subject } from './notification.ts';

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

/** What is done now, in words. */
const words = (actions: readonly DumpAction[]): string[] =>
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
function upTo(session: DumpSession, subject: Subject): void {
  session.begin();
  session.probeAnswered();
  while (session.subject !== undefined && session.subject !== subject) answer(session);
}

/** Ends whatever is left, and gives what the reading has come to. */
function finish(session: DumpSession): Extract<DumpAction, { kind: 'complete' }> {
  for (let i = 0; i < 20; i++) {
    const last = answer(session).at(-1);
    if (last?.kind === 'complete') return last;
  }
  throw new Error('the reading does not end');
}

const kindsOf = (facts: readonly KernelFact[]): string[] => facts.map((fact) => fact.kind);

describe('a reading of everything', () => {
  test('begins with a probe, then asks for one dump after another', () => {
    const session = new DumpSession(everything);
    expect(words(session.begin())).toEqual(['probe']);
    const asked = [...words(session.probeAnswered())];
    for (let i = 0; i < 6; i++) asked.push(...words(answer(session)));
    expect(asked).toEqual([
      'dump addresses',
      'dump links',
      'dump routes 4',
      'dump routes 6',
      'dump rules 4',
      'dump rules 6',
      'complete',
    ]);
  });

  test('is one fact with all that the dumps have brought', () => {
    const session = new DumpSession(everything);
    upTo(session, 'addresses');
    answer(session, [address('192.0.2.1')]);
    answer(session, [link(2)]);
    answer(session, [route(0, 4)]);
    answer(session, [route(1024)]);
    answer(session, [{ kind: 'rule', rule: rule(9) }]);
    const [fact] = finish(session).facts;
    if (fact?.kind !== 'kernelRead') throw new Error('no reading');
    const { links, addresses, routes, rules } = fact.snapshot;
    expect([links.length, addresses.length, routes.length, rules.length]).toEqual([1, 1, 2, 1]);
  });

  test('a second answer to the probe is not taken for news', () => {
    const session = new DumpSession(everything);
    session.begin();
    session.probeAnswered();
    expect(session.probeAnswered()).toEqual([]);
  });

  test('goes on without what the kernel was built without', () => {
    const session = new DumpSession(everything);
    upTo(session, 'rules4');
    expect(words(session.refused(true))).toEqual(['dump rules 6']);
  });

  test('fails where the kernel refuses for another reason', () => {
    const session = new DumpSession(everything);
    upTo(session, 'links');
    expect(session.refused(false)).toEqual([{ kind: 'failed', cause: 'interrupted' }]);
  });
});

describe('a notification during a reading', () => {
  test('is passed on while the probe is not answered', () => {
    const session = new DumpSession(everything);
    session.begin();
    expect(session.hold(linkSeen(9000))).toBe(false);
  });

  test('is in the dump where it comes before it', () => {
    const session = new DumpSession(everything);
    upTo(session, 'links');
    expect(session.hold(linkSeen(9000))).toBe(true);
    const { facts } = finish(session);
    expect(facts).toEqual([expect.objectContaining({ kind: 'kernelRead', meanwhile: [] })]);
  });

  test('is folded with the dump where it comes within it', () => {
    const session = new DumpSession(everything);
    upTo(session, 'links');
    session.datagram();
    expect(session.hold(linkSeen(9000))).toBe(true);
    const { facts } = finish(session);
    expect(facts).toEqual([expect.objectContaining({ meanwhile: [linkSeen(9000).fact] })]);
  });

  test('is news of its own where it comes after it', () => {
    const session = new DumpSession(everything);
    upTo(session, 'routes4');
    session.hold(linkSeen(9000));
    session.hold(linkSeen(9001));
    const { facts } = finish(session);
    expect(facts.slice(1)).toEqual([linkSeen(9000).fact, linkSeen(9001).fact]);
    expect(facts[0]).toMatchObject({ kind: 'kernelRead', meanwhile: [] });
  });

  test('that raises a doubt is kept, for what it is about may not have happened yet', () => {
    const session = new DumpSession(routes6);
    upTo(session, 'routes6');
    session.hold({
      subject: 'routes6',
      fact: { kind: 'routesInvalidated', family: 6, cause: 'nexthop-changed' },
    });
    expect(kindsOf(finish(session).facts)).toEqual(['routesRead', 'routesInvalidated']);
  });

  test('of an IPv4 route that goes right before its dump leaves the routes in doubt', () => {
    const gone: Notification = { subject: 'routes4', fact: { kind: 'routeVanished', route: sampleRoute() } };
    const earlier = new DumpSession(everything);
    upTo(earlier, 'links');
    earlier.hold(gone);
    expect(kindsOf(finish(earlier).facts)).toEqual(['kernelRead']);
    const rightBefore = new DumpSession(everything);
    upTo(rightBefore, 'routes4');
    rightBefore.hold(gone);
    expect(kindsOf(finish(rightBefore).facts)).toEqual(['kernelRead', 'routesInvalidated']);
  });

  test('of a replacement within the dump leaves the routes in doubt', () => {
    const session = new DumpSession(routes6);
    upTo(session, 'routes6');
    session.datagram();
    session.hold(routeSeen('replace'));
    const { facts } = finish(session);
    expect(facts.slice(1)).toEqual([{ kind: 'routesInvalidated', family: 6, cause: 'ambiguous-message' }]);
  });
});

describe('a reading of routes', () => {
  test('a reading of the routes of one family is one dump', () => {
    const session = new DumpSession(routes6);
    session.begin();
    expect(words(session.probeAnswered())).toEqual(['dump routes 6']);
    session.datagram();
    session.object(route(7));
    const { facts } = finish(session);
    expect(facts).toEqual([
      { kind: 'routesRead', family: 6, routes: [sampleRoute({ family: 6, priority: 7 })], meanwhile: [] },
    ]);
  });

  test('holds nothing but its own routes', () => {
    const session = new DumpSession(routes6);
    upTo(session, 'routes6');
    expect([linkSeen(1), ruleSeen].map((each) => session.hold(each))).toEqual([false, false]);
    expect(session.hold(routeSeen())).toBe(true);
  });

  test('leaves them in doubt where a link goes meanwhile', () => {
    const session = new DumpSession(routes6);
    upTo(session, 'routes6');
    expect(session.hold(linkGone)).toBe(false);
    expect(kindsOf(finish(session).facts)).toEqual(['routesRead', 'routesInvalidated']);
  });
});

describe('a dump during which objects change', () => {
  test('is begun again, five times at most', () => {
    const session = new DumpSession(everything);
    upTo(session, 'links');
    for (let i = 0; i < 4; i++) expect(words(answer(session, [link(2)], true))).toEqual(['dump links']);
    expect(words(answer(session, [link(2)], true))).toEqual(['dump routes 4']);
    expect(finish(session).isShaky).toBe(true);
  });

  test('is well when one attempt is not interrupted', () => {
    const session = new DumpSession(everything);
    upTo(session, 'links');
    answer(session, [link(2)], true);
    expect(words(answer(session, [link(2)]))).toEqual(['dump routes 4']);
    expect(finish(session).isShaky).toBe(false);
  });

  test('keeps what an earlier attempt saw, and the newest of each', () => {
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

  test('does not take the routes of two attempts for alternatives of each other', () => {
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

  test('counts the rules of the last attempt alone', () => {
    const session = new DumpSession(everything);
    upTo(session, 'rules4');
    answer(session, [{ kind: 'rule', rule: rule(1) }], true);
    answer(session, [{ kind: 'rule', rule: rule(1) }]);
    const [fact] = finish(session).facts;
    if (fact?.kind !== 'kernelRead') throw new Error('no reading');
    expect(fact.snapshot.rules).toEqual([rule(1)]);
  });

  test('of rules is begun again where one comes within it: equal ones cannot be told apart', () => {
    const session = new DumpSession(everything);
    upTo(session, 'rules4');
    session.datagram();
    session.hold(ruleSeen);
    expect(words(session.done(false))).toEqual(['dump rules 4']);
  });

  test('of IPv6 routes is begun again where it is long and one comes within it', () => {
    const session = new DumpSession(routes6);
    upTo(session, 'routes6');
    session.datagram();
    session.hold(routeSeen());
    session.datagram();
    session.datagram();
    expect(words(session.done(false))).toEqual(['dump routes 6']);
  });
});
