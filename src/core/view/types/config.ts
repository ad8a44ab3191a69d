/** The effective configuration, and the result of a reload. */
import type { Json, Time } from './vocabulary.ts';

/** Where a value comes from. */
export type ConfigOrigin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'option'; readonly option: string };

export interface ConfigValue {
  /** Dotted path: `hooks.timeout_sec`, `filters[0].action`. */
  readonly key: string;
  readonly value: Json;
  readonly origin: ConfigOrigin;
}

/** `GET /api/v1/config`; secret. Contains the paths of token and key files, never their content. */
export interface ConfigAnswer {
  /** `null` if there is no file. */
  readonly file: string | null;
  readonly loaded_at: Time;
  /** In the order of the documentation. */
  readonly values: readonly ConfigValue[];
}

/** One error of a configuration. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; `null` if the problem has no position. */
  readonly line: number | null;
  readonly column: number | null;
  /** The dotted path of the key; '' for the file as a whole. */
  readonly key: string;
  readonly message: string;
}

/** `POST /api/v1/reload`; a refused configuration is a 400 with `ConfigProblem[]` in `details`. */
export interface ReloadAnswer {
  readonly status: 'success';
  readonly message: string;
  readonly timestamp: Time;
  /** Sections that changed; empty if none did. */
  readonly changed: readonly string[];
}

/** `POST /api/v1/config/validate`, body `application/yaml`: 200 also for a configuration with errors. */
export interface ValidateAnswer {
  readonly valid: boolean;
  readonly problems: readonly ConfigProblem[];
}
