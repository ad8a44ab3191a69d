/** The effective configuration, and what became of a reload. */
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

/** `GET /api/v1/config`; secret. The content of a token or key file is never in it, its path is. */
export interface ConfigAnswer {
  /** `null` where there is no file. */
  readonly file: string | null;
  readonly loaded_at: Time;
  /** In the order of the documentation. */
  readonly values: readonly ConfigValue[];
}

/** One error of a configuration. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; `null` where it is about no place in the file. */
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
  /** Sections that changed; empty where nothing did. */
  readonly changed: readonly string[];
}

/** `POST /api/v1/config/validate`, body `application/yaml`: 200 also for a configuration with errors. */
export interface ValidateAnswer {
  readonly valid: boolean;
  readonly problems: readonly ConfigProblem[];
}
