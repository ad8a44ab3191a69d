/**
 * A stream of facts as lines of JSON, to be kept and folded again: what a bug report is made of. The first line says
 * which backend was configured; maps and big numbers are tagged; counters of frames are left out.
 */
import type { Change } from '../../src/core/model/change.ts';
import type { Fact } from '../../src/core/model/fact.ts';
import { type Source, sources } from '../../src/core/model/vocabulary.ts';

export interface History {
  readonly backend: Source | 'auto';
  readonly facts: readonly Fact[];
}

function tag(key: string, value: unknown): unknown {
  if (key === 'statistics') return undefined;
  if (value instanceof Map) return { $map: [...value] };
  return typeof value === 'bigint' ? { $bigint: String(value) } : value;
}

function untag(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$map' in value && Array.isArray(value.$map)) return new Map(value.$map as [unknown, unknown][]);
  return '$bigint' in value ? BigInt(String(value.$bigint)) : value;
}

const lineOf = (value: unknown): string => JSON.stringify(value, tag);

export const historyLine = (backend: Source | 'auto'): string => lineOf({ backend });
export const factLine = (fact: Fact): string => lineOf(fact);
export const changeLine = (change: Change): string => lineOf(change);

/** The history that these lines tell; throws where they are not one. */
export function parseHistory(text: string): History {
  const [first = '{}', ...rest] = text.trimEnd().split('\n');
  const { backend } = JSON.parse(first) as { backend?: unknown };
  const known = [...sources, 'auto' as const].find((each) => each === backend);
  if (known === undefined) throw new Error(`no backend in the first line: ${first}`);
  return { backend: known, facts: rest.map((line) => JSON.parse(line, untag) as Fact) };
}
