/** Keys that are set although the part that they configure is absent. */
import type { Config } from './config.ts';
import { valuesOf } from './config-values.ts';
import type { Feature } from './feature.ts';
import { defaultConfig } from './load.ts';
import type { ConfigProblem } from './problem.ts';
import { listKeys, valueAt } from './schema/key-list.ts';
import { isSame } from './sections.ts';

/**
 * One warning for each key that differs from its default and whose part is not among `features`. `file` is
 * what the warnings call the configuration.
 */
export function unsupported(
  config: Config,
  features: readonly Feature[],
  file: string,
): readonly ConfigProblem[] {
  const [values, defaults] = [valuesOf(config), valuesOf(defaultConfig())];
  const keys = listKeys().flatMap(({ key: { needs }, path, property }) => {
    if (needs === undefined || features.includes(needs)) return [];
    const isDefault = isSame(valueAt(values, property), valueAt(defaults, property));
    return isDefault ? [] : [warning(path.join('.'), needs, file)];
  });
  const { backend } = config.system;
  if (backend === 'auto' || backend === 'kernel' || features.includes(backend)) return keys;
  return [warning('system.backend', backend, file), ...keys];
}

function warning(path: string, feature: Feature, file: string): ConfigProblem {
  const message = `set, but this daemon runs without ${feature}; the key has no effect`;
  const at = { line: 0, column: 0 };
  const code = 'NETEVD_CONFIG_UNSUPPORTED';
  return { code, severity: 'warning', file, ...at, path, found: feature, expected: 'nothing', message };
}
