/**
 * Transitions from real DHCP clients: dhclient, systemd-networkd and NetworkManager get a lease, renew it without
 * a change, get other values at a renewal, another address, and give the lease back.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { DaemonInLab, type Told } from './daemon-in-lab.ts';
import { Lab } from './lab.ts';
import { describeLab } from './lab-available.ts';
import { type DhcpAnswers, dhclient, LabDhcp, release } from './lab-dhcp.ts';

const deadline = 90_000;
/** dhclient writes a lease down at most every 15 seconds (MIN_LEASE_WRITE), so it must not renew before. */
const dhclientRenewal = 17;
const managerRenewal = 5;

interface Client {
  readonly backend: string;
  readonly link: string;
  readonly number: number;
  readonly renewAfter: number;
  /** Gets a lease; the server is there. */
  start(lab: Lab, link: string): Promise<unknown>;
  /** Gives the lease back. */
  stop(lab: Lab, link: string): Promise<unknown>;
}

const clients: readonly Client[] = [
  {
    backend: 'dhclient',
    link: 'dh41',
    number: 41,
    renewAfter: dhclientRenewal,
    start: (lab, link) => dhclient(lab, link),
    stop: (lab, link) => release(lab, link),
  },
  {
    backend: 'systemd-networkd',
    link: 'nd42',
    number: 42,
    renewAfter: managerRenewal,
    start: () => Promise.resolve(),
    stop: (lab, link) => lab.links.carrier(link, 'off'),
  },
  {
    backend: 'NetworkManager',
    link: 'nm43',
    number: 43,
    renewAfter: managerRenewal,
    start: () => Promise.resolve(),
    stop: (lab, link) => lab.ok(['nmcli', 'device', 'disconnect', link]),
  },
];

describeLab('transitions of a DHCP lease', () => {
  let lab: Lab;
  let daemon: DaemonInLab;
  beforeAll(async () => {
    lab = await Lab.boot({ name: 'transitions' });
    daemon = await DaemonInLab.start(lab);
  }, 120_000);
  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  for (const client of clients) {
    const { link, number, backend, renewAfter } = client;
    const answers: DhcpAnswers = {
      range: [50, 50],
      renewAfter,
      dns: '192.0.2.53',
      domain: 'one.lab.example',
    };
    const of = async (directory: string): Promise<readonly Told[]> =>
      (await daemon.toldOf(link)).filter((told) => told.directory === directory);
    /** The newest event of a directory, once its variables are as expected. */
    const becomes = async (directory: string, expected: Readonly<Record<string, string>>): Promise<Told> => {
      let seen: readonly Told[] = [];
      return await lab
        .until(
          `${directory}.d of ${link}`,
          async () => {
            seen = await of(directory);
            return seen.find(({ environment }) =>
              Object.entries(expected).every(([name, value]) => environment[name] === value),
            );
          },
          deadline,
        )
        .catch((error: unknown) => {
          const told = seen.map(({ environment }) =>
            Object.entries(environment).filter(([name]) => /^(EVENT|CHANGED|OLD_|NEW_|BACKEND)/.test(name)),
          );
          throw new Error(`${JSON.stringify(told)}\n${daemon.log.slice(-2000)}\n${error}`);
        });
    };

    test(`${backend}: bound, changed, another address, released`, async () => {
      await lab.links.add(link, number, 'none');
      const server = new LabDhcp(lab, link, number);
      await server.start(answers);
      await client.start(lab, link);
      const address = `10.77.${number}.50`;
      const bound = { EVENT: 'bound', BACKEND: backend, NEW_DHCP_ADDRESS: address, OLD_DHCP_ADDRESS: '' };
      await becomes('lease', { ...bound, NEW_DHCP_DNS: '192.0.2.53', NEW_DHCP_DOMAIN: 'one.lab.example' });
      await becomes('address-changed', { OLD_ADDRESSES: '', NEW_ADDRESSES: address });
      await becomes('gateway', { FAMILY: 'ipv4', OLD_GATEWAY: '', NEW_GATEWAY: `10.77.${number}.1` });

      // Another router and name server at the next renewal.
      await server.start({
        ...answers,
        dns: '192.0.2.54',
        router: `10.77.${number}.9`,
        domain: 'two.lab.example',
      });
      const changed = await becomes('lease', {
        EVENT: 'changed',
        OLD_DHCP_DNS: '192.0.2.53',
        NEW_DHCP_DNS: '192.0.2.54',
      });
      expect(changed.environment['CHANGED']?.split(' ')).toContain('dns');
      await becomes('gateway', { NEW_GATEWAY: `10.77.${number}.9` });

      // Another address: the server refuses the old one.
      await daemon.forget();
      await server.start({ ...answers, range: [60, 60], dns: '192.0.2.54', router: `10.77.${number}.9` });
      await becomes('address-changed', { NEW_ADDRESSES: `10.77.${number}.60` });
      await becomes('lease', { NEW_DHCP_ADDRESS: `10.77.${number}.60` });

      await daemon.forget();
      await client.stop(lab, link);
      await becomes('lease', { EVENT: 'released', NEW_DHCP_ADDRESS: '' });
      await becomes('address-changed', { NEW_ADDRESSES: '' });
      await server.stop();
      await lab.run(['ip', 'link', 'del', link]);
    }, 400_000);
  }
});
