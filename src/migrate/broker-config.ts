/** Converts the configuration of network-broker to one of netevd. network-broker ignored case and unknown keys. */
import { parse as parseToml, TomlError } from 'smol-toml';
import { parse as parseYaml, stringify, YAMLParseError } from 'yaml';
import { nearest } from '../core/model/nearest.ts';
import type { BrokerGenerator } from './contracts/network-broker.ts';
import { tomlLines, yamlLines } from './key-lines.ts';
import type { MigrationFinding, MigrationProblem, UnknownKey } from './plan.ts';

/** The content of the configuration, in netevd's terms. */
export interface BrokerConfig {
  /** The text of netevd's file, without its heading comment. */
  readonly yaml: string;
  /** The manager that network-broker followed: the variables of its scripts depend on it. */
  readonly generator: BrokerGenerator;
  readonly unknownKeys: readonly UnknownKey[];
  readonly findings: readonly MigrationFinding[];
}

/** A problem if the text does not have its format. */
export type BrokerResult =
  | ({ readonly ok: true } & BrokerConfig)
  | { readonly ok: false; readonly problem: MigrationProblem };

/** Parses TOML, or YAML and JSON by the extension of the file, like viper. Never throws on any text. */
export function parseBrokerConfig(text: string, file: string): BrokerResult {
  const isToml = !/\.(ya?ml|json)$/.test(file);
  const read = isToml ? readToml(text, file) : readYaml(text, file);
  if (!read.ok) return read;
  return {
    ok: true,
    ...new Translation(read.value, file, isToml ? tomlLines(text) : yamlLines(text)).result(),
  };
}

type Read =
  | { readonly ok: true; readonly value: Table }
  | { readonly ok: false; readonly problem: MigrationProblem };
type Table = Readonly<Record<string, unknown>>;

function readToml(text: string, file: string): Read {
  try {
    return { ok: true, value: parseToml(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split('\n')[0] ?? '';
    return { ok: false, problem: broken(file, error.line, `it is not TOML: ${reason}`) };
  }
}

function readYaml(text: string, file: string): Read {
  try {
    const value: unknown = parseYaml(text, { version: '1.2', maxAliasCount: 100 });
    if (value === null || value === undefined) return { ok: true, value: {} };
    return isTable(value)
      ? { ok: true, value }
      : { ok: false, problem: broken(file, 0, 'it is not a map of sections') };
  } catch (error) {
    if (!(error instanceof YAMLParseError || error instanceof ReferenceError)) throw error;
    const line = error instanceof YAMLParseError ? (error.linePos?.[0].line ?? 0) : 0;
    return {
      ok: false,
      problem: broken(file, line, `it is not YAML: ${error.message.split('\n')[0] ?? ''}`),
    };
  }
}

const broken = (file: string, line: number, text: string): MigrationProblem => ({
  code: 'NETEVD_MIGRATE_INPUT',
  file,
  line,
  text,
  remedy: 'correct the line, or move the file away to migrate only the scripts',
});

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** In the spelling of its documentation, for messages. */
const known = {
  System: ['LogLevel', 'LogFormat', 'Generator'],
  Network: ['Links', 'RoutingPolicyRules', 'EmitJSON', 'UseDNS', 'UseDomain', 'UseHostname'],
} as const;
type KnownKey = (typeof known)[keyof typeof known][number];

/** The levels of logrus, by netevd's names. */
const logLevels: ReadonlyMap<string, string> = new Map([
  ...['trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, level] as const),
  ['warning', 'warn'],
  ['fatal', 'error'],
  ['panic', 'error'],
]);

class Translation {
  readonly #values = new Map<KnownKey, unknown>();
  readonly #unknownKeys: UnknownKey[] = [];
  readonly #findings: MigrationFinding[] = [];
  readonly #file: string;
  readonly #lines: ReadonlyMap<string, number>;

  constructor(table: Table, file: string, lines: ReadonlyMap<string, number>) {
    this.#file = file;
    this.#lines = lines;
    for (const [name, body] of Object.entries(table)) this.#section(name, body);
  }

  result(): BrokerConfig {
    const generator = this.#generator();
    const value = {
      system: { ...this.#logging(), backend: generator },
      ...this.#links('Links', 'monitoring', 'interfaces'),
      ...this.#links('RoutingPolicyRules', 'routing', 'policy_rules'),
      backends: {
        systemd_networkd: { emit_json: this.#flag('EmitJSON') ?? false },
        dhclient: {
          use_dns: this.#flag('UseDNS') ?? false,
          use_domain: this.#flag('UseDomain') ?? false,
          use_hostname: this.#flag('UseHostname') ?? false,
        },
      },
    };
    const findings = this.#findings.toSorted((a, b) => a.line - b.line);
    return { yaml: stringify(value), generator, unknownKeys: this.#unknownKeys, findings };
  }

  #section(name: string, body: unknown): void {
    const section = Object.keys(known).find((title) => title.toLowerCase() === name.toLowerCase());
    if (section !== 'System' && section !== 'Network') {
      const all = Object.entries(known).flatMap(([title, keys]) => [
        title,
        ...keys.map((key) => `${title}.${key}`),
      ]);
      this.#unknown(name, nearest(name, all));
      return;
    }
    for (const [key, value] of Object.entries(isTable(body) ? body : {})) {
      const match = known[section].find((title) => title.toLowerCase() === key.toLowerCase());
      if (match === undefined) this.#unknown(`${name}.${key}`, this.#meant(section, key));
      else this.#values.set(match, value);
    }
  }

  /** In the same section, or else in the other one. */
  #meant(section: keyof typeof known, key: string): string | undefined {
    const other = section === 'System' ? 'Network' : 'System';
    const near = nearest(key, known[section]);
    const far = known[other].find((title) => title.toLowerCase() === key.toLowerCase());
    return far === undefined ? near : `${other}.${far}`;
  }

  #unknown(key: string, near: string | undefined): void {
    const line = this.#lines.get(key.toLowerCase()) ?? 0;
    this.#unknownKeys.push({ file: this.#file, line, key, ...(near === undefined ? {} : { nearest: near }) });
  }

  /** network-broker treated any value without the name of networkd as dhclient. */
  #generator(): BrokerGenerator {
    const value = this.#text('Generator');
    if (value === '' || value.includes('systemd-networkd')) return 'systemd-networkd';
    if (value !== 'dhclient') {
      this.#note(
        'behaviour',
        'Generator',
        `network-broker treated "${value}" as dhclient, and so does this migration`,
      );
    }
    return 'dhclient';
  }

  #logging(): Table {
    const level = this.#text('LogLevel').toLowerCase();
    const format = this.#text('LogFormat').toLowerCase();
    const logLevel = logLevels.get(level);
    if (level !== '' && logLevel === undefined) this.#drop('LogLevel', 'trace, debug, info, warn or error');
    const hasFormat = format === 'json' || format === 'text';
    if (format !== '' && !hasFormat) this.#drop('LogFormat', 'text or json');
    return {
      ...(logLevel === undefined ? {} : { log_level: logLevel }),
      ...(hasFormat ? { log_format: format } : {}),
    };
  }

  #links(key: KnownKey, section: string, to: string): Table {
    const value = this.#values.get(key);
    const text = Array.isArray(value) ? value.join(' ') : this.#text(key);
    const names = text.split(/\s+/).filter((name) => name !== '');
    if (names.length === 0) return {};
    const whole =
      'network-broker also accepted links whose names are a part of one of these; netevd compares whole names';
    this.#note('behaviour', key, whole);
    return { [section]: { [to]: names } };
  }

  /** Converts weakly, like mapstructure: numbers, and the texts of Go's ParseBool. */
  #flag(key: KnownKey): boolean | undefined {
    const value = this.#values.get(key);
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'number' || typeof value === 'bigint') return value !== 0 && value !== 0n;
    const text = String(value);
    if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
    if (!/^(0|f|F|FALSE|false|False)$/.test(text)) this.#drop(key, 'true or false');
    return undefined;
  }

  #text(key: KnownKey): string {
    const value = this.#values.get(key);
    return value === undefined || value === null || typeof value === 'object' ? '' : String(value).trim();
  }

  #drop(key: KnownKey, expected: string): void {
    this.#note('value', key, `found "${this.#text(key)}", expected ${expected}; it is left out`);
  }

  #note(kind: 'behaviour' | 'value', key: KnownKey, text: string): void {
    const section = (known.System as readonly string[]).includes(key) ? 'System' : 'Network';
    const line = this.#lines.get(`${section}.${key}`.toLowerCase()) ?? 0;
    this.#findings.push({ kind, file: this.#file, line, text: `${section}.${key}: ${text}` });
  }
}
