/**
 * The JSON answers of netevd's HTTP API and the messages of its stream. The command line, the dashboard and
 * the server share these types. They import nothing, so they also compile in a browser.
 *
 * Conventions, for every answer:
 * - Keys are `snake_case`. A key is absent if it does not apply to this kind of object, and `null` if it
 *   applies and the value is unknown or absent. Lists are never null.
 * - Times are RFC 3339 in UTC with milliseconds (`2026-11-28T02:51:07.123Z`); durations name their unit
 *   (`duration_ms`, `uptime_seconds`).
 * - Addresses have no prefix length unless the key is documented so.
 * - A record has one name, `<epoch>/<seq>`. In a URL or a header (`id:` of the stream,
 *   `Last-Event-ID`, `?since=`, `?until=`, `/hooks/runs/{id}`) it is spelled `<epoch>.<seq>`; a bare `<seq>`
 *   means the current epoch.
 */
export type * from './types/config.ts';
export type * from './types/endpoints.ts';
export type * from './types/hooks.ts';
export type * from './types/links.ts';
export type * from './types/records.ts';
export type * from './types/routing.ts';
export type * from './types/status.ts';
export type * from './types/stream.ts';
export type * from './types/vocabulary.ts';
