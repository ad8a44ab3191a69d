/** JSON Schema of the configuration file, generated from its definition. */
import * as z from 'zod';
import { configFileSchema } from './schema.ts';

/** The part of JSON Schema (draft 2020-12) that the generator writes. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
}

/** The schema of the new spelling alone. */
export function jsonSchema(): JsonSchema {
  return z.toJSONSchema(configFileSchema, { io: 'input' }) as JsonSchema;
}
