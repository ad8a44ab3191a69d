/**
 * Schemas of the API's answers, for the OpenAPI document and for tests; the daemon itself never loads them. Each is held to
 * its type in `core/view/types/` by the compiler.
 */
import { z } from 'zod';
import type {
  ApiError,
  ErrorAnswer,
  FamilyName,
  Json,
  JsonObject,
  OperationalState,
  Severity,
  SourceName,
  SourceState,
} from '../../core/view/types/vocabulary.ts';

/** Registers a schema under the name that the document gives it. */
export const named = <T extends z.ZodType>(id: string, description: string, schema: T): T =>
  schema.meta({ id, description });

export const json: z.ZodType<Json> = named('Json', 'Any JSON value.', z.unknown() as z.ZodType<Json>);
export const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json);
export const time: z.ZodType<string> = z.iso
  .datetime({ precision: 3 })
  .meta({ description: 'RFC 3339 in UTC, with milliseconds.' });
export const text: z.ZodString = z.string();
export const texts: z.ZodArray<z.ZodString> = z.array(text);
export const count: z.ZodInt = z.int().nonnegative();
export const seq: z.ZodInt = z.int().nonnegative();
export const orNull = <T extends z.ZodType>(schema: T): z.ZodNullable<T> => z.nullable(schema);
export const recordId: z.ZodString = z
  .string()
  .regex(/^[0-9a-f-]{36}\/\d+$/)
  .meta({ description: 'Names one record: `<epoch>/<seq>`. In a URL, `<epoch>.<seq>` or `<seq>`.' });
export const family: z.ZodType<FamilyName> = z.enum(['ipv4', 'ipv6']);
export const severity: z.ZodType<Severity> = z.enum(['info', 'warning', 'error']);
export const sourceName: z.ZodType<SourceName> = z.enum([
  'kernel',
  'systemd-networkd',
  'NetworkManager',
  'dhclient',
]);
export const sourceState: z.ZodType<SourceState> = z.enum(['absent', 'reading', 'current', 'stale']);
export const operationalState: z.ZodType<OperationalState> = z.enum([
  'missing',
  'off',
  'no-carrier',
  'dormant',
  'degraded-carrier',
  'carrier',
  'degraded',
  'enslaved',
  'routable',
]);

/** An object without other keys: a test on a real answer then finds a key that the document lacks. */
export const object: typeof z.strictObject = z.strictObject;

const apiError: z.ZodType<ApiError> = object({
  code: z.string().regex(/^NETEVD_[A-Z_]+$/),
  message: text,
  details: json,
});

export const errorAnswer: z.ZodType<ErrorAnswer> = named(
  'Error',
  'Why a request failed.',
  object({ error: apiError }),
);
