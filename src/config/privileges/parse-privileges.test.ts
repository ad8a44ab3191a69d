import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { capabilityNames } from '../../core/hooks/privileges.ts';
import { parsePrivileges } from './parse-privileges.ts';

const parse = (text: string): ReturnType<typeof parsePrivileges> =>
  parsePrivileges(new TextEncoder().encode(text), 'x.yaml');

const nothing = { user: undefined, capabilities: [], writable: [], timeout: undefined, sandbox: 'strict' };

describe('parsePrivileges', () => {
  test.each([
    ['', {}],
    ['# nothing\n', {}],
    ['user: root', { user: 'root' }],
    ['{user: root, writable: [/etc/resolv.conf.d]}', { user: 'root', writable: ['/etc/resolv.conf.d'] }],
    ['capabilities: [CAP_NET_ADMIN, CAP_NET_RAW]', { capabilities: ['CAP_NET_ADMIN', 'CAP_NET_RAW'] }],
    ['capabilities: [CAP_KILL, CAP_KILL]', { capabilities: ['CAP_KILL'] }],
    ['timeout_sec: 2.5', { timeout: 2500 }],
    ['timeout_sec: 0', { timeout: 0 }],
    ['sandbox: none', { sandbox: 'none' }],
  ])('%j grants what it says', (text, granted) => {
    expect(parse(text)).toEqual({ ok: true, privileges: { ...nothing, ...granted } } as never);
  });

  test.each([
    ['an unknown key', 'users: root'],
    ['a key twice', 'user: root\nuser: netevd'],
    ['a list', '[user]'],
    ['a word', 'root'],
    ['a capability without its prefix', 'capabilities: [NET_ADMIN]'],
    ['a capability in lower case', 'capabilities: [cap_net_admin]'],
    ['all capabilities', 'capabilities: [all]'],
    ['one capability outside of a list', 'capabilities: CAP_NET_ADMIN'],
    ['a relative path', 'writable: [etc]'],
    ['the root', 'writable: [/]'],
    ['a path with ..', 'writable: [/etc/../root]'],
    ['a path with white space', 'writable: ["/etc /root"]'],
    ['a path with a specifier', 'writable: ["/run/%h"]'],
    ['a path that starts like an option of systemd', 'writable: ["-/etc"]'],
    ['a user with a line break', 'user: "root\\nExecStart=/bin/sh"'],
    ['a user that is a number', 'user: 0'],
    ['a negative time-out', 'timeout_sec: -1'],
    ['an endless time-out', 'timeout_sec: .inf'],
    ['another sandbox', 'sandbox: loose'],
    ['writable paths without a sandbox', '{sandbox: none, writable: [/etc]}'],
    ['two documents', 'user: root\n---\nuser: netevd'],
    ['no YAML', '{'],
    ['a tag', 'user: !!binary cm9vdA=='],
  ])('refuses %s', (_, text) => {
    const parsed = parse(text);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? [] : parsed.problems).not.toBeEmpty();
  });

  test('refuses bytes that are not UTF-8', () => {
    expect(parsePrivileges(Uint8Array.of(0x75, 0xff), 'x.yaml').ok).toBe(false);
  });

  test('any capability that it accepts is in the table', () => {
    for (const name of capabilityNames) expect(parse(`capabilities: [${name}]`).ok).toBe(true);
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parsePrivileges(bytes, 'x')));
  });
});
