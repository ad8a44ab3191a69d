/**
 * Values of a file between its text and `Config`: in the units of the program, before defaults that depend on
 * others.
 */
import { type ApiConfig, type Config, deepFreeze, type SystemConfig } from './config.ts';
import type { Environment } from './environment-overrides.ts';
import type { AnyEntries } from './schema/key.ts';
import { configKeys } from './schema/keys.ts';

/** The values of all keys. Undefined: the key is not set, and its default depends on others. */
export interface ConfigValues extends Omit<Config, 'system' | 'api'> {
  readonly system: Omit<SystemConfig, 'runtimeDirectory'> & { readonly runtimeDirectory: string | undefined };
  readonly api: Omit<ApiConfig, 'tls'> & {
    readonly tls: {
      readonly enabled: boolean;
      readonly certFile: string | undefined;
      readonly keyFile: string | undefined;
    };
  };
}

/**
 * The configuration in the spelling of its file, as `GET /config` shows it. Keys that are not set are absent.
 */
export type ConfigFile = Readonly<Record<string, unknown>>;

/** The values of a file that has passed validation. */
export const readValues = (file: ConfigFile): ConfigValues =>
  read(configKeys as AnyEntries, file) as unknown as ConfigValues;

/** A file that, parsed again, yields `config`. Keys that are not set and have no default are left out. */
export const describeConfig = (config: Config): ConfigFile =>
  write(configKeys as AnyEntries, valuesOf(config));

/** Fills the defaults in that depend on other values, and freezes. */
export function completeConfig(values: ConfigValues, env: Environment): Config {
  const runtimeDirectory = values.system.runtimeDirectory ?? runtimeDirectoryOf(env);
  return deepFreeze<Config>({
    ...values,
    system: { ...values.system, runtimeDirectory },
    api: completeApi(values.api, runtimeDirectory),
    metrics: {
      ...values.metrics,
      port: values.metrics.port === values.api.port ? 0 : values.metrics.port,
    },
  });
}

/** The values that `completeConfig` makes the same configuration of. */
export function valuesOf(config: Config): ConfigValues {
  const { socket, controlSocket, tls } = config.api;
  return {
    ...config,
    api: {
      ...config.api,
      socket: socket ?? '',
      controlSocket: controlSocket ?? '',
      tls:
        tls === undefined
          ? { enabled: false, certFile: undefined, keyFile: undefined }
          : { enabled: true, ...tls },
    },
  };
}

function completeApi(api: ConfigValues['api'], runtimeDirectory: string): ApiConfig {
  const { enabled, certFile, keyFile } = api.tls;
  const hasTls = enabled && certFile !== undefined && keyFile !== undefined;
  const socket = api.socket ?? `${runtimeDirectory}/netevd.sock`;
  const controlSocket = api.controlSocket ?? `${runtimeDirectory}/control.sock`;
  return {
    ...api,
    socket: socket === '' ? undefined : socket,
    controlSocket: controlSocket === '' ? undefined : controlSocket,
    tls: hasTls ? { certFile, keyFile } : undefined,
  };
}

/** systemd.exec(5): several directories are joined by colons. */
function runtimeDirectoryOf(env: Environment): string {
  const first = env['RUNTIME_DIRECTORY']?.split(':')[0];
  return first?.startsWith('/') === true ? first : '/run/netevd';
}

function read(entries: AnyEntries, file: ConfigFile): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entries).map(([property, one]) => {
      const value = file[one.name];
      return [
        property,
        one.kind === 'group' ? read(one.keys as AnyEntries, value as ConfigFile) : one.read(value),
      ];
    }),
  );
}

function write(entries: AnyEntries, values: object): ConfigFile {
  const pairs = Object.entries(entries).map(([property, one]): [string, unknown] => {
    const value: unknown = Reflect.get(values, property);
    return [
      one.name,
      one.kind === 'group' ? write(one.keys as AnyEntries, value as object) : one.write(value),
    ];
  });
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}
