/** Where a line was written, from a stack trace of the engine. */
import type { CodeSite } from './log-record.ts';

/** The place from which `above` was called; undefined where the engine does not tell. */
export function callSite(above: (...args: never[]) => unknown): CodeSite | undefined {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, above);
  return parseFrame(holder.stack ?? '');
}

/** The first frame of a stack trace, `    at name (file:line:column)` or `    at file:line:column`. */
export function parseFrame(stack: string): CodeSite | undefined {
  const frame = /^\s*at (.+)$/m.exec(stack)?.[1];
  if (frame === undefined) return undefined;
  const [, name, file, line] = /^(?:(.+?) \()?(.+?):(\d+)(?::\d+)?\)?$/.exec(frame) ?? [];
  if (file === undefined || line === undefined) return undefined;
  const site = { file: file.replace(/^file:\/\//, ''), line: Number(line) };
  return name === undefined || name === '<anonymous>' ? site : { ...site, function: name };
}
