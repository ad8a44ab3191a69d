/** The configurations that the two documents print, letter for letter, and each with three errors. */
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, formatProblem, parseConfig } from '../../src/config/index.ts';

const seed = (name: string): string => readFileSync(join(import.meta.dir, '../fixtures/seeds', name), 'utf8');

const blocksOfS0 = [...seed('S0.md').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
const blockOfS1 =
  /^# \/etc\/netevd\/netevd\.yaml\n[\s\S]*?^ {2}networkmanager: \{\}$/m.exec(seed('S1.md'))?.[0] ?? '';

function accepted(text: string): { readonly config: Config; readonly warnings: readonly string[] } {
  const parsed = parseConfig(text, { file: 'netevd.yaml', env: {} });
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return { config: parsed.config, warnings: parsed.warnings.map(formatProblem) };
}

function refused(text: string): readonly string[] {
  const parsed = parseConfig(text, { file: 'netevd.yaml', env: {} });
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
}

/** `text` with each of `mistakes` made; every one of them has to find its place. */
function mistaken(text: string, mistakes: readonly (readonly [string, string])[]): string {
  return mistakes.reduce((changed, [right, wrong]) => {
    expect(changed).toContain(right);
    return changed.replace(right, wrong);
  }, text);
}

describe('the configurations of the first document', () => {
  test('the first document has six configurations', () => {
    expect(blocksOfS0.length).toBe(6);
  });

  test.each(blocksOfS0.map((block, index) => [index, block] as const))(
    'number %d is taken as it stands, with one warning',
    (_, block) => {
      const { warnings } = accepted(block);
      expect(warnings.length).toBe(1);
      expect(warnings[0]).toContain('deprecated spelling; write ');
    },
  );

  test('the configurations of the documents have the documented meaning', () => {
    const [basic, dhclient, routing, laptop, server, old] = blocksOfS0.map((block) => accepted(block).config);
    expect(basic?.system).toMatchObject({ logLevel: 'info', backend: 'systemd-networkd' });
    expect(basic?.monitoring.interfaces).toEqual(['eth0', 'eth1']);
    expect(basic?.routing.policyRules).toEqual(['eth1']);
    expect(basic?.backends.systemdNetworkd.emitJson).toBe(true);
    expect(basic?.backends.dhclient).toMatchObject({ useDns: false, useDomain: false, useHostname: false });
    expect(dhclient?.system.backend).toBe('dhclient');
    expect(dhclient?.backends.dhclient).toMatchObject({ useDns: true, useDomain: true, useHostname: true });
    expect(routing?.routing.policyRules).toEqual(['eth1']);
    expect(laptop?.system.backend).toBe('NetworkManager');
    expect(laptop?.monitoring.interfaces).toEqual(['wlan0']);
    expect(laptop?.routing.policyRules).toEqual([]);
    expect(laptop?.backends.systemdNetworkd.emitJson).toBe(false);
    expect(server?.system.logLevel).toBe('warn');
    expect(server?.monitoring.interfaces).toEqual(['eth0', 'eth1', 'eth2']);
    expect(server?.routing.policyRules).toEqual(['eth1', 'eth2']);
    expect(old?.system).toMatchObject({ logLevel: 'debug', backend: 'dhclient' });
    expect(old?.monitoring.interfaces).toEqual(['eth0']);
  });

  test('come with the new spelling of what was found', () => {
    expect(accepted(blocksOfS0[0] ?? '').warnings).toEqual([
      'netevd.yaml:3:3: warning: system.generator, network.links, network.routing_policy_rules, network.emit_json, ' +
        'network.use_dns, network.use_domain, network.use_hostname: deprecated spelling; write ' +
        'system.backend: systemd-networkd; monitoring.interfaces: [eth0, eth1]; routing.policy_rules: [eth1]; ' +
        'backends.systemd_networkd.emit_json: true; backends.dhclient.use_dns: false; ' +
        'backends.dhclient.use_domain: false; backends.dhclient.use_hostname: false',
    ]);
  });

  const three: readonly (readonly [number, readonly (readonly [string, string])[], readonly string[]])[] = [
    [
      0,
      [
        ['log_level: "info"', 'log_level: "verbose"'],
        ['links:', 'link:'],
        ['emit_json: true', 'emit_json: yes'],
      ],
      [
        'netevd.yaml:2:14: error: system.log_level: found "verbose", expected one of trace, debug, info, warn, error',
        'netevd.yaml:6:3: error: network.link: unknown key, expected one of links, routing_policy_rules, emit_json, use_dns, use_domain, use_hostname; did you mean "links"?',
        'netevd.yaml:8:14: error: network.emit_json: found "yes", expected true or false; did you mean true?',
      ],
    ],
    [
      1,
      [
        ['generator: "dhclient"', 'generator: "dhcp"'],
        ['use_dns: true', 'use_dns: "true"'],
        ['use_hostname: true', 'use_host: true'],
      ],
      [
        'netevd.yaml:2:14: error: system.generator: found "dhcp", expected one of auto, systemd-networkd, NetworkManager, dhclient, kernel',
        'netevd.yaml:5:12: error: network.use_dns: found "true", expected true or false; did you mean true?',
        'netevd.yaml:7:3: error: network.use_host: unknown key, expected one of links, routing_policy_rules, emit_json, use_dns, use_domain, use_hostname; did you mean "use_hostname"?',
      ],
    ],
    [
      2,
      [
        ['system:', 'System:'],
        ['network:', 'networks:'],
        ['"eth1"', '"eth["'],
      ],
      [
        'netevd.yaml:1:1: error: System: unknown key, expected one of system, monitoring, hooks, routing, backends, api, metrics, audit, events, online, damping, filters; did you mean "system"?',
        'netevd.yaml:4:1: error: networks: unknown key, expected one of system, monitoring, hooks, routing, backends, api, metrics, audit, events, online, damping, filters; did you mean "network"?',
      ],
    ],
    [
      3,
      [
        ['"NetworkManager"', '"networkmanager"'],
        ['links: "wlan0"', 'links: "wlan0, eth/0"'],
        ['emit_json: false', 'emit_json: 0'],
      ],
      [
        'netevd.yaml:3:14: error: system.generator: found "networkmanager", expected one of auto, systemd-networkd, NetworkManager, dhclient, kernel; did you mean "NetworkManager"?',
        'netevd.yaml:6:10: error: network.links: found "wlan0, eth/0", expected a list of names or globs (no comma within a name: write [wlan0, eth/0])',
        'netevd.yaml:8:14: error: network.emit_json: found 0, expected true or false; did you mean false?',
      ],
    ],
    [
      4,
      [
        ['log_level: "warn"', 'log_level: "warning"'],
        ['"eth0 eth1 eth2"', '"eth0 eth[2-1]"'],
        ['routing_policy_rules: "eth1 eth2"', 'policy_rules: "eth1 eth2"'],
      ],
      [
        'netevd.yaml:2:14: error: system.log_level: found "warning", expected one of trace, debug, info, warn, error; did you mean "warn"?',
        'netevd.yaml:6:16: error: network.links[1]: found "eth[2-1]", expected an interface name or a glob (the range "2-1" is empty)',
        'netevd.yaml:7:3: error: network.policy_rules: unknown key, expected one of links, routing_policy_rules, emit_json, use_dns, use_domain, use_hostname; did you mean "routing_policy_rules"?',
      ],
    ],
    [
      5,
      [
        ['log_level: "debug"', 'log_level: debgu'],
        ['generator: "dhclient"', 'generator: [dhclient]'],
        ['use_domain: true', 'use_domain: 1'],
      ],
      [
        'netevd.yaml:2:14: error: system.log_level: found "debgu", expected one of trace, debug, info, warn, error; did you mean "debug"?',
        'netevd.yaml:3:14: error: system.generator: found a list, expected one of auto, systemd-networkd, NetworkManager, dhclient, kernel',
        'netevd.yaml:8:15: error: network.use_domain: found 1, expected true or false; did you mean true?',
      ],
    ],
  ];
  test.each(three)('configuration %d with three errors has three problems', (index, mistakes, expected) => {
    expect(refused(mistaken(blocksOfS0[index] ?? '', mistakes))).toEqual([...expected]);
  });
});

describe('the configuration of the second document', () => {
  test('is taken as it stands, without a warning', () => {
    const { config, warnings } = accepted(blockOfS1);
    expect(warnings).toEqual([]);
    expect(config.system).toMatchObject({ logLevel: 'info', backend: 'systemd-networkd' });
    expect(config.monitoring.interfaces).toEqual(['eth0', 'eth1']);
    expect(config.routing.policyRules).toEqual(['eth1']);
    expect(config.backends.systemdNetworkd.emitJson).toBe(true);
    expect(config.backends.dhclient).toMatchObject({ useDns: false, useDomain: false, useHostname: false });
  });

  test('a configuration with three errors has three problems', () => {
    const mistakes = [
      ['backend: "systemd-networkd"', 'backend: "networkd"'],
      ['interfaces:  ', 'interface:  '],
      ['use_dns: false', 'use_dns: no'],
    ] as const;
    expect(refused(mistaken(blockOfS1, mistakes))).toEqual([
      'netevd.yaml:4:12: error: system.backend: found "networkd", expected one of auto, systemd-networkd, NetworkManager, dhclient, kernel; did you mean "systemd-networkd"?',
      'netevd.yaml:7:3: error: monitoring.interface: unknown key, expected one of interfaces, match_patterns, exclude; did you mean "interfaces"?',
      'netevd.yaml:19:14: error: backends.dhclient.use_dns: found "no", expected true or false; did you mean false?',
    ]);
  });
});
