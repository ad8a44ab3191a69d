/** The documented examples as they stand there, on the manager that each is for: what they do, seen from outside. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { seedScripts } from '../kernel/seed-scripts.ts';
import { DaemonInLab } from './daemon-in-lab.ts';
import { Lab, PROJECT_INSIDE as project } from './lab.ts';
import { describeLab } from './lab-available.ts';

const deadline = 30_000;
const calls = '/run/calls';
const output = '/tmp/example-5';

describeLab('the examples of the first document', () => {
  let lab: Lab;
  let daemon: DaemonInLab;

  beforeAll(async () => {
    lab = await Lab.boot({ name: 'seeds' });
    // Programs of the examples that are not in the lab: what they are called with is written down.
    await lab.ok(['install', '--mode=666', '/dev/null', calls]);
    for (const program of ['/usr/bin/notify-send', '/usr/bin/mail', '/usr/local/bin/update-vpn-routes.sh']) {
      const input = program.endsWith('mail') ? 'cat' : ':';
      await lab.write(program, `#!/bin/sh\n{ echo "$0" "$@"; ${input}; } >>${calls}\n`, 0o755);
    }
    // What the examples take for granted: a service that the daemon's user may start, and a file that it may write.
    const unit = '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n';
    await lab.write('/etc/systemd/system/myapp.service', unit);
    const rules = '/etc/polkit-1/rules.d/60-netevd-hooks.rules';
    await lab.write(rules, await lab.read(`${project}/examples/polkit/60-netevd-hooks.rules`));
    await lab.ok(['systemctl', 'daemon-reload']);
    await lab.ok(['install', '--directory', '--mode=1777', '/etc/resolv.conf.d']);
    for (const { document, place, text } of seedScripts()) {
      if (document !== 'S0') continue;
      await lab.write(`/opt/examples/${place}`, text, 0o755);
      // As it stands there; of the one that prints, what it prints is kept.
      const keeps = place.endsWith('process-json.sh') ? `>${output}` : '';
      await lab.write(`/etc/netevd/${place}`, `#!/bin/sh\nexec /opt/examples/${place} ${keeps}\n`, 0o755);
    }
    daemon = await DaemonInLab.start(lab);
  }, 120_000);
  afterAll(async () => {
    await daemon.stop();
    await lab[Symbol.asyncDispose]();
  });

  const called = async (words: string): Promise<void> => {
    await lab.until(`a call: ${words}`, async () => (await lab.read(calls)).includes(words), deadline);
  };
  const logged = async (words: string): Promise<void> => {
    await lab.until(`in the journal: ${words}`, async () => (await lab.journal()).includes(words), deadline);
  };
  test('1, 5: an address by DHCP, with systemd-networkd', async () => {
    await lab.links.add('nd1', 1, 'dhcp');
    await called('Network Ready Interface nd1 is now routable with IPs: 10.77.1.');
    const isStarted = async (): Promise<boolean> =>
      (await lab.run(['systemctl', 'is-active', 'myapp.service'])).stdout.trim() === 'active';
    await lab.until('myapp.service to be started', isStarted, deadline);
    await lab.until(
      'the servers to be written',
      async () =>
        (await lab.run(['cat', '/etc/resolv.conf.d/custom'])).stdout.includes('nameserver 10.77.1.1'),
      deadline,
    );
    const isPrinted = async (): Promise<string | undefined> => {
      const text = (await lab.run(['cat', output])).stdout;
      return /10\.77\.1\.\d+\/24/.test(text) ? text : undefined;
    };
    const told = await lab.until('what the script prints', isPrinted, deadline);
    for (const words of [
      'Interface: nd1',
      'MTU: 1500',
      'Driver: veth',
      'IPv4 State: routable',
      'DNS Servers: 10.77.1.1',
    ]) {
      expect(told).toContain(words);
    }
  }, 120_000);

  test('3: a cable that is pulled', async () => {
    // It had none when it came.
    await lab.ok(['truncate', '--size=0', calls]);
    const lost = async (): Promise<number> => (await lab.journal()).split('Link nd1 carrier lost').length;
    const before = await lost();
    await lab.links.carrier('nd1', 'off');
    await called('Interface nd1 lost carrier at');
    await lab.until('the line in the journal', async () => (await lost()) === before + 1, deadline);
  }, 120_000);

  test('1, 3: a connection that comes, and one that is taken back, with NetworkManager', async () => {
    await lab.links.add('nm2', 2, 'dhcp');
    const add = ['nmcli', 'connection', 'add', 'type', 'ethernet', 'ifname', 'nm2', 'con-name', 'office'];
    await lab.until('nm2', async () => (await lab.ok(['nmcli', '-t', 'device'])).includes('nm2'), deadline);
    await lab.ok(add);
    await logged('Interface nm2 activated with state: activated');
    await called('update-vpn-routes.sh nm2');
    await lab.ok(['nmcli', 'device', 'disconnect', 'nm2']);
    await logged('Attempted to reconnect nm2');
    const isBack = async (): Promise<boolean> =>
      (await lab.ok(['nmcli', '-t', '-f', 'DEVICE,STATE', 'device'])).includes('nm2:connected');
    await lab.until('nm2 to be connected again', isBack, deadline);
  }, 120_000);

  test('6: a VPN that comes up', async () => {
    await lab.write(
      '/etc/systemd/network/20-vpn.network',
      '[Match]\nName=wg0\n[Network]\nAddress=10.99.0.1/24\n',
    );
    await lab.ok(['networkctl', 'reload']);
    await lab.ok(['ip', 'link', 'add', 'wg0', 'type', 'ifb']);
    await lab.ok(['ip', 'link', 'set', 'wg0', 'up']);
    await logged('Added VPN routes for wg0');
  }, 120_000);
});
