/** Each script twice: called as the program calls it that it was written for, and by the wrapper, as netevd calls that. */
import { afterAll, describe, expect, test } from 'bun:test';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readSource } from '../../src/cli/local/migrate-files.ts';
import { ifIndex } from '../../src/core/model/ids.ts';
import { mapOf } from '../../src/core/model/persistent-map.ts';
import type { SourceName } from '../../src/migrate/plan.ts';
import { planSource } from '../../src/migrate/plan-source.ts';
import { hookEnvironment } from './hook-environment.ts';
import { hasNamespaces, linkName, type Ran, runWithLink } from './link-namespace.ts';
import { originalTool } from './original-tools.ts';

const fixtures = join(import.meta.dir, '../fixtures/migrate');
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-wrappers-')));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Every file of the plan for a source of the fixtures, below a hook directory of its own; its path. */
function migrated(source: SourceName, base: string): string {
  const hookDirectory = join(scratch, source);
  const plan = planSource(
    readSource(source, join(fixtures, base), () => undefined),
    {
      configFile: join(hookDirectory, 'netevd.yaml'),
      hookDirectory,
    },
  );
  for (const file of plan.scripts.flatMap(({ files }) => files)) {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, file.content);
    chmodSync(file.path, file.mode);
  }
  return hookDirectory;
}

/** `NAME=value` lines, by name. */
const valuesOf = ({ lines }: Ran): Readonly<Record<string, string>> =>
  Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

const namespaces = describe.skipIf(!hasNamespaces);

const dispatcher = originalTool('networkd-dispatcher');
describe.skipIf(!hasNamespaces || dispatcher === undefined)('a script of networkd-dispatcher', () => {
  const networkctl = `#!/bin/sh
case "$1" in
  list) echo "  2 ${linkName} ether routable configured" ;;
  status)
    echo "● 2: ${linkName}"
    echo "                     Type: ether"
    echo "                    State: routable (configured)"
    echo "                  Address: 192.0.2.5"
    echo "                           192.0.2.6"
    echo "                           2001:db8::5"
    echo "                  Gateway: 192.0.2.1"
    echo "                      DNS: 192.0.2.53"
    echo "                           2001:db8::53"
    echo "           Search Domains: example.org"
    echo "                           example.net"
    echo
    ;;
esac
`;

  function original(): Ran {
    const bin = join(scratch, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'networkctl'), networkctl);
    chmodSync(join(bin, 'networkctl'), 0o755);
    const scripts = join(scratch, 'dispatcher');
    mkdirSync(join(scripts, 'routable.d'), { recursive: true });
    chmodSync(join(scripts, 'routable.d'), 0o755);
    cpSync(join(fixtures, 'networkd-dispatcher/routable.d/50-seen'), join(scripts, 'routable.d/50-seen'));
    chmodSync(join(scripts, 'routable.d/50-seen'), 0o755);
    const harness = join(import.meta.dir, 'dispatch-once.py');
    const call = ['/usr/bin/python3', harness, dispatcher ?? '', scripts, linkName, 'configured', 'routable'];
    return runWithLink(call, { PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin` });
  }

  test('sees by its wrapper what it saw', () => {
    const hooks = migrated('networkd-dispatcher', 'networkd-dispatcher');
    const before = valuesOf(original());
    const environment = hookEnvironment({ directory: 'routable', source: 'systemd-networkd' });
    const after = valuesOf(runWithLink([join(hooks, 'routable.d/50-seen')], environment));
    const { json: jsonBefore = '', ...othersBefore } = before;
    const { json: jsonAfter = '', ...othersAfter } = after;
    expect(before['IFACE']).toBe(linkName);
    expect(othersAfter).toEqual(othersBefore);
    expect(JSON.parse(jsonAfter)).toEqual(JSON.parse(jsonBefore));
  });
});

namespaces('a script of NetworkManager', () => {
  /** As NetworkManager-dispatcher(8) says, and nm-dispatcher-utils.c does. */
  const environment: Readonly<Record<string, string>> = {
    NM_DISPATCHER_ACTION: 'up',
    DEVICE_IFACE: linkName,
    DEVICE_IP_IFACE: linkName,
    IP4_ADDRESS_0: '192.0.2.5/24 192.0.2.1',
    IP4_ADDRESS_1: '192.0.2.6/24 192.0.2.1',
    IP4_NUM_ADDRESSES: '2',
    IP4_GATEWAY: '192.0.2.1',
    IP4_NAMESERVERS: '192.0.2.53',
    IP4_DOMAINS: 'example.org example.net',
    IP6_NUM_ADDRESSES: '1',
    IP6_NAMESERVERS: '2001:db8::53',
    DHCP4_IP_ADDRESS: '192.0.2.5',
    DHCP4_ROUTERS: '192.0.2.1',
    DHCP4_DOMAIN_NAME_SERVERS: '192.0.2.53 192.0.2.54',
    DHCP4_DHCP_LEASE_TIME: '3600',
  };
  const dhcp4 = {
    ip_address: '192.0.2.5',
    routers: '192.0.2.1',
    domain_name_servers: '192.0.2.53 192.0.2.54',
    dhcp_lease_time: '3600',
  };
  const script = join(fixtures, 'NetworkManager/dispatcher.d/30-seen');
  const hooks = (): string => migrated('NetworkManager', 'NetworkManager/dispatcher.d');
  const leased = (event: Parameters<typeof hookEnvironment>[0]) =>
    hookEnvironment({ source: 'NetworkManager', ...event }, (state) => ({
      ...state,
      networkManager: {
        freshness: 'current',
        host: {},
        devices: mapOf([
          [
            ifIndex(2),
            {
              state: 'activated',
              reason: 0,
              managed: true,
              dns: [],
              domains: [],
              ntp: [],
              gateways: [],
              dhcp4,
            },
          ],
        ]),
      },
    }));

  test('is called by its wrapper as it was, with the same exit status', () => {
    const before = runWithLink([script, linkName, 'up'], { PATH: '/usr/bin:/bin', ...environment });
    const event = { directory: 'activated', state: 'activated', previousState: 'secondaries' } as const;
    const after = runWithLink([join(hooks(), 'activated.d/30-seen')], leased(event));
    expect(before.lines[0]).toBe(`arguments=2 ${linkName} up`);
    expect(after.lines).toEqual(before.lines);
    expect([before.code, after.code]).toEqual([3, 3]);
  });

  const downs = [
    ['disconnected', 'deactivating', 'NetworkManager', true],
    ['unavailable', 'activated', 'NetworkManager', true],
    ['failed', 'activated', 'NetworkManager', true],
    ['disconnected', 'unavailable', 'NetworkManager', false],
    ['unavailable', undefined, 'NetworkManager', false],
    ['failed', 'configuring', 'systemd-networkd', false],
  ] as const;
  test.each(downs)(
    'is called for "down" at %s after %s of %s: %p',
    (directory, previousState, source, isCalled) => {
      const event = {
        directory,
        state: directory,
        source,
        ...(previousState === undefined ? {} : { previousState }),
      };
      const { lines } = runWithLink([join(hooks(), `${directory}.d/30-seen`)], hookEnvironment(event));
      expect(lines[0]).toBe(isCalled ? `arguments=2 ${linkName} down` : undefined);
    },
  );

  test('gets the connectivity of the host', () => {
    const event = hookEnvironment({
      directory: 'manager',
      source: 'NetworkManager',
      properties: { State: 'connected-global', Connectivity: 'full' },
    });
    const { LINK: _, ...host } = event;
    const { lines } = runWithLink([join(hooks(), 'manager.d/60-connectivity')], host);
    expect(lines).toEqual(['none connectivity-change FULL']);
  });
});

const ifup = originalTool('ifupdown');
describe.skipIf(!hasNamespaces || ifup === undefined)('a script of ifupdown', () => {
  /** The real ifup, on files of our own in place of the machine's. */
  function original(): Ran {
    const interfaces = join(scratch, 'interfaces');
    writeFileSync(interfaces, `iface ${linkName} inet static\n  address 192.0.2.5/24\n`);
    const state = join(scratch, 'ifstate');
    mkdirSync(state, { recursive: true });
    const before = `
copy=$(mktemp -d)
cp -r ${join(fixtures, 'ifupdown')}/if-up.d "$copy"
mount -t tmpfs tmpfs /etc
mkdir -p /etc/network/if-pre-up.d /etc/network/if-down.d /etc/network/if-post-down.d
cp -r "$copy/if-up.d" /etc/network/if-up.d
rm -r "$copy"
chmod 0755 /etc/network/if-up.d/seen
ip link add ${linkName} type veth peer name peer7
ip link set peer7 up
`;
    const call = [ifup ?? '', '-i', interfaces, '--state-dir', state, linkName];
    return runWithLink(call, { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }, before);
  }

  test('sees by its wrapper what it saw', () => {
    const hooks = migrated('ifupdown', 'ifupdown');
    const before = original();
    const environment = hookEnvironment({ directory: 'configured', state: 'configured' });
    const after = runWithLink([join(hooks, 'configured.d/seen')], environment);
    expect(valuesOf(before)['IFACE']).toBe(linkName);
    expect(after.lines).toEqual(before.lines);
  });

  test('that is for going down does not run for what was down when netevd started', () => {
    const hooks = migrated('ifupdown', 'ifupdown');
    const run = (initial: boolean): readonly string[] => {
      const environment = hookEnvironment({ directory: 'off', state: 'off', initial });
      return runWithLink([join(hooks, 'off.d/seen')], environment).lines;
    };
    expect(run(true)).toEqual([]);
    expect(run(false)).toHaveLength(1);
  });
});

namespaces('a script of network-broker', () => {
  test('sees by its wrapper the lists of dhclient as they were', () => {
    const hookDirectory = join(scratch, 'broker');
    const base = join(scratch, 'network-broker');
    mkdirSync(join(base, 'routable.d'), { recursive: true });
    cpSync(join(fixtures, 'network-broker/dhclient.toml'), join(base, 'network-broker.toml'));
    const text = '#!/bin/sh\nprintf "%s\\n" "$LINK" "$LINKINDEX" "$DNS" "$DOMAIN" "$DHCP_LEASE"\n';
    writeFileSync(join(base, 'routable.d/seen'), text);
    chmodSync(join(base, 'routable.d/seen'), 0o755);
    const into = { configFile: join(hookDirectory, 'netevd.yaml'), hookDirectory };
    const plan = planSource(
      readSource('network-broker', base, () => undefined),
      into,
    );
    for (const file of plan.scripts.flatMap(({ files }) => files)) {
      mkdirSync(dirname(file.path), { recursive: true });
      writeFileSync(file.path, file.content, { mode: file.mode });
    }
    const lease =
      'ADDRESS=192.0.2.5,DNS=192.0.2.53,192.0.2.54,ROUTER=192.0.2.1,SUBNETMASK=255.255.255.0,DNS=192.0.2.53,192.0.2.54,DOMAIN=example.org';
    const before = runWithLink([join(base, 'routable.d/seen')], {
      PATH: '/usr/bin:/bin',
      LINK: linkName,
      LINKINDEX: '2',
      DNS: '192.0.2.53,192.0.2.54',
      DOMAIN: 'example.org',
      DHCP_LEASE: lease,
    });
    const after = runWithLink([join(hookDirectory, 'routable.d/seen')], {
      PATH: '/usr/bin:/bin',
      LINK: linkName,
      LINKINDEX: '2',
      DNS: '192.0.2.53 192.0.2.54',
      DHCP_ADDRESS: '192.0.2.5',
      DHCP_SUBNET_MASK: '255.255.255.0',
      DHCP_GATEWAY: '192.0.2.1',
      DHCP_DNS: '192.0.2.53 192.0.2.54',
      DHCP_DOMAIN: 'example.org',
    });
    expect(before.lines).toHaveLength(5);
    expect(after.lines).toEqual(before.lines);
  });
});
