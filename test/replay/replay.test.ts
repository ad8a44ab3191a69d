/**
 * Recorded streams of facts, folded again: each history must bring the very changes that are kept beside it. With
 * `NETEVD_UPDATE_GOLDEN=1` they are written anew, for a person to read before they are committed.
 */
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diff } from '../../src/core/diff/diff.ts';
import { emptyState } from '../../src/core/model/empty-state.ts';
import type { Fact } from '../../src/core/model/fact.ts';
import { reduce } from '../../src/core/reduce/reduce.ts';
import { applyChange, project } from '../../src/testing/projection.ts';
import { changeLine, type History, parseHistory } from './fact-lines.ts';

const directory = join(import.meta.dirname, 'histories');
const names = readdirSync(directory)
  .filter((name) => name.endsWith('.facts.jsonl'))
  .map((name) => name.replace('.facts.jsonl', ''));

const read = (name: string): History =>
  parseHistory(readFileSync(join(directory, `${name}.facts.jsonl`), 'utf8'));

/** A line for each fact, and below it one for each change that it brought. */
function replay({ backend, facts }: History): string {
  let state = emptyState(backend);
  const lines: string[] = [];
  for (const fact of facts) {
    const before = state;
    state = reduce(before, fact);
    lines.push(`# ${fact.kind}`, ...diff(before, state).map(changeLine));
  }
  return `${lines.join('\n')}\n`;
}

/** Facts that may come any number of times: all but those of counted rules. */
const isRepeatable = (fact: Fact): boolean => fact.kind !== 'ruleObserved' && fact.kind !== 'ruleVanished';

describe('a recorded history', () => {
  test('there are recorded histories to replay', () => expect(names.length).toBeGreaterThan(4));

  for (const name of names) {
    test(`brings what it brought: ${name}`, () => {
      const golden = join(directory, `${name}.changes.jsonl`);
      const changes = replay(read(name));
      if (process.env['NETEVD_UPDATE_GOLDEN'] === '1') writeFileSync(golden, changes);
      expect(changes.split('\n')).toEqual(readFileSync(golden, 'utf8').split('\n'));
    });

    test(`is told without a gap or a repetition: ${name}`, () => {
      const { backend, facts } = read(name);
      let state = emptyState(backend);
      const known = project(state);
      for (const fact of facts) {
        const before = state;
        state = reduce(before, fact);
        for (const change of diff(before, state)) applyChange(known, change);
        if (isRepeatable(fact)) expect(diff(state, reduce(state, fact))).toEqual([]);
      }
      expect(known.links).toEqual(project(state).links);
      expect(known.routes).toEqual(project(state).routes);
    });
  }
});
