/** Finds the place in the source where a line was logged, from a stack trace. */
import type { CodeSite } from './log-record.ts';

/** Returns the place from which `above` was called; undefined if the engine does not report it. */
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
