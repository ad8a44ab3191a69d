/** docs/migration.md names everything that the command knows. */
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ifupdown, ifupdownTargets } from '../../src/migrate/contracts/ifupdown.ts';
import { netevdRust, rustOnlyDirectories } from '../../src/migrate/contracts/netevd-rust.ts';
import { networkBroker } from '../../src/migrate/contracts/network-broker.ts';
import { actions, networkManager } from '../../src/migrate/contracts/network-manager.ts';
import { networkdDispatcher } from '../../src/migrate/contracts/networkd-dispatcher.ts';
import { sourceNames } from '../../src/migrate/plan.ts';

const page = readFileSync(join(import.meta.dir, '../../docs/migration.md'), 'utf8');
const named = (name: string): boolean => page.includes(`\`${name}\``);

const contracts = { networkdDispatcher, networkManager, ifupdown, ...networkBroker };
test.each(Object.entries(contracts))('every variable of %s has its line', (_, { variables }) => {
  expect(variables.map(({ name }) => name).filter((name) => !named(name))).toEqual([]);
});

test('so has every source, every action and every directory', () => {
  const targets = [
    ...ifupdownTargets,
    ...actions.flatMap(({ action, targets }) => targets.map((each) => [action, each] as const)),
  ];
  const names = [
    ...sourceNames,
    ...rustOnlyDirectories,
    ...actions.map(({ action }) => action),
    ...targets.flatMap(([name, { directory }]) => [name, `${directory}.d`]),
  ];
  expect(names.filter((name) => !named(name))).toEqual([]);
});

test('features of netevd for Rust that netevd does not have are documented', () => {
  expect(netevdRust.variables.some(({ name }) => named(name))).toBe(true);
});
