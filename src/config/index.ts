/** What the rest of the program uses of this room. */
export type {
  ApiConfig,
  AuditConfig,
  BackendChoice,
  BackendsConfig,
  Config,
  DhclientConfig,
  EventsConfig,
  HooksConfig,
  LogFormat,
  LogLevel,
  MetricsConfig,
  OnStart,
  OnStop,
  RoutingConfig,
  Section,
  SystemConfig,
} from './config.ts';
export { describeConfig } from './describe-config.ts';
export { type Environment, environmentOverrides } from './environment-overrides.ts';
export { type Rewritten, rewriteLegacy } from './legacy/rewrite.ts';
export { defaultConfig, type ParseContext, type ParsedConfig, parseConfig } from './load.ts';
export {
  type ConfigCode,
  type ConfigCodeEntry,
  configCodes,
  formatProblem,
  type Problem,
  type Severity,
} from './problem.ts';
export { defaultConfigPath, missingFileProblem, readConfig } from './read.ts';
export { type Salvaged, salvageConfig } from './salvage.ts';
export type { ConfigFile, FilterFile } from './schema/config-file.ts';
export { sectionsChanged } from './sections.ts';
export { type Feature, unsupported } from './unsupported.ts';
