import { describe, expect, test } from 'bun:test';
import {
  fileRefusal,
  type OpenFileRule,
  openFileRefusal,
  type PathStat,
  type PathTrust,
  type PathWalk,
} from './path-trust.ts';

const root: PathTrust = { owners: [0], directoryOwners: [0], uid: 0 };
const stat = (path: string, over: Partial<PathStat> = {}): PathStat => ({
  path,
  kind: 'directory',
  uid: 0,
  gid: 0,
  mode: 0o755,
  links: 1,
  ...over,
});
const etc = stat('/etc');
const sticky = { mode: 0o1777 };
const file = (over: Partial<PathStat> = {}, path = '/etc/x'): PathStat =>
  stat(path, { kind: 'file', mode: 0o644, ...over });
const failed = (path: string, code = 'ENOENT'): PathWalk['failure'] => ({ path, code });

describe('fileRefusal for a file that root acts on', () => {
  const rows: readonly [
    name: string,
    components: readonly PathStat[],
    failure: PathWalk['failure'],
    code: string,
  ][] = [
    ['of root', [etc, file()], undefined, 'trusted'],
    ['of another user', [etc, file({ uid: 1000 })], undefined, 'owner'],
    ['that its group can write to', [etc, file({ mode: 0o664 })], undefined, 'writable'],
    ['in a directory of another user', [stat('/u', { uid: 1000 }), file()], undefined, 'path-owner'],
    ['in a world-writable directory', [stat('/o', { mode: 0o777 }), file()], undefined, 'path-writable'],
    ['of root in a sticky directory', [stat('/tmp', sticky), file()], undefined, 'trusted'],
    [
      'behind a symbolic link of another user',
      [stat('/l', { kind: 'symlink', uid: 1000 }), file()],
      undefined,
      'path-owner',
    ],
    ['that is a device', [etc, file({ kind: 'other', mode: 0o666 }, '/dev/null')], undefined, 'trusted'],
    ['that does not exist', [etc], failed('/etc/x'), 'trusted'],
    ['that any user can create', [stat('/tmp', sticky)], failed('/tmp/x'), 'path-writable'],
    ['that cannot be examined', [etc], failed('/etc/x', 'EACCES'), 'trusted'],
  ];
  for (const [name, components, failure, code] of rows) {
    test(`a file ${name} is ${code === 'trusted' ? 'trusted' : `refused with ${code}`}`, () => {
      const walk = { components: [stat('/'), ...components], ...(failure === undefined ? {} : { failure }) };
      expect(fileRefusal(walk, root)?.code ?? 'trusted').toBe(code as never);
    });
  }
});

describe('an open file', () => {
  const lease: OpenFileRule = { owners: [0, 1000], mayGroupWrite: true };
  const strict: OpenFileRule = { owners: [0], mayGroupWrite: false };
  const config: OpenFileRule = { mayGroupWrite: true };
  const rows: readonly [
    what: string,
    rule: OpenFileRule,
    over: Partial<PathStat>,
    code: string | undefined,
  ][] = [
    ['is accepted if it is owned by root', lease, {}, undefined],
    ['is accepted if it is owned by another allowed user', lease, { uid: 1000 }, undefined],
    ['is refused if it is owned by a user that is not allowed', lease, { uid: 1001 }, 'owner'],
    ['is accepted from any owner if the rule names none', config, { uid: 1001 }, undefined],
    ['may be writable by its group if the rule allows that', lease, { mode: 0o664 }, undefined],
    [
      'is refused if its group can write to it and the rule forbids that',
      strict,
      { mode: 0o664 },
      'writable',
    ],
    ['is refused if everyone can write to it', lease, { mode: 0o666 }, 'writable'],
    ['is refused if everyone can write to it, whoever owns it', config, { mode: 0o602 }, 'writable'],
    ['is refused if it is a FIFO', lease, { kind: 'other' }, 'not-regular'],
    ['is refused if it is a directory', config, { kind: 'directory', mode: 0o755 }, 'not-regular'],
  ];
  test.each(rows)('%s', (_what, rule, over, code) => {
    expect(openFileRefusal(file(over), rule)?.code).toBe(code as never);
  });
});
