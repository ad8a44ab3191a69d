import { describe, expect, test } from 'bun:test';
import { directoryRefusal, type PathStat, type PathWalk } from '../model/path-trust.ts';
import { entryVerdict, type HookEntry, type HookTrust, type HookVerdict } from './verdict.ts';

const asRoot: HookTrust = { owners: [0], directoryOwners: [0], uid: 0, gids: [0] };
/** A daemon that started as root and runs as user 990. */
const dropped: HookTrust = { owners: [0], directoryOwners: [0], uid: 990, gids: [990] };
/** A daemon that did not start as root. */
const ordinary: HookTrust = { owners: [0, 1000], directoryOwners: [0, 1000], uid: 1000, gids: [1000, 100] };

const hookDirectory = '/etc/netevd/routable.d';
const stat = (path: string, over: Partial<PathStat> = {}): PathStat => ({
  path,
  kind: 'file',
  uid: 0,
  gid: 0,
  mode: 0o755,
  links: 1,
  ...over,
});
const directory = (path: string, over: Partial<PathStat> = {}): PathStat =>
  stat(path, { kind: 'directory', links: 2, ...over });
const script = (over: Partial<PathStat> = {}, name = '10-x'): HookEntry => ({
  name,
  stat: stat(`${hookDirectory}/${name}`, over),
});
const linkTo = (target: PathWalk | undefined, over: Partial<PathStat> = {}): HookEntry => {
  const link = stat(`${hookDirectory}/10-x`, { kind: 'symlink', mode: 0o777, ...over });
  return target === undefined ? { name: '10-x', stat: link } : { name: '10-x', stat: link, target };
};
const walkTo = (...components: readonly PathStat[]): PathWalk => ({
  components: [directory('/'), ...components],
});
/** Formats a verdict as `refused:owner`, `runs` … */
const label = (verdict: HookVerdict | undefined): string =>
  verdict === undefined ? 'runs' : 'code' in verdict ? `${verdict.kind}:${verdict.code}` : verdict.kind;

describe('entryVerdict for files', () => {
  const rows: readonly [name: string, entry: HookEntry, trust: HookTrust, verdict: string][] = [
    ['of root', script(), asRoot, 'runs'],
    ['of root, for a daemon that dropped its privileges', script(), dropped, 'runs'],
    ['of root, for a daemon that did not start as root', script(), ordinary, 'runs'],
    ['of the daemon’s user, if it did not start as root', script({ uid: 1000 }), ordinary, 'runs'],
    ['of the daemon’s user, if it started as root', script({ uid: 990 }), dropped, 'refused:owner'],
    ['of another user', script({ uid: 1001 }), ordinary, 'refused:owner'],
    ['that its group can write to', script({ mode: 0o775 }), asRoot, 'refused:writable'],
    ['that everyone can write to', script({ mode: 0o757 }), asRoot, 'refused:writable'],
    ['that is setuid', script({ mode: 0o4755 }), asRoot, 'refused:setuid'],
    ['that is setgid', script({ mode: 0o2755 }), asRoot, 'refused:setuid'],
    ['with a second hard link', script({ links: 2 }), asRoot, 'refused:hard-links'],
    ['that is not executable', script({ mode: 0o644 }), asRoot, 'skipped:not-executable'],
    [
      'that root may execute and not read, for root without capabilities',
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
    ['that only its own user may execute', script({ uid: 1000, mode: 0o500 }), ordinary, 'runs'],
    ['that a group of the daemon’s user may execute', script({ gid: 100, mode: 0o750 }), ordinary, 'runs'],
    ['that another group may execute', script({ gid: 5, mode: 0o750 }), ordinary, 'refused:not-permitted'],
    ['that is a directory', script({ kind: 'directory' }), asRoot, 'skipped:directory'],
    ['that is a pipe, a socket or a device', script({ kind: 'other' }), asRoot, 'refused:not-regular'],
    ['that does not exist', { name: '10-x', code: 'ENOENT' }, asRoot, 'refused:unreadable'],
  ];
  test.each(rows)('the verdict on a file %s', (_name, entry, trust, verdict) => {
    expect(label(entryVerdict(entry, trust))).toBe(verdict);
  });
});

describe('entryVerdict for names', () => {
  const valid = ['10-x', 'x', '10-x.sh', 'A_b-c.d', '1', 'dpkg-x', 'x.old'];
  const leftovers = [
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
  const invalid = ['.hidden', '-x', '_x', 'x y', 'x$y', 'ä', '.x.swn', 'x\ny', ''];
  const rows = [
    ...valid.map((name) => [name, 'runs']),
    ...leftovers.map((name) => [name, 'skipped:leftover']),
    ...invalid.map((name) => [name, name === '.x.swn' ? 'skipped:leftover' : 'skipped:name']),
  ] as [string, string][];
  test.each(rows)('a file named %j: %s', (name, verdict) => {
    expect(label(entryVerdict(script({}, name), asRoot))).toBe(verdict);
  });
});

describe('entryVerdict for symbolic links', () => {
  const target = (over: Partial<PathStat> = {}, parent: Partial<PathStat> = {}): PathWalk =>
    walkTo(directory('/opt', parent), stat('/opt/x', over));
  const rows: readonly [name: string, entry: HookEntry, trust: HookTrust, verdict: string][] = [
    ['to a trusted file elsewhere', linkTo(target()), asRoot, 'runs'],
    [
      'to /dev/null',
      linkTo(walkTo(directory('/dev'), stat('/dev/null', { kind: 'other', mode: 0o666 }))),
      asRoot,
      'masked',
    ],
    ['of another user', linkTo(target(), { uid: 1001 }), ordinary, 'refused:owner'],
    ['to a file of another user', linkTo(target({ uid: 1001 })), ordinary, 'refused:owner'],
    ['to a file that can be written to', linkTo(target({ mode: 0o777 })), asRoot, 'refused:writable'],
    ['to a file that is not executable', linkTo(target({ mode: 0o644 })), asRoot, 'skipped:not-executable'],
    ['into a directory of another user', linkTo(target({}, { uid: 1001 })), asRoot, 'refused:path-owner'],
    [
      'into a directory that can be written to',
      linkTo(target({}, { mode: 0o775 })),
      asRoot,
      'refused:path-writable',
    ],
    ['to a file of root in /tmp', linkTo(target({}, { mode: 0o1777 })), asRoot, 'runs'],
    ['to a directory', linkTo(walkTo(directory('/opt'))), asRoot, 'skipped:directory'],
    [
      'to a missing file',
      linkTo({ components: [directory('/')], failure: { path: '/gone', code: 'ENOENT' } }),
      asRoot,
      'refused:link-target',
    ],
    [
      'to itself',
      linkTo({ components: [], failure: { path: hookDirectory, code: 'ELOOP' } }),
      asRoot,
      'refused:link-target',
    ],
    ['that was not followed', linkTo(undefined), asRoot, 'refused:link-target'],
  ];
  test.each(rows)('the verdict on a symbolic link %s', (_name, entry, trust, verdict) => {
    expect(label(entryVerdict(entry, trust))).toBe(verdict);
  });
});

describe('directoryRefusal', () => {
  const etc = directory('/etc');
  const base = directory('/etc/netevd');
  const last = directory(hookDirectory);
  const rows: readonly [name: string, walk: PathWalk, trust: HookTrust, verdict: string][] = [
    ['of root, below directories of root', walkTo(etc, base, last), asRoot, 'runs'],
    [
      'of the daemon’s user, if it did not start as root',
      walkTo(etc, base, directory(hookDirectory, { uid: 1000 })),
      ordinary,
      'runs',
    ],
    [
      'of the daemon’s user, if it started as root',
      walkTo(etc, base, directory(hookDirectory, { uid: 990 })),
      dropped,
      'refused:path-owner',
    ],
    [
      'below one of another user',
      walkTo(directory('/etc', { uid: 1001 }), base, last),
      asRoot,
      'refused:path-owner',
    ],
    [
      'that its group can write to',
      walkTo(etc, base, directory(hookDirectory, { mode: 0o775 })),
      asRoot,
      'refused:path-writable',
    ],
    [
      'below one that everyone can write to',
      walkTo(directory('/etc', { mode: 0o777 }), base, last),
      asRoot,
      'refused:path-writable',
    ],
    ['below a sticky one of root', walkTo(directory('/tmp', { mode: 0o1777 }), base, last), asRoot, 'runs'],
    [
      'below a sticky one of the daemon’s user',
      walkTo(directory('/home/x', { mode: 0o1777, uid: 1000 }), last),
      ordinary,
      'refused:path-writable',
    ],
    [
      'that is sticky itself',
      walkTo(etc, directory(hookDirectory, { mode: 0o1777 })),
      asRoot,
      'refused:path-writable',
    ],
    [
      'behind a symbolic link of root',
      walkTo(stat('/etc', { kind: 'symlink', mode: 0o777 }), directory('/opt'), last),
      asRoot,
      'runs',
    ],
    [
      'behind a symbolic link of another user',
      walkTo(stat('/etc', { kind: 'symlink', uid: 1001 }), last),
      asRoot,
      'refused:path-owner',
    ],
    ['that is a file', walkTo(etc, stat(hookDirectory)), asRoot, 'refused:not-regular'],
    [
      'that cannot be reached',
      { components: [directory('/')], failure: { path: '/etc', code: 'EACCES' } },
      asRoot,
      'refused:unreadable',
    ],
  ];
  test.each(rows)('the verdict on a directory %s', (_name, walk, trust, verdict) => {
    expect(label(directoryRefusal(walk, trust))).toBe(verdict);
  });
});

test('a refusal contains the path at fault and the command that fixes it', () => {
  const refusal = entryVerdict(script({ mode: 0o775 }), asRoot);
  expect(refusal).toMatchObject({
    kind: 'refused',
    code: 'writable',
    reason: expect.stringContaining(`${hookDirectory}/10-x`),
    remedy: `chmod go-w ${hookDirectory}/10-x`,
  });
});

test('the command that fixes a path quotes it for a shell', () => {
  const walk = walkTo(directory("/o'dd dir", { uid: 1001 }), directory('/x'));
  expect(directoryRefusal(walk, ordinary)?.remedy).toBe("chown root:root '/o'\\''dd dir'");
});
