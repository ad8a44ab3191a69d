import { describe, expect, test } from 'bun:test';
import { directoryRefusal, type PathStat, type PathWalk } from '../model/path-trust.ts';
import { parseShebang, shebangHint } from './shebang.ts';
import { entryVerdict, type HookEntry, type HookTrust, type HookVerdict } from './verdict.ts';

const asRoot: HookTrust = { owners: [0], directoryOwners: [0], uid: 0, gids: [0] };
/** Root's daemon that became user 990. */
const dropped: HookTrust = { owners: [0], directoryOwners: [0], uid: 990, gids: [990] };
/** A daemon that never was root. */
const ordinary: HookTrust = { owners: [0, 1000], directoryOwners: [0, 1000], uid: 1000, gids: [1000, 100] };

const place = '/etc/netevd/routable.d';
const fact = (path: string, over: Partial<PathStat> = {}): PathStat => ({
  path,
  kind: 'file',
  uid: 0,
  gid: 0,
  mode: 0o755,
  links: 1,
  ...over,
});
const directory = (path: string, over: Partial<PathStat> = {}): PathStat =>
  fact(path, { kind: 'directory', links: 2, ...over });
const script = (over: Partial<PathStat> = {}, name = '10-x'): HookEntry => ({
  name,
  fact: fact(`${place}/${name}`, over),
});
const linkTo = (target: PathWalk | undefined, over: Partial<PathStat> = {}): HookEntry => {
  const link = fact(`${place}/10-x`, { kind: 'symlink', mode: 0o777, ...over });
  return target === undefined ? { name: '10-x', fact: link } : { name: '10-x', fact: link, target };
};
const way = (...components: readonly PathStat[]): PathWalk => ({
  components: [directory('/'), ...components],
});
/** `refused:owner`, `runs` … */
const word = (verdict: HookVerdict | undefined): string =>
  verdict === undefined ? 'runs' : 'code' in verdict ? `${verdict.kind}:${verdict.code}` : verdict.kind;

describe('a file', () => {
  const rows: readonly [what: string, entry: HookEntry, trust: HookTrust, verdict: string][] = [
    ['of root’s', script(), asRoot, 'runs'],
    ['of root’s, for a daemon that dropped its privileges', script(), dropped, 'runs'],
    ['of root’s, for a daemon that had none', script(), ordinary, 'runs'],
    ['of the daemon’s user, who never was root', script({ uid: 1000 }), ordinary, 'runs'],
    ['of the daemon’s user, whom root became', script({ uid: 990 }), dropped, 'refused:owner'],
    ['of somebody else’s', script({ uid: 1001 }), ordinary, 'refused:owner'],
    ['that its group can write to', script({ mode: 0o775 }), asRoot, 'refused:writable'],
    ['that everybody can write to', script({ mode: 0o757 }), asRoot, 'refused:writable'],
    ['that is setuid', script({ mode: 0o4755 }), asRoot, 'refused:setuid'],
    ['that is setgid', script({ mode: 0o2755 }), asRoot, 'refused:setuid'],
    ['with a second name', script({ links: 2 }), asRoot, 'refused:hard-links'],
    ['that nobody may execute', script({ mode: 0o644 }), asRoot, 'skipped:not-executable'],
    [
      'that root may execute and not read, for a root without capabilities',
      script({ mode: 0o311 }),
      asRoot,
      'refused:not-permitted',
    ],
    ['that only root may execute, for root', script({ mode: 0o700 }), asRoot, 'runs'],
    [
      'that only root may execute, for another user',
      script({ mode: 0o700 }),
      dropped,
      'refused:not-permitted',
    ],
    ['that can be executed and not read', script({ mode: 0o711 }), dropped, 'refused:not-permitted'],
    ['that its own user alone may execute', script({ uid: 1000, mode: 0o500 }), ordinary, 'runs'],
    ['that a group of the daemon’s user may execute', script({ gid: 100, mode: 0o750 }), ordinary, 'runs'],
    ['that another group may execute', script({ gid: 5, mode: 0o750 }), ordinary, 'refused:not-permitted'],
    ['that is a directory', script({ kind: 'directory' }), asRoot, 'skipped:directory'],
    ['that is a pipe, a socket or a device', script({ kind: 'other' }), asRoot, 'refused:not-regular'],
    ['that is gone', { name: '10-x', code: 'ENOENT' }, asRoot, 'refused:unreadable'],
  ];
  test.each(rows)('%s', (_what, entry, trust, verdict) => {
    expect(word(entryVerdict(entry, trust))).toBe(verdict);
  });
});

describe('a name', () => {
  const good = ['10-x', 'x', '10-x.sh', 'A_b-c.d', '1', 'dpkg-x', 'x.old'];
  const unfinished = [
    'x~',
    'x.sh~',
    '#x#',
    'x.dpkg-old',
    'x.dpkg-dist',
    'x.ucf-dist',
    'x.rpmnew',
    'x.rpmsave',
    'x.rpmorig',
    'x.pacnew',
    'x.swp',
    'x.swo',
    'x.bak',
    'x.orig',
    'x.rej',
  ];
  const strange = ['.hidden', '-x', '_x', 'x y', 'x$y', 'ä', '.x.swn', 'x\ny', ''];
  const rows = [
    ...good.map((name) => [name, 'runs']),
    ...unfinished.map((name) => [name, 'skipped:leftover']),
    ...strange.map((name) => [name, name === '.x.swn' ? 'skipped:leftover' : 'skipped:name']),
  ] as [string, string][];
  test.each(rows)('%j: %s', (name, verdict) => {
    expect(word(entryVerdict(script({}, name), asRoot))).toBe(verdict);
  });
});

describe('a symbolic link', () => {
  const target = (over: Partial<PathStat> = {}, parent: Partial<PathStat> = {}): PathWalk =>
    way(directory('/opt', parent), fact('/opt/x', over));
  const rows: readonly [what: string, entry: HookEntry, trust: HookTrust, verdict: string][] = [
    ['to a good file elsewhere', linkTo(target()), asRoot, 'runs'],
    [
      'to /dev/null',
      linkTo(way(directory('/dev'), fact('/dev/null', { kind: 'other', mode: 0o666 }))),
      asRoot,
      'masked',
    ],
    ['of somebody else’s', linkTo(target(), { uid: 1001 }), ordinary, 'refused:owner'],
    ['to a file of somebody else’s', linkTo(target({ uid: 1001 })), ordinary, 'refused:owner'],
    ['to a file that can be written to', linkTo(target({ mode: 0o777 })), asRoot, 'refused:writable'],
    ['to a file that is not executable', linkTo(target({ mode: 0o644 })), asRoot, 'skipped:not-executable'],
    ['into a directory of somebody else’s', linkTo(target({}, { uid: 1001 })), asRoot, 'refused:path-owner'],
    [
      'into a directory that can be written to',
      linkTo(target({}, { mode: 0o775 })),
      asRoot,
      'refused:path-writable',
    ],
    ['to a file of root’s in /tmp', linkTo(target({}, { mode: 0o1777 })), asRoot, 'runs'],
    ['to a directory', linkTo(way(directory('/opt'))), asRoot, 'skipped:directory'],
    [
      'to nothing',
      linkTo({ components: [directory('/')], failure: { path: '/gone', code: 'ENOENT' } }),
      asRoot,
      'refused:link-target',
    ],
    [
      'to itself',
      linkTo({ components: [], failure: { path: place, code: 'ELOOP' } }),
      asRoot,
      'refused:link-target',
    ],
    ['that was not followed', linkTo(undefined), asRoot, 'refused:link-target'],
  ];
  test.each(rows)('%s', (_what, entry, trust, verdict) => {
    expect(word(entryVerdict(entry, trust))).toBe(verdict);
  });
});

describe('a directory', () => {
  const etc = directory('/etc');
  const base = directory('/etc/netevd');
  const last = directory(place);
  const rows: readonly [what: string, walk: PathWalk, trust: HookTrust, verdict: string][] = [
    ['of root’s all the way', way(etc, base, last), asRoot, 'runs'],
    [
      'of the daemon’s user, who never was root',
      way(etc, base, directory(place, { uid: 1000 })),
      ordinary,
      'runs',
    ],
    [
      'of the daemon’s user, whom root became',
      way(etc, base, directory(place, { uid: 990 })),
      dropped,
      'refused:path-owner',
    ],
    [
      'below one of somebody else’s',
      way(directory('/etc', { uid: 1001 }), base, last),
      asRoot,
      'refused:path-owner',
    ],
    [
      'that its group can write to',
      way(etc, base, directory(place, { mode: 0o775 })),
      asRoot,
      'refused:path-writable',
    ],
    [
      'below one that everybody can write to',
      way(directory('/etc', { mode: 0o777 }), base, last),
      asRoot,
      'refused:path-writable',
    ],
    ['below a sticky one of root’s', way(directory('/tmp', { mode: 0o1777 }), base, last), asRoot, 'runs'],
    [
      'below a sticky one of the daemon’s user',
      way(directory('/home/x', { mode: 0o1777, uid: 1000 }), last),
      ordinary,
      'refused:path-writable',
    ],
    ['that is sticky itself', way(etc, directory(place, { mode: 0o1777 })), asRoot, 'refused:path-writable'],
    [
      'behind a link of root’s',
      way(fact('/etc', { kind: 'symlink', mode: 0o777 }), directory('/opt'), last),
      asRoot,
      'runs',
    ],
    [
      'behind a link of somebody else’s',
      way(fact('/etc', { kind: 'symlink', uid: 1001 }), last),
      asRoot,
      'refused:path-owner',
    ],
    ['that is a file', way(etc, fact(place)), asRoot, 'refused:not-regular'],
    [
      'that cannot be reached',
      { components: [directory('/')], failure: { path: '/etc', code: 'EACCES' } },
      asRoot,
      'refused:unreadable',
    ],
  ];
  test.each(rows)('%s', (_what, walk, trust, verdict) => {
    expect(word(directoryRefusal(walk, trust))).toBe(verdict);
  });
});

test('a refusal names the path at fault and the command that mends it', () => {
  expect(entryVerdict(script({ mode: 0o775 }), asRoot)).toEqual({
    kind: 'refused',
    code: 'writable',
    reason: '/etc/netevd/routable.d/10-x can be written to by its group (mode 0775)',
    remedy: 'chmod go-w /etc/netevd/routable.d/10-x',
  });
  const odd = directoryRefusal(way(directory("/o'dd dir", { uid: 1001 }), directory('/x')), ordinary);
  expect(odd?.reason).toBe("/o'dd dir belongs to user 1001, not to root or to user 1000");
  expect(odd?.remedy).toBe("chown root:root '/o'\\''dd dir'");
});

describe('the first line', () => {
  const there = new Set(['/bin/sh', '/usr/bin/env', 'python3']);
  const rows: readonly [head: string, hint: string | undefined][] = [
    ['#!/bin/sh\necho', undefined],
    ['#! /bin/sh -e\n', undefined],
    ['#!/usr/bin/env python3\n', undefined],
    ['#!/usr/bin/env -S python3 -u\n', undefined],
    ['#!/usr/bin/env -S A=1 python3\n', undefined],
    ['#!/usr/bin/env ruby\n', 'needs ruby, which is not in the PATH of hooks'],
    ['#!/usr/bin/python2\n', 'needs /usr/bin/python2, which is not there or cannot be executed'],
    [
      '#!/bin/sh\r\necho\r\n',
      'has Windows line ends (CR LF): the kernel looks for an interpreter whose name ends in CR',
    ],
    ['#!\n', 'has a #! without an interpreter'],
    ['echo hello\n', 'has no #! in its first line: the kernel cannot run it, and no shell is asked to'],
    ['', 'is empty: there is nothing to run'],
    ['\u007fELF\u0002\u0001\u0001\u0000', undefined],
  ];
  test.each(rows)('%j: %p', (head, hint) => {
    expect(shebangHint(parseShebang(head), (program) => there.has(program))).toBe(hint as string);
  });
});
