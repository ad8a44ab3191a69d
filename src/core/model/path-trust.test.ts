import { describe, expect, test } from 'bun:test';
import { fileRefusal, type PathStat, type PathTrust, type PathWalk } from './path-trust.ts';

const root: PathTrust = { owners: [0], directoryOwners: [0], uid: 0 };
const fact = (path: string, over: Partial<PathStat> = {}): PathStat => ({
  path,
  kind: 'directory',
  uid: 0,
  gid: 0,
  mode: 0o755,
  links: 1,
  ...over,
});
const etc = fact('/etc');
const open = { mode: 0o1777 };
const file = (over: Partial<PathStat> = {}, path = '/etc/x'): PathStat =>
  fact(path, { kind: 'file', mode: 0o644, ...over });
const lost = (path: string, code = 'ENOENT'): PathWalk['failure'] => ({ path, code });

describe('a file that decides what root does', () => {
  const rows: readonly [
    what: string,
    components: readonly PathStat[],
    failure: PathWalk['failure'],
    code: string,
  ][] = [
    ['of root\u2019s', [etc, file()], undefined, 'believed'],
    ['of somebody else\u2019s', [etc, file({ uid: 1000 })], undefined, 'owner'],
    ['that its group can write to', [etc, file({ mode: 0o664 })], undefined, 'writable'],
    ['in a directory of somebody else\u2019s', [fact('/u', { uid: 1000 }), file()], undefined, 'path-owner'],
    ['in an open directory', [fact('/o', { mode: 0o777 }), file()], undefined, 'path-writable'],
    ['of root\u2019s in a sticky directory', [fact('/tmp', open), file()], undefined, 'believed'],
    [
      'behind a link of somebody else\u2019s',
      [fact('/l', { kind: 'symlink', uid: 1000 }), file()],
      undefined,
      'path-owner',
    ],
    ['that is none', [etc, file({ kind: 'other', mode: 0o666 }, '/dev/null')], undefined, 'believed'],
    ['that is not there', [etc], lost('/etc/x'), 'believed'],
    ['that anybody can make', [fact('/tmp', open)], lost('/tmp/x'), 'path-writable'],
    ['that cannot be examined', [etc], lost('/etc/x', 'EACCES'), 'believed'],
  ];
  test.each(rows)('%s', (_what, components, failure, code) => {
    const walk = { components: [fact('/'), ...components], ...(failure === undefined ? {} : { failure }) };
    expect(fileRefusal(walk, root)?.code ?? 'believed').toBe(code as never);
  });
});
