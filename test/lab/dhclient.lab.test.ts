/** The daemon beside real dhclients, resolved, hostnamed, networkd and polkit. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test';
import { DaemonInLab, type Told } from './daemon-in-lab.ts';
import { Lab, PROJECT_INSIDE } from './lab.ts';
import { describeLab } from './lab-available.ts';
import { dhclient, killDhclient, LabDhcp, leaseFile, release } from './lab-dhcp.ts';

const deadline = 30_000;
/** dhclient writes a lease down at most every 15 seconds (MIN_LEASE_WRITE). */
const late = 60_000;
const stateDirectories: ReadonlySet<string> = new Set([
  'carrier',
  'no-carrier',
  'degraded',
  'routable',
  'configured',
]);
const rule = '/etc/polkit-1/rules.d/50-netevd.rules';
const pushing = 'backends: { dhclient: { use_dns: true, use_domain: true, use_hostname: true } }';

describeLab('the daemon beside dhclient', () => {
  let lab: Lab;
  let daemon: DaemonInLab;

  beforeAll(async () => {
    lab = await Lab.boot({ name: 'dhclient' });
    // A link-local address that is usable at once: dhclient -6 does not wait for one.
    await lab.ok(['sh', '-c', 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad']);
  }, 120_000);
  afterAll(async () => await lab[Symbol.asyncDispose]());
  let number = 10;
  let link = '';
  let server: LabDhcp;
  beforeEach(async () => {
    await allow();
    await lab.ok(['rm', '-rf', '/run/netevd-lab', '/run/netevd']);
    number++;
    link = `dh${number}`;
    await lab.links.add(link, number, 'none');
    server = new LabDhcp(lab, link, number);
  });
  afterEach(async () => {
    await daemon[Symbol.asyncDispose]();
    await lab.run(['sh', '-c', 'kill -9 $(pgrep dhclient); rm -f /var/lib/dhcp/*']);
    await server.stop();
    await lab.run(['ip', 'link', 'del', link]);
  });

  const allow = async (): Promise<void> => {
    await lab.ok(['systemd-sysusers', `${PROJECT_INSIDE}/packaging/sysusers.d/netevd.conf`]);
    await lab.write(rule, await lab.read(`${PROJECT_INSIDE}/packaging/polkit/50-netevd.rules`));
  };
  /** `present`: the start events of the link; they are over and dropped when this returns. */
  const start = async (settings = '', file?: string, present = ['off', 'unmanaged']): Promise<void> => {
    daemon = await DaemonInLab.start(lab, settings, file);
    const all = await lab.until(
      `${present} of ${link}`,
      async () => {
        const some = names(await daemon.toldOf(link));
        return present.every((one) => some.includes(one)) && some;
      },
      deadline,
    );
    expect(all).toHaveLength(present.length);
    await daemon.forget();
  };
  const resolvectl = async (what: 'dns' | 'domain', of: string): Promise<string> =>
    (await lab.ok(['resolvectl', what, of])).replace(/^.*?: ?/, '').trim();
  const hostName = async (): Promise<string> => (await lab.ok(['hostname'])).trim();
  const becomes = async (what: string, ask: () => Promise<string>, expected: string): Promise<void> => {
    let last: string | undefined;
    const isSo = async (): Promise<boolean> => {
      last = await ask();
      return last === expected;
    };
    await lab.until(`${what} to become '${expected}'`, isSo, deadline).catch((error: unknown) => {
      throw new Error(`${what} is '${last}', not '${expected}'\n${daemon.log.slice(-3000)}\n${error}`);
    });
  };
  const addressOf = async (of: string): Promise<string> =>
    /inet ([\d.]+)/.exec(await lab.ok(['ip', '-4', '-o', 'addr', 'show', 'dev', of]))?.[1] ?? '';
  /** Warnings about leases, name resolution and the host's name. */
  const warnings = (): readonly string[] =>
    (['callRefused', 'valueRejected'] as const)
      .flatMap((messageId) => daemon.lines({ level: 'warn', messageId }))
      .map(({ message }) => message);
  const toldWhen = async (
    what: string,
    isSo: (told: readonly string[]) => boolean,
  ): Promise<readonly Told[]> =>
    await lab
      .until(
        what,
        async () => {
          const all = await daemon.toldOf(link);
          return isSo(states(all)) && all;
        },
        deadline,
      )
      .catch((error: unknown) => {
        throw new Error(`${error}\n${daemon.log.slice(-3000)}`);
      });
  /** Waits for all of it, pulls the cable, and resolves with what hooks were told until that was told. */
  const toldUntilPulled = async (): Promise<readonly Told[]> => {
    await toldWhen('a configured link', (all) => all.includes('configured'));
    await lab.links.carrier(link, 'off');
    return await toldWhen('the loss of carrier', (all) => all.at(-1) === 'no-carrier');
  };
  /** From the first carrier on. */
  const states = (all: readonly Told[]): string[] => {
    const words = names(all).filter((one) => stateDirectories.has(one));
    return words.slice(words.indexOf('carrier'));
  };
  const names = (all: readonly Told[]): string[] => all.map(({ directory }) => directory);
  /** With what it takes off by chance, more than 15 seconds. */
  const renewing = 'supersede dhcp-renewal-time 24;';
  const renewals = async (): Promise<number> =>
    (await lab.read(leaseFile(link))).match(/^lease \{/gm)?.length ?? 0;

  test('a lease makes a link routable once, and hooks know all of it', async () => {
    await server.start({
      range: [50, 50],
      dns: `10.77.${number}.1`,
      domain: 'lan.example',
      hostName: 'printer',
    });
    await start();
    await dhclient(lab, link);
    const all = await toldUntilPulled();
    expect(states(all)).toEqual(['carrier', 'degraded', 'routable', 'configured', 'no-carrier']);
    const routable = all.find(({ directory }) => directory === 'routable');
    expect(routable?.environment).toMatchObject({
      LINK: link,
      LINKINDEX: String(1000 + number),
      STATE: 'routable',
      EVENT: 'routable',
      BACKEND: 'dhclient',
      GENERATOR: 'dhclient',
      ADDRESSES: `10.77.${number}.50`,
      DHCP_ADDRESS: `10.77.${number}.50`,
      DHCP_SUBNET_MASK: '255.255.255.0',
      DHCP_GATEWAY: `10.77.${number}.1`,
      DHCP_DNS: `10.77.${number}.1`,
      DHCP_DOMAIN: 'lan.example',
      DHCP_HOSTNAME: 'printer',
      DNS: `10.77.${number}.1`,
      DOMAINS: 'lan.example',
      GATEWAY: `10.77.${number}.1`,
    });
    expect(routable?.environment['DHCP_LEASE']).toMatch(
      /^INTERFACE=dh\d+ ADDRESS=10\.77\.\d+\.50 NETMASK=255\.255\.255\.0 .*LIFETIME=3600 .*EXPIRE=\d{4}-/,
    );
    expect(routable?.event).toMatchObject({ backend: 'dhclient', dns: [`10.77.${number}.1`] });
  }, 120_000);

  test('settings of the lease are set in resolved and hostnamed, and reverted with it', async () => {
    await server.start({ range: [50, 50], dns: '192.0.2.53', domain: 'lan.example', hostName: 'printer' });
    const before = await hostName();
    await start(pushing);
    await dhclient(lab, link);
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.53');
    await becomes('domain', () => resolvectl('domain', link), 'lan.example');
    await becomes('host name', hostName, 'printer');
    await release(lab, link);
    await becomes('DNS', () => resolvectl('dns', link), '');
    await becomes('domain', () => resolvectl('domain', link), '');
    await becomes('host name', hostName, before);
    expect(warnings()).toEqual([]);
  }, 120_000);

  test('a renewal without a change runs nothing; one with another address does', async () => {
    await server.start({ range: [50, 50], dns: '192.0.2.53' });
    await start(pushing);
    await dhclient(lab, link, 4, renewing);
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.53');
    await lab.until('a renewal that is written down', async () => (await renewals()) >= 2, late);
    await server.start({ range: [60, 60], dns: '192.0.2.54' });
    await lab.until('the new address', async () => (await addressOf(link)) === `10.77.${number}.60`, late);
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.54');
    const all = await toldUntilPulled();
    const leases = all
      .filter(({ directory }) => directory === 'routable')
      .map(({ environment }) => environment);
    expect(leases).toMatchObject([
      { BACKEND: 'dhclient', DHCP_ADDRESS: `10.77.${number}.50`, DNS: '192.0.2.53' },
      { BACKEND: 'dhclient', DHCP_ADDRESS: `10.77.${number}.60`, DNS: '192.0.2.54' },
    ]);
  }, 150_000);

  test('a lease that ends takes its DNS servers along', async () => {
    await server.start({ range: [50, 50], dns: '192.0.2.53', hostName: 'printer' });
    await start(pushing);
    await dhclient(lab, link, 4, 'supersede dhcp-lease-time 6;\nsupersede dhcp-renewal-time 5;');
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.53');
    await killDhclient(lab, link);
    await server.stop();
    const [, end] =
      /expire \d (.*);/.exec((await lab.read(leaseFile(link))).split('lease {').at(-1) ?? '') ?? [];
    await becomes('DNS', () => resolvectl('dns', link), '');
    const delay = Date.now() - Date.parse(`${end?.replaceAll('/', '-').replace(' ', 'T')}Z`);
    expect(delay).toBeGreaterThanOrEqual(0);
    // By its timer: leases are looked at every half minute.
    expect(delay).toBeLessThan(15_000);
  }, 120_000);

  test('several links and both families are separate', async () => {
    await server.start({
      range: [50, 50],
      dns: '192.0.2.53',
      domain: 'lan.example',
      ipv6: { dns: '2001:db8::53', domain: 'six.example' },
    });
    await lab.ok(['ip', '-n', 'peer', 'addr', 'add', `fd77:${number}::1/64`, 'dev', `${link}p`, 'nodad']);
    await lab.links.add('dhx', 99, 'none');
    const other = new LabDhcp(lab, 'dhx', 99);
    await other.start({ range: [70, 70], dns: '192.0.2.99' });
    await start(pushing);
    await dhclient(lab, link);
    await dhclient(lab, 'dhx');
    await dhclient(lab, link, 6);
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.53 2001:db8::53');
    await becomes('domains', () => resolvectl('domain', link), 'lan.example six.example');
    await becomes('DNS of the other', () => resolvectl('dns', 'dhx'), '192.0.2.99');
    await release(lab, link);
    await becomes('DNS', () => resolvectl('dns', link), '2001:db8::53');
    expect(await resolvectl('dns', 'dhx')).toBe('192.0.2.99');
    const six = (await daemon.toldOf(link)).filter(({ environment }) =>
      environment['DHCP_LEASE']?.includes('fd77:'),
    );
    expect(six.length).toBeGreaterThan(0);
    await lab.ok(['ip', 'link', 'del', 'dhx']);
    await other.stop();
  }, 120_000);

  test('settings of a link that networkd manages are sent to networkd', async () => {
    await lab.links.add('nd8', 8, 'dhcp');
    const shows = async (): Promise<boolean> =>
      (await lab.ok(['networkctl', 'list', '--no-legend', 'nd8'])).includes('configured');
    await lab.until('nd8 configured', shows, deadline);
    await start(pushing);
    await dhclient(lab, 'nd8', 4, 'supersede domain-name-servers 192.0.2.88;');
    await becomes('DNS', () => resolvectl('dns', 'nd8'), '192.0.2.88');
    await release(lab, 'nd8');
    await becomes('DNS', () => resolvectl('dns', 'nd8'), '10.77.8.1');
    // With another backend netevd does not hear networkd: resolved says whose link it is.
    await daemon[Symbol.asyncDispose]();
    await start(
      '',
      'system: { backend: dhclient, log_level: debug }\nbackends: { dhclient: { use_dns: true } }\n',
      ['off'],
    );
    await dhclient(lab, 'nd8', 4, 'supersede domain-name-servers 192.0.2.89;');
    await becomes('DNS', () => resolvectl('dns', 'nd8'), '192.0.2.89');
    await lab.links.remove('nd8');
  }, 120_000);

  test('a restarted resolved gets the settings again', async () => {
    await server.start({ range: [50, 50], dns: '192.0.2.53' });
    await start(pushing);
    await dhclient(lab, link);
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.53');
    await lab.ok([
      'sh',
      '-c',
      'systemctl stop systemd-resolved; rm -rf /run/systemd/resolve/netif; systemctl start systemd-resolved',
    ]);
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.53');
  }, 120_000);

  test('a restart of the daemon takes back what has ended meanwhile', async () => {
    await server.start({ range: [50, 50], dns: '192.0.2.53' });
    await start(pushing);
    await dhclient(lab, link);
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.53');
    expect(await daemon.stop()).toBe(0);
    await release(lab, link);
    expect(await resolvectl('dns', link)).toBe('192.0.2.53');
    daemon = await DaemonInLab.start(lab, pushing);
    await becomes('DNS', () => resolvectl('dns', link), '');
  }, 120_000);

  test('ifupdown has its own lease files, which are followed as well', async () => {
    await server.start({ range: [50, 50], dns: '192.0.2.53' });
    await lab.write('/etc/network/interfaces', `iface ${link} inet dhcp\n`);
    await start(pushing);
    await lab.ok(['ifup', link]);
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.53');
    const routable = (await toldWhen('a lease', (all) => all.includes('routable'))).find(
      ({ directory }) => directory === 'routable',
    );
    expect(routable?.environment).toMatchObject({
      BACKEND: 'dhclient',
      DHCP_ADDRESS: `10.77.${number}.50`,
    });
    await lab.ok(['ifdown', link]);
    await becomes('DNS', () => resolvectl('dns', link), '');
  }, 120_000);

  test('a reload takes back what is no longer wanted, and follows other files', async () => {
    await server.start({ range: [50, 50], dns: '192.0.2.53', domain: 'lan.example' });
    await start(pushing);
    await dhclient(lab, link);
    await becomes('domain', () => resolvectl('domain', link), 'lan.example');
    const reload = async (dhclientKeys: string): Promise<void> => {
      await lab.ok([
        'sed',
        '-i',
        `s|^backends:.*|backends: { dhclient: { ${dhclientKeys} } }|`,
        '/etc/netevd/lab.yaml',
      ]);
      await lab.ok(['kill', '-HUP', String(daemon.pid)]);
    };
    await reload('use_dns: true');
    await becomes('domain', () => resolvectl('domain', link), '');
    expect(await resolvectl('dns', link)).toBe('192.0.2.53');
    await reload('use_dns: true, lease_files: [/var/lib/other/*.leases]');
    await becomes('DNS', () => resolvectl('dns', link), '');
    await lab.ok(['install', '-D', '-m', '644', leaseFile(link), '/var/lib/other/x.leases']);
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.53');
    await reload('use_dns: false');
    await becomes('DNS', () => resolvectl('dns', link), '');
    expect(warnings()).toEqual([]);
  }, 120_000);

  test('a refusal is logged once with the fix, and ends with the fix', async () => {
    await lab.ok(['rm', rule]);
    const isRefused = async (): Promise<boolean> =>
      (
        await lab.run([
          'setpriv',
          '--reuid=netevd',
          '--regid=netevd',
          '--clear-groups',
          'busctl',
          'call',
          'org.freedesktop.hostname1',
          '/org/freedesktop/hostname1',
          'org.freedesktop.hostname1',
          'SetHostname',
          'sb',
          'x',
          'false',
        ])
      ).code !== 0;
    await lab.until('polkit to forget the rule', isRefused, deadline);
    await server.start({
      range: [50, 50],
      dns: '192.0.2.53',
      domain: 'lan.example',
      hostName: 'printer',
    });
    await start(pushing);
    await dhclient(lab, link, 4, renewing);
    await lab.until('both refusals', () => warnings().length >= 2, deadline);
    await lab.until('a renewal that is written down', async () => (await renewals()) >= 2, late);
    const refused = warnings().map((line) => /SetHostname|SetLinkDNS/.exec(line)?.[0] ?? line);
    expect(refused.toSorted()).toEqual(['SetHostname', 'SetLinkDNS']);
    expect(warnings().join()).toContain('/usr/share/polkit-1/rules.d/50-netevd.rules');
    await allow();
    await lab.until('polkit to read the rule', async () => !(await isRefused()), deadline);
    await lab.ok(['systemctl', 'restart', 'systemd-resolved']);
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.53');
    await lab.ok(['hostname', 'lab']);
  }, 120_000);

  test('a static host name takes precedence, which is logged once', async () => {
    await lab.write('/etc/hostname', 'fixed\n');
    await lab.ok(['systemctl', 'restart', 'systemd-hostnamed']);
    await server.start({ range: [50, 50], dns: '192.0.2.53', hostName: 'printer' });
    await start(pushing);
    await dhclient(lab, link);
    await lab.until('a word about it', () => warnings().length > 0, deadline);
    // Another lease, and the same again.
    await killDhclient(lab, link);
    await dhclient(lab, link);
    await becomes('DNS', () => resolvectl('dns', link), '192.0.2.53');
    expect(warnings()).toEqual([expect.stringMatching(/'printer'.*'fixed'.*\/etc\/hostname/)]);
    await lab.ok(['sh', '-c', 'rm /etc/hostname; systemctl restart systemd-hostnamed; hostname lab']);
  }, 120_000);

  test("the first configuration that netevd's documentation shows for dhclient works as it stands", async () => {
    await lab.write('/etc/netevd/routable.d/01-dhcp-lease.sh', documentedHook, 0o755);
    await server.start({
      range: [50, 50],
      dns: `10.77.${number}.1`,
      domain: 'lan.example',
      hostName: 'printer',
    });
    await start('', documentedConfig, ['off']);
    await dhclient(lab, link);
    await becomes('DNS', () => resolvectl('dns', link), `10.77.${number}.1`);
    const all = await toldUntilPulled();
    const script = '/etc/netevd/routable.d/01-dhcp-lease.sh';
    expect(daemon.lines({ script, exit_code: 0 })).toHaveLength(1);
    const environment = all.find(({ directory }) => directory === 'routable')?.environment;
    expect(await lab.ok(['/etc/netevd/routable.d/01-dhcp-lease.sh'], { env: environment ?? {} })).toBe(
      `Got DHCP lease for ${link}: 10.77.${number}.50\nGateway: 10.77.${number}.1\nDNS: 10.77.${number}.1\n`,
    );
    await lab.ok(['rm', '/etc/netevd/routable.d/01-dhcp-lease.sh']);
    await lab.ok(['hostname', 'lab']);
  }, 120_000);

  test('so does that of the legacy system, which names its link', async () => {
    await server.stop();
    await lab.run(['ip', 'link', 'del', link]);
    await lab.links.add('eth0', 7, 'none');
    await lab.links.add('eth1', 6, 'none');
    link = 'eth0';
    server = new LabDhcp(lab, 'eth0', 7);
    const other = new LabDhcp(lab, 'eth1', 6);
    await server.start({ range: [50, 50], dns: '192.0.2.53', domain: 'lan.example', hostName: 'printer' });
    await other.start({ range: [50, 50], dns: '192.0.2.54' });
    await start('', documentedLegacyConfig, ['off']);
    await dhclient(lab, 'eth1');
    await dhclient(lab, 'eth0');
    await becomes('DNS', () => resolvectl('dns', 'eth0'), '192.0.2.53');
    await becomes('domain', () => resolvectl('domain', 'eth0'), 'lan.example');
    await becomes('host name', hostName, 'printer');
    expect(states(await toldUntilPulled())).toContain('routable');
    // The host's way out is the host's, whichever link it is.
    const ofEth1 = (await daemon.toldOf('eth1')).filter(({ directory }) => directory !== 'default-route');
    expect(ofEth1).toEqual([]);
    expect(await resolvectl('dns', 'eth1')).toBe('');
    await lab.ok(['ip', 'link', 'del', 'eth1']);
    await other.stop();
  }, 120_000);
});

/** As it is documented. */
const documentedConfig = `system:
  generator: "dhclient"

network:
  use_dns: true
  use_domain: true
  use_hostname: true
`;
const documentedLegacyConfig = `system:
  log_level: "debug"
  generator: "dhclient"

network:
  links: "eth0"
  use_dns: true
  use_domain: true
  use_hostname: true
`;
const documentedHook = `#!/bin/bash
# Available DHCP lease variables:
# - DHCP_ADDRESS: Assigned IP address
# - DHCP_GATEWAY: Default gateway
# - DHCP_DNS: DNS servers
# - DHCP_DOMAIN: Domain name
# - DHCP_HOSTNAME: Hostname from DHCP

echo "Got DHCP lease for $LINK: $DHCP_ADDRESS"
echo "Gateway: $DHCP_GATEWAY"
echo "DNS: $DHCP_DNS"
`;
