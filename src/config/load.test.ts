import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { millis, tableId } from '../core/model/ids.ts';
import { processorMillis } from '../testing/processor-time.ts';
import type { Config } from './config.ts';
import { describeConfig } from './config-values.ts';
import type { Environment } from './environment-overrides.ts';
import { defaultConfig, type ParsedConfig, parseConfig } from './load.ts';
import { formatProblem } from './problem.ts';

const parse = (text: string, env: Environment = {}): ParsedConfig => parseConfig(text, { file: 'f', env });

function config(text: string, env: Environment = {}): Config {
  const parsed = parse(text, env);
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.config;
}

function problems(text: string, env: Environment = {}): readonly string[] {
  const parsed = parse(text, env);
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
}

const warnings = (text: string): readonly string[] => parse(text).warnings.map(formatProblem);

describe('defaultConfig', () => {
  test('has the defaults of the specification', () => {
    expect(defaultConfig()).toEqual({
      system: {
        logLevel: 'info',
        logFormat: 'auto',
        backend: 'auto',
        user: 'netevd',
        runtimeDirectory: '/run/netevd',
      },
      monitoring: {
        interfaces: [],
        matchPatterns: [],
        exclude: 'lo docker* br-* cni* flannel* cilium* cali* veth* virbr* lxc*'.split(' '),
      },
      hooks: {
        directory: '/etc/netevd',
        timeout: millis(30_000),
        killGrace: millis(5000),
        debounce: millis(50),
        maxParallel: 4,
        queueLimit: 256,
        outputLimit: 65_536,
        onStart: 'changed',
      },
      routing: { policyRules: [], tableBase: 200, tables: {}, rulePriority: 'auto', onStop: 'keep' },
      backends: {
        systemdNetworkd: { emitJson: true },
        dhclient: {
          leaseFiles: [
            '/var/lib/dhcp/dhclient*.leases',
            '/var/lib/dhclient/dhclient*.leases',
            '/var/lib/dhclient/dhclient*.lease',
          ],
          useDns: false,
          useDomain: false,
          useHostname: false,
        },
        networkManager: {},
      },
      api: {
        enabled: true,
        bindAddress: '127.0.0.1' as Config['api']['bindAddress'],
        port: 9090,
        socket: '/run/netevd/netevd.sock',
        controlSocket: '/run/netevd/control.sock',
        tokenFile: undefined,
        tls: undefined,
      },
      metrics: { enabled: true, port: 0 },
      audit: { enabled: false, path: '/var/log/netevd/audit.log', retentionDays: 90 },
      events: { database: '/var/lib/netevd/events.db', retentionDays: 30, maxSizeMb: 256, memory: 10_000 },
      online: { families: 'any', links: [] },
      damping: {
        enabled: false,
        halfLife: 15_000 as Config['damping']['halfLife'],
        suppress: 2000,
        reuse: 750,
        maxSuppress: 60_000 as Config['damping']['maxSuppress'],
      },
      filters: [],
    });
  });

  test('uses the first runtime directory that systemd made', () => {
    const env = { RUNTIME_DIRECTORY: '/run/one:/run/two' };
    expect(config('', env).system.runtimeDirectory).toBe('/run/one');
    expect(config('', env).api.socket).toBe('/run/one/netevd.sock');
    expect(config('system: {runtime_directory: /run/three}', env).api.socket).toBe('/run/three/netevd.sock');
    expect(config('', { RUNTIME_DIRECTORY: 'relative' }).system.runtimeDirectory).toBe('/run/netevd');
  });
});

describe('parseConfig', () => {
  test('converts values to the units of the program', () => {
    const { hooks } = config(
      'hooks: {timeout_sec: 1.5, kill_grace_sec: 0.2, debounce_ms: 7, output_limit_kb: 2}',
    );
    expect(hooks).toMatchObject({ timeout: 1500, killGrace: 200, debounce: 7, outputLimit: 2048 });
  });

  test('turns "" for the socket and the database into none', () => {
    expect(config('api: {socket: ""}').api.socket).toBeUndefined();
    expect(config('events: {database: ""}').events.database).toBeUndefined();
  });

  test('makes addresses canonical', () => {
    expect(config('api: {bind_address: "0:0::0001"}').api.bindAddress).toBe(
      '::1' as Config['api']['bindAddress'],
    );
  });

  test('turns a metrics.port equal to api.port into 0', () => {
    expect(config('api: {port: 9100}\nmetrics: {port: 9100}').metrics.port).toBe(0);
    expect(config('api: {port: 9100}\nmetrics: {port: 9101}').metrics.port).toBe(9101);
  });

  test('looks up tables by any link name', () => {
    const { tables } = config('routing: {policy_rules: "*", tables: {eth0: 7}}').routing;
    expect(tables['eth0']).toBe(tableId(7));
    expect(tables['constructor']).toBeUndefined();
  });

  test('leaves TLS off without tls.enabled', () => {
    expect(config('api: {tls: {cert_file: /c, key_file: /k}}').api.tls).toBeUndefined();
  });

  test('keeps an empty exclude, and uses the default for one without a body', () => {
    expect(config('monitoring: {exclude: []}').monitoring.exclude).toEqual([]);
    expect(config('monitoring: {exclude: ""}').monitoring.exclude).toEqual([]);
    expect(config('monitoring:\n  exclude:').monitoring.exclude).toEqual(defaultConfig().monitoring.exclude);
  });
});

describe('an environment variable', () => {
  const rows: readonly (readonly [string, string, (config: Config) => unknown, unknown])[] = [
    ['NETEVD_LOG_LEVEL', 'trace', ({ system }) => system.logLevel, 'trace'],
    ['NETEVD_BACKEND', 'kernel', ({ system }) => system.backend, 'kernel'],
    ['NETEVD_API_ENABLED', 'no', ({ api }) => api.enabled, false],
    ['NETEVD_API_BIND_ADDRESS', '::1', ({ api }) => api.bindAddress, '::1'],
    ['NETEVD_API_PORT', '8080', ({ api }) => api.port, 8080],
    ['NETEVD_METRICS_ENABLED', '0', ({ metrics }) => metrics.enabled, false],
    ['NETEVD_AUDIT_ENABLED', 'ON', ({ audit }) => audit.enabled, true],
  ];
  test.each(rows)('%s=%s overrides the file', (name, value, read, expected) => {
    const file = 'system: {log_level: warn, backend: dhclient}\napi: {port: 1}\n';
    expect(read(config(file, { [name]: value }))).toBe(expected);
    expect(read(config('', { [name]: value }))).toBe(expected);
  });

  const spellings: readonly (readonly [string, boolean])[] = [
    ['true', true],
    ['TRUE', true],
    ['1', true],
    ['yes', true],
    ['on', true],
    ['false', false],
    ['0', false],
    ['No', false],
    ['off', false],
  ];
  test.each(spellings)('%p is read as %p', (spelling, expected) => {
    expect(config('', { NETEVD_AUDIT_ENABLED: spelling }).audit.enabled).toBe(expected);
  });

  const bad: readonly (readonly [string, string, string])[] = [
    [
      'NETEVD_LOG_LEVEL',
      'warning',
      'system.log_level: found "warning", expected one of trace, debug, info, warn, error; did you mean "warn"?',
    ],
    [
      'NETEVD_BACKEND',
      'networkd',
      'system.backend: found "networkd", expected one of auto, systemd-networkd, NetworkManager, dhclient, kernel; did you mean "systemd-networkd"?',
    ],
    [
      'NETEVD_API_PORT',
      'http',
      'api.port: found "http", expected a port number, 1 to 65535 (0 = any free one)',
    ],
    [
      'NETEVD_API_PORT',
      '70000',
      'api.port: found "70000", expected a port number, 1 to 65535 (0 = any free one)',
    ],
    ['NETEVD_API_PORT', '-1', 'api.port: found "-1", expected a port number, 1 to 65535 (0 = any free one)'],
    [
      'NETEVD_API_PORT',
      '0x50',
      'api.port: found "0x50", expected a port number, 1 to 65535 (0 = any free one)',
    ],
    [
      'NETEVD_API_ENABLED',
      'maybe',
      'api.enabled: found "maybe", expected true, false, yes, no, on, off, 1 or 0',
    ],
    [
      'NETEVD_METRICS_ENABLED',
      ' true',
      'metrics.enabled: found " true", expected true, false, yes, no, on, off, 1 or 0',
    ],
    ['NETEVD_AUDIT_ENABLED', '2', 'audit.enabled: found "2", expected true, false, yes, no, on, off, 1 or 0'],
    [
      'NETEVD_API_BIND_ADDRESS',
      'localhost',
      'api.bind_address: found "localhost", expected an IP address, such as 127.0.0.1 or ::1; did you mean 127.0.0.1?',
    ],
  ];
  test.each(bad)('%s=%s is refused', (name, value, message) => {
    expect(problems('', { [name]: value })).toEqual([`environment ${name}: error: ${message}`]);
  });

  test('counts as not set if it is empty', () => {
    expect(config('api: {port: 8080}', { NETEVD_API_PORT: '' }).api.port).toBe(8080);
  });

  test('does not hide an error in the file and is reported with it', () => {
    expect(problems('api: {port: http}', { NETEVD_API_PORT: '8080' }).length).toBe(1);
    expect(problems('api: {port: http}', { NETEVD_API_PORT: 'x', NETEVD_BACKEND: 'x' })).toEqual([
      'environment NETEVD_BACKEND: error: system.backend: found "x", expected one of auto, systemd-networkd, NetworkManager, dhclient, kernel',
      'environment NETEVD_API_PORT: error: api.port: found "x", expected a port number, 1 to 65535 (0 = any free one)',
      'f:1:13: error: api.port: found "http", expected a port number, 1 to 65535 (0 = any free one)',
    ]);
  });

  test('is reported even if the file is not YAML', () => {
    expect(problems('a: [', { NETEVD_API_PORT: 'x' }).length).toBe(2);
  });

  test('is checked together with the file', () => {
    const exposed = { NETEVD_API_BIND_ADDRESS: '0.0.0.0' };
    expect(problems('', exposed)).toEqual([
      'environment NETEVD_API_BIND_ADDRESS: error: api.bind_address: found "0.0.0.0", expected a loopback address, as long as api.token_file is not set',
    ]);
    expect(config('api: {token_file: /etc/netevd/token}', exposed).api.tokenFile).toBe('/etc/netevd/token');
    expect(config('api: {bind_address: 0.0.0.0}', { NETEVD_API_BIND_ADDRESS: '127.0.0.1' }).api.enabled).toBe(
      true,
    );
    expect(config('api: {bind_address: 0.0.0.0}', { NETEVD_API_ENABLED: 'false' }).api.enabled).toBe(false);
  });
});

describe('a configuration warning', () => {
  const rows: readonly (readonly [string, string])[] = [
    [
      'system: {user: root}',
      'f:1:16: warning: system.user: found "root", expected a user without privileges: hooks then run as root',
    ],
    [
      'routing: {policy_rules: [eth0], tables: {eth1: 5}}',
      'f:1:48: warning: routing.tables.eth1: found 5, expected a link that routing.policy_rules names; this table is never used',
    ],
    [
      'api: {enabled: false}\nmetrics: {enabled: true}',
      'f:2:20: warning: metrics.enabled: found true, expected false, or metrics.port set: with api.enabled false nothing serves them',
    ],
  ];
  test.each(rows)('is given for %p without refusing the file', (text, warning) => {
    expect(parse(text).ok).toBe(true);
    expect(warnings(text)).toEqual([warning]);
  });

  test('is not given for a default', () => {
    expect(warnings('api: {enabled: false}')).toEqual([]);
  });
});

describe('random text as a configuration', () => {
  test('has its first two hundred errors reported, and that there are more', () => {
    const parsed = parse('x:\n'.repeat(3000));
    const found = parsed.ok ? [] : parsed.problems;
    expect(found).toHaveLength(201);
    expect(found[0]).toMatchObject({ code: 'NETEVD_CONFIG_SYNTAX', line: 0 });
    expect(found[1]).toMatchObject({ code: 'NETEVD_CONFIG_DUPLICATE_KEY', line: 2, column: 1, path: 'x' });
    expect(problems(`monitoring: {interfaces: "${'x[ '.repeat(20_000)}"}`).length).toBe(201);
  });

  test('is refused quickly, whatever its pieces', () => {
    for (const piece of ['[', '{', '- ', '? ', 'a: ', '"', '*a ', '&a ', 'x[ ', '\n', '---\n']) {
      const start = processorMillis();
      parse(piece.repeat(16_384 / piece.length));
      expect(processorMillis() - start, piece).toBeLessThan(5000);
    }
  });
});

describe('parseConfig on any text', () => {
  const keys = fc.constantFrom(
    'system',
    'monitoring',
    'hooks',
    'api',
    'tls',
    'enabled',
    'log_level',
    'directory',
    'port',
    'filters',
    'match_rule',
    'condition',
    'network',
    'links',
    'tables',
    'routing',
    'interfaces',
    '__proto__',
    'x y',
    '',
  );
  const values = fc.oneof(
    fc.constantFrom('eth*', 'eth[', '', 'true', '/a', '*', '&a'),
    fc.integer(),
    fc.boolean(),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, values, fc.constant(null), tie('list'), tie('map')),
    list: fc.array(tie('node'), { maxLength: 3 }),
    map: fc.dictionary(keys, tie('node'), { maxKeys: 5 }),
  })).map;
  const fragments = fc.constantFrom(
    'system:',
    'a: ',
    '\n',
    '  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '&a ',
    '*a',
    '!!x ',
    '|',
    '\t',
    '#',
    '? ',
    ': ',
    '---',
    '%',
    ',',
    '\r\n',
    '\u0000',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(fragments, { maxLength: 30 }).map((parts) => parts.join('')),
    tree.map((value) => stringify(value)),
    tree.map((value) => JSON.stringify(value)),
  );

  test('accepts or refuses it with reasons and never throws', () => {
    fc.assert(
      fc.property(text, (source) => {
        const parsed = parse(source);
        if (parsed.ok) return;
        expect(parsed.problems.length).toBeGreaterThan(0);
        for (const problem of parsed.problems) {
          expect(problem.severity).toBe('error');
          expect(formatProblem(problem)).not.toMatch(/[\n\r\t]/);
          expect(problem.expected).not.toBe('');
        }
      }),
      { numRuns: 300 },
    );
  });

  test('reports positions within the text', () => {
    fc.assert(
      fc.property(text, (source) => {
        const lines = source.split('\n');
        const parsed = parse(source);
        for (const { line, column } of [...(parsed.ok ? [] : parsed.problems), ...parsed.warnings]) {
          expect(line).toBeLessThanOrEqual(lines.length);
          if (line > 0) expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 2);
        }
      }),
    );
  });
});

describe('Config', () => {
  const frozen = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(frozen));

  test('is frozen in every part', () => {
    const text = 'monitoring: {interfaces: [a]}\nfilters: [{match_rule: {condition: mtu > 1}, action: log}]';
    expect(frozen(config(text))).toBe(true);
    expect(frozen(defaultConfig())).toBe(true);
    expect(() => {
      Object.assign(config(text).hooks, { timeout: 0 });
    }).toThrow();
  });

  const name = fc.constantFrom('eth0', 'wlan0', 'en*', 'br-[0-9]', 'ppp?');
  const file = fc.record(
    {
      system: fc.record(
        {
          log_level: fc.constantFrom('trace', 'debug', 'info', 'warn', 'error'),
          backend: fc.constantFrom('auto', 'kernel', 'dhclient'),
          runtime_directory: fc.constantFrom('/run/x', '/a/b'),
        },
        { requiredKeys: [] },
      ),
      monitoring: fc.record(
        { interfaces: fc.array(name), match_patterns: fc.array(name), exclude: fc.array(name) },
        { requiredKeys: [] },
      ),
      hooks: fc.record(
        {
          timeout_sec: fc.integer({ min: 0, max: 86_400_000 }).map((ms) => ms / 1000),
          kill_grace_sec: fc.integer({ min: 0, max: 3_600_000 }).map((ms) => ms / 1000),
          debounce_ms: fc.integer({ min: 0, max: 60_000 }),
          output_limit_kb: fc.integer({ min: 0, max: 65_536 }),
          on_start: fc.constantFrom('changed', 'replay', 'never'),
        },
        { requiredKeys: [] },
      ),
      routing: fc.record(
        {
          policy_rules: fc.array(name),
          tables: fc.dictionary(fc.constantFrom('eth0', 'wlan0'), fc.constant(77), { maxKeys: 1 }),
          rule_priority: fc.oneof(fc.constant('auto'), fc.integer({ min: 1, max: 31_766 })),
        },
        { requiredKeys: [] },
      ),
      api: fc.record(
        { port: fc.nat(65_535), socket: fc.constantFrom('', '/run/s'), token_file: fc.constant('/t') },
        { requiredKeys: [] },
      ),
      metrics: fc.record({ enabled: fc.boolean(), port: fc.nat(65_535) }, { requiredKeys: [] }),
      events: fc.record({ database: fc.constantFrom('', '/db'), memory: fc.integer({ min: 1, max: 99 }) }),
      filters: fc.array(
        fc.record({
          match_rule: fc.record(
            {
              interface: fc.constant('eth0'),
              interface_pattern: name,
              ip_family: fc.constantFrom('ipv4', 'ipv6', 'any'),
              condition: fc.constantFrom('has_gateway', 'mtu > 1 && state == "up"'),
            },
            { requiredKeys: [] },
          ),
          action: fc.constantFrom('execute', 'ignore', 'log'),
        }),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: [] },
  );

  test('is the same after describeConfig and parseConfig, for any valid file', () => {
    fc.assert(
      fc.property(file, (value) => {
        const first = config(stringify(value));
        expect(frozen(first)).toBe(true);
        expect(config(stringify(describeConfig(first)))).toEqual(first);
      }),
    );
  });

  test('is the same from YAML and from JSON', () => {
    fc.assert(
      fc.property(file, (value) => {
        expect(config(JSON.stringify(value))).toEqual(config(stringify(value)));
      }),
    );
  });
});
