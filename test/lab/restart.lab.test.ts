/** The daemon is started again, or killed, on a machine whose links belong to networkd, NetworkManager and nobody. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { DaemonInLab } from './daemon-in-lab.ts';
import { Lab } from './lab.ts';
import { describeLab } from './lab-available.ts';

describeLab('a start on a managed machine', () => {
  let lab: Lab;
  let daemon: DaemonInLab;
  beforeAll(async () => {
    lab = await Lab.boot({ name: 'restart' });
    await lab.links.add('nd1', 1, 'dhcp');
    await lab.links.add('nm2', 2, 'dhcp');
    await lab.links.add('un3', 3, 'static');
    const connection = ['type', 'ethernet', 'con-name', 'nm2', 'ifname', 'nm2', 'ipv6.method', 'disabled'];
    await lab.ok(['nmcli', 'connection', 'add', ...connection]);
    await lab.ok(['nmcli', 'connection', 'up', 'nm2'], { deadlineMs: 30_000 });
    const stands = async (command: readonly string[], word: string): Promise<boolean> =>
      (await lab.run(command)).stdout.includes(word);
    await lab.until(() => stands(['networkctl', 'list', '--no-legend', 'nd1'], 'configured'), 20_000, 'nd1');
    await lab.until(
      () => stands(['nmcli', '-t', '-f', 'DEVICE,STATE', 'device'], 'nm2:connected'),
      20_000,
      'nm2',
    );
    daemon = await DaemonInLab.start(lab);
    await daemon.waitUntilQuiet();
  }, 90_000);
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
    const initialReads = async (): Promise<boolean> => {
      const { managers } = await daemon.diagnostics();
      return managers.networkd === 'current' && managers.networkManager === 'current';
    };
    await lab.until(initialReads, 10_000, 'both managers to be heard');
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
    test(`after ${end} tells nothing where nothing has changed, whoever the links belong to`, async () => {
      await again(end, async () => undefined);
      expect(await told()).toEqual([]);
    }, 60_000);
  }

  test('tells what has happened to each meanwhile, once, in the words of its manager', async () => {
    await again('SIGKILL', async () => {
      await lab.ok(['nmcli', 'device', 'disconnect', 'nm2']);
      await lab.links.carrier('nd1', 'off');
      const isLost = async (): Promise<boolean> =>
        (await lab.ok(['networkctl', 'list', '--no-legend', 'nd1'])).includes('no-carrier');
      await lab.until(isLost, 10_000, 'networkd to hear of it');
    });
    const lines = await told();
    expect(lines.filter((line) => line.includes(' no-carrier'))).toEqual(['nd1 no-carrier initial']);
    expect(lines.filter((line) => line.includes(' disconnected'))).toEqual(['nm2 disconnected initial']);
    expect(lines.filter((line) => line.startsWith('un3'))).toEqual([]);
    expect(new Set(lines).size).toBe(lines.length);
  }, 60_000);
});
