/** The daemon is started again, or killed, on a machine whose links belong to networkd, NetworkManager or no manager. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { DaemonInLab } from './daemon-in-lab.ts';
import { Lab } from './lab.ts';
import { describeLab } from './lab-available.ts';

describeLab('a start on a managed machine', () => {
  let lab: Lab;
  let daemon: DaemonInLab;
  beforeAll(async () => {
    lab = await Lab.boot({ name: 'restart' });
    // Duplicate detection ends a second or two after a link is up: an address that counts from then on is a change.
    await lab.ok(['sh', '-c', 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad']);
    await lab.links.add('nd1', 1, 'dhcp');
    await lab.links.add('nm2', 2, 'dhcp');
    await lab.links.add('un3', 3, 'static');
    const connection = ['type', 'ethernet', 'con-name', 'nm2', 'ifname', 'nm2', 'ipv6.method', 'disabled'];
    await lab.ok(['nmcli', 'connection', 'add', ...connection]);
    await lab.ok(['nmcli', 'connection', 'up', 'nm2'], { deadlineMs: 30_000 });
    const stands = async (command: readonly string[], word: string): Promise<boolean> =>
      (await lab.run(command)).stdout.includes(word);
    await lab.until('nd1', () => stands(['networkctl', 'list', '--no-legend', 'nd1'], 'configured'));
    await lab.until('nm2', () => stands(['nmcli', '-t', '-f', 'DEVICE,STATE', 'device'], 'nm2:connected'));
    daemon = await DaemonInLab.start(lab);
    await daemon.waitUntilQuiet();
  }, 120_000);
  beforeEach(async () => {
    await daemon.waitUntilQuiet();
    await daemon.forget();
  });
  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  /** Ends it, lets something happen, and starts it again. */
  async function again(end: 'SIGTERM' | 'SIGKILL', meanwhile: () => Promise<void>): Promise<void> {
    if (end === 'SIGTERM') expect(await daemon.stop()).toBe(0);
    else await lab.ok(['kill', '-KILL', String(daemon.pid)]);
    await meanwhile();
    await daemon[Symbol.asyncDispose]();
    daemon = await DaemonInLab.start(lab);
    const areRead = async (): Promise<boolean> => {
      const { managers } = await daemon.diagnostics();
      return managers.networkd === 'current' && managers.networkManager === 'current';
    };
    await lab.until('both managers to be read', areRead);
    await daemon.waitUntilQuiet();
  }

  /** `link directory initial?` of all links but the mark that `settle` makes. */
  async function told(): Promise<string[]> {
    const all = (await daemon.told()).filter(({ environment }) => environment['LINK'] !== 'mark');
    return all.map(({ directory, environment }) =>
      [environment['LINK'] ?? 'host', directory, environment['NETEVD_INITIAL'] === '1' ? 'initial' : '']
        .filter(Boolean)
        .join(' '),
    );
  }

  for (const end of ['SIGTERM', 'SIGKILL'] as const) {
    test(`after ${end} runs no hook without a change, for any manager`, async () => {
      await again(end, async () => undefined);
      expect(await told()).toEqual([]);
    }, 120_000);
  }

  test('a restart runs hooks once for what happened to each link, with the states of its manager', async () => {
    await again('SIGKILL', async () => {
      await lab.ok(['nmcli', 'device', 'disconnect', 'nm2']);
      await lab.links.carrier('nd1', 'off');
      const isLost = async (): Promise<boolean> =>
        (await lab.ok(['networkctl', 'list', '--no-legend', 'nd1'])).includes('no-carrier');
      await lab.until('networkd to hear of it', isLost);
    });
    const lines = await told();
    expect(lines.filter((line) => line.includes(' no-carrier'))).toEqual(['nd1 no-carrier initial']);
    expect(lines.filter((line) => line.includes(' disconnected'))).toEqual(['nm2 disconnected initial']);
    expect(lines.filter((line) => line.startsWith('un3'))).toEqual([]);
    expect(new Set(lines).size).toBe(lines.length);
  }, 120_000);
});
