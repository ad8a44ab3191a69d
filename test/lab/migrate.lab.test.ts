/**
 * A machine that ran networkd-dispatcher and NetworkManager's dispatcher, and then runs netevd beside them: the same scripts
 * see the same, from the original as root and from netevd as its user.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { DaemonInLab } from './daemon-in-lab.ts';
import { Lab, PROJECT_INSIDE as project } from './lab.ts';
import { describeLab } from './lab-available.ts';

const seen = '/run/seen';

/** A line for each run: user, then what the script was given. */
const script = (...words: readonly string[]): string =>
  ['#!/bin/sh', `printf '%s %s\\n' "$(id -un)" "${words.join(' ')}" >>${seen}`, ''].join('\n');

describeLab('scripts of other programs on a machine that had these', () => {
  let lab: Lab;
  let daemon: DaemonInLab;

  beforeAll(async () => {
    lab = await Lab.boot({ name: 'migrate' });
    await lab.ok(['install', '--mode=666', '/dev/null', seen]);
    const networkd = script('networkd', '$IFACE', '$STATE', '$IP_ADDRS');
    for (const state of ['routable', 'no-carrier']) {
      await lab.write(`/etc/networkd-dispatcher/${state}.d/50-seen`, networkd, 0o755);
    }
    const connection = script(
      'nm',
      '$1',
      '$2',
      '$DEVICE_IFACE',
      '$IP4_ADDRESS_0',
      '$IP4_NAMESERVERS',
      '$CONNECTION_ID',
    );
    const actions = '[ "$2" = up ] || [ "$2" = down ] || exit 0\n';
    await lab.write(
      '/etc/NetworkManager/dispatcher.d/50-seen',
      connection.replace('\n', `\n${actions}`),
      0o755,
    );
    const command = [
      `${project}/build/netevd`,
      'migrate',
      'networkd-dispatcher',
      'NetworkManager',
      '--apply',
    ];
    await lab.ok(command);
    daemon = await DaemonInLab.start(lab);
    await lab.ok(['systemctl', 'unmask', 'networkd-dispatcher']);
    await lab.ok(['systemctl', 'start', 'networkd-dispatcher']);
  }, 90_000);
  afterAll(async () => {
    await daemon?.stop();
    await lab?.[Symbol.asyncDispose]();
  });

  /** What root's and netevd's run of the script printed of `words`, once both have. */
  async function both(words: string): Promise<readonly [string, string]> {
    const line = async (user: string): Promise<string | undefined> =>
      (await lab.read(seen))
        .split('\n')
        .find((text) => text.startsWith(`${user} ${words}`))
        ?.slice(user.length + 1);
    const lines = async (): Promise<readonly [string, string] | undefined> => {
      const [original, hook] = [await line('root'), await line('netevd')];
      return original === undefined || hook === undefined ? undefined : [original, hook];
    };
    return await lab.until(`both runs: ${words}`, lines);
  }

  test('an address by DHCP, and a cable that is pulled, with networkd-dispatcher', async () => {
    await lab.links.add('nd1', 1, 'dhcp');
    const [original, hook] = await both('networkd nd1 routable 10.77.1.');
    expect(hook).toBe(original);
    await lab.ok(['truncate', '--size=0', seen]);
    await lab.links.carrier('nd1', 'off');
    const [before, after] = await both('networkd nd1 no-carrier');
    expect(after.split(' ').slice(0, 3)).toEqual(before.split(' ').slice(0, 3));
  }, 90_000);

  test('a connection that comes and goes, with NetworkManager', async () => {
    await lab.links.add('nm2', 2, 'dhcp');
    await lab.until('nm2', async () => (await lab.ok(['nmcli', '-t', 'device'])).includes('nm2'));
    await lab.ok(['nmcli', 'connection', 'add', 'type', 'ethernet', 'ifname', 'nm2', 'con-name', 'office']);
    const [original, hook] = await both('nm nm2 up nm2 10.77.2.');
    expect(hook).toBe(original);
    await lab.ok(['nmcli', 'device', 'disconnect', 'nm2']);
    const [before, after] = await both('nm nm2 down nm2');
    expect(after.split(' ').slice(0, 4)).toEqual(before.split(' ').slice(0, 4));
  }, 90_000);
});
