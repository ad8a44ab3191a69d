/** The schema of the configuration file, built from the key table. */
// The mini variety: the other one takes a third of the time in which the whole daemon starts.
import * as z from 'zod/mini';
import type { ConfigFile } from '../config-values.ts';
import { type AnyEntries, shapeOf } from './key.ts';
import { configKeys } from './keys.ts';

/** Parsing happens once: generated code would take longer to make than it saves. */
z.config({ jitless: true });

/** For validation and for the generator of the JSON Schema. */
export const configFileSchema: z.ZodMiniType = z.strictObject(
  shapeOf(configKeys as AnyEntries),
  'a map of sections',
);

export type SchemaResult =
  | { readonly ok: true; readonly value: ConfigFile }
  | { readonly ok: false; readonly issues: readonly z.core.$ZodIssue[] };

/** Checks plain data against the schema; reports every issue at once. Never throws. */
export function checkFile(value: unknown): SchemaResult {
  const result = z.safeParse(configFileSchema, value);
  if (!result.success) return { ok: false, issues: result.error.issues };
  return { ok: true, value: result.data as ConfigFile };
}
