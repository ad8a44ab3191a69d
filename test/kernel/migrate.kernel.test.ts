/** `netevd migrate --remove-stale-routing` on the kernel: what predecessors made goes, everything else stays. */
import { expect, test } from 'bun:test';
import { realMigrateParts } from '../../src/cli/local/migrate-command-parts.ts';
import { staleRouting } from '../../src/cli/local/migrate-routing.ts';
import { insideNamespace, ip } from './in-namespace.ts';

/** As the Rust and the Go program leave them, the former started twice. */
const theirs = [
  'rule add from 192.0.2.5 table 1101 protocol 0',
  'rule add to 192.0.2.5 table 1101 protocol 0',
  'rule add from 192.0.2.5 table 1101 protocol 0 priority 32000',
  '-6 rule add from 2001:db8::5 table 10100 protocol 0',
  '-6 rule add to 2001:db8::5 table 10100 protocol 0',
  'route add default via 192.0.2.1 dev up1 table 1101 protocol static',
  '-6 route add default via 2001:db8::1 dev up1 table 10100 protocol boot',
];
/** The second is half of a pair as theirs, and may be anybody's: ip(8) gives rules no protocol either. */
const others = [
  'rule add from 192.0.2.5 table 301 priority 30000 protocol 157',
  'rule add from 192.0.2.6 table 1101 priority 100',
  'route add 198.51.100.0/24 dev up1 table 1101',
  'route add default via 192.0.2.1 dev up1 table 301 protocol 157',
];
const shown = ['rule', '-6 rule', 'route show table all', '-6 route show table all'];
const everything = (): string => shown.map(ip).join('\n');

if (insideNamespace(import.meta.path)) {
  test('what predecessors made is removed, and nothing else', async () => {
    ip('link add up1 index 101 type veth peer name up1p');
    ip('link set up1 up');
    ip('link set up1p up');
    ip('address add 192.0.2.5/24 dev up1');
    ip('address add 2001:db8::5/64 dev up1 nodad');
    for (const words of others) ip(words);
    const before = everything();
    for (const words of theirs) ip(words);
    const { routing } = realMigrateParts();
    const options = { apply: true, removeStaleRouting: true };
    const first = await staleRouting([], options, routing);
    expect(first.problems).toEqual([]);
    expect(first.lines.map(({ state }) => state)).toEqual([
      ...theirs.map(() => 'removed' as const),
      'doubtful',
    ]);
    expect(everything()).toBe(before);
    const second = await staleRouting([], options, routing);
    expect(second.lines.map(({ state }) => state)).toEqual(['doubtful']);
  });

  test('without the right to change the kernel, each is a problem with its command', async () => {
    for (const words of theirs) ip(words);
    const { routing } = realMigrateParts();
    const denied = { ...routing, run: async () => [] };
    const report = await staleRouting([], { apply: true, removeStaleRouting: true }, denied);
    expect(report.problems.map(({ code }) => code)).toEqual(theirs.map(() => 'NETEVD_MIGRATE_WRITE'));
  });
}
