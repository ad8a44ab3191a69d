/** What the rest of the program uses of the configuration. */
export type {
  ApiConfig,
  AuditConfig,
  BackendChoice,
  BackendsConfig,
  Config,
  DhclientConfig,
  EventsConfig,
  HooksConfig,
  LogFormatSetting,
  LogLevel,
  MetricsConfig,
  OnStart,
  OnStop,
  RoutingConfig,
  Section,
  SystemConfig,
} from './config.ts';
export { type ConfigFile, describeConfig } from './config-values.ts';
export { type Environment, environmentOverrides } from './environment-overrides.ts';
export type { Feature } from './feature.ts';
export { type Rewritten, rewriteLegacy } from './legacy/rewrite.ts';
export { defaultConfig, type ParseContext, type ParsedConfig, parseConfig } from './load.ts';
export { configValues, type OriginContext } from './origins.ts';
export {
  type ConfigCode,
  type ConfigCodeEntry,
  type ConfigProblem,
  configCodes,
  formatProblem,
  messageWithHint,
  printable,
  type Severity,
} from './problem.ts';
export {
  defaultConfigPath,
  emptyFileProblem,
  foreignFileProblem,
  missingFileProblem,
  readConfig,
  unfinishedFileProblem,
} from './read.ts';
export { type Salvaged, salvageConfig } from './salvage.ts';
export { keysThatNeedRestart, sectionsChanged } from './sections.ts';
export { unsupported } from './unsupported.ts';
