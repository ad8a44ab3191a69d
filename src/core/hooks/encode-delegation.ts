/** A hook for the runner → one line of JSON. */
import { utf8Length } from '../model/utf8-length.ts';
import { fitEventJson } from '../view/event-json.ts';
import type { JsonObject } from '../view/json.ts';
import { type DelegatedHook, maxRequestBytes } from './delegation.ts';

/** Encodes a request with its line end. Cuts the lists of an event that is too large, and marks it `truncated`. */
export function encodeRequest({ directory, name, event }: DelegatedHook): string {
  const line = JSON.stringify({ directory, name, event });
  if (utf8Length(line) < maxRequestBytes) return `${line}\n`;
  const rest = JSON.stringify({ directory, name, event: { ...event, object: {} } });
  const room = maxRequestBytes - utf8Length(rest) - 1;
  const object = JSON.parse(fitEventJson(event.object, JSON.stringify(event.object), room)) as JsonObject;
  return `${JSON.stringify({ directory, name, event: { ...event, object } })}\n`;
}
