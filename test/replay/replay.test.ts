/**
 * Recorded streams of facts, folded again: each must bring the very changes and run
 * the very hooks that are kept beside it. With
 * `NETEVD_UPDATE_GOLDEN=1` they are written anew, for a person to read before they are committed.
 */
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diff } from '../../src/core/diff/diff.ts';
import { emptyState } from '../../src/core/model/empty-state.ts';
import type { Fact } from '../../src/core/model/fact.ts';
import type { Recording } from '../../src/core/recording/recording.ts';
import { replay } from '../../src/core/recording/replay.ts';
import { reduce } from '../../src/core/reduce/reduce.ts';
import { applyChange, project } from '../../src/testing/projection.ts';
import { sampleEnginePolicy } from '../../src/testing/sample-policy.ts';
import { changeLine, recordingOf } from './fact-lines.ts';

const directory = join(import.meta.dirname, 'histories');
const names = readdirSync(directory)
  .filter((name) => name.endsWith('.recording.jsonl'))
  .map((name) => name.replace('.recording.jsonl', ''));

const read = (name: string): Recording =>
  recordingOf(readFileSync(join(directory, `${name}.recording.jsonl`), 'utf8'));

const factsOf = ({ steps }: Recording): readonly Fact[] => steps.flatMap(({ facts }) => facts);

/** The hooks that the daemon would run, a line each: time, link, directory, EVENT and what changed. */
function decisionsOf(recording: Recording): string {
  const policy = sampleEnginePolicy({ backend: recording.header.backend });
  const lines: string[] = [];
  for (const decision of replay(recording, policy)) {
    if (decision.kind !== 'hooks') continue;
    const { link, directory, name, state, transition } = decision.order.event;
    const changed = transition === undefined ? '' : ` ${JSON.stringify(transition)}`;
    lines.push(`${decision.after} ${link?.name ?? 'host'} ${directory} ${name} ${state}${changed}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A line for each fact, and below it one for each change that it brought. */
function changesOf(recording: Recording): string {
  let state = emptyState(recording.header.backend);
  const lines: string[] = [];
  for (const fact of factsOf(recording)) {
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
      const changes = changesOf(read(name));
      if (process.env['NETEVD_UPDATE_GOLDEN'] === '1') writeFileSync(golden, changes);
      expect(changes.split('\n')).toEqual(readFileSync(golden, 'utf8').split('\n'));
    });

    test(`runs the hooks that it ran: ${name}`, () => {
      const golden = join(directory, `${name}.hooks.txt`);
      const decisions = decisionsOf(read(name));
      if (process.env['NETEVD_UPDATE_GOLDEN'] === '1') writeFileSync(golden, decisions);
      expect(decisions.split('\n')).toEqual(readFileSync(golden, 'utf8').split('\n'));
    });

    test(`is told without a gap or a repetition: ${name}`, () => {
      const recording = read(name);
      let state = emptyState(recording.header.backend);
      const known = project(state);
      for (const fact of factsOf(recording)) {
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
