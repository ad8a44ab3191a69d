/** The event table against the rules that plan events, and against the sentences about them. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventEntry, hookDirectories } from '../src/core/model/event-table.ts';
import { administrativeStates, deviceStates, operationalStates } from '../src/core/model/vocabulary.ts';
import { eventSentence } from '../src/core/view/event-sentence.ts';
import { transitionText } from '../src/core/view/sentences.ts';
import { sampleEvent } from '../src/testing/sample-state.ts';

const rules = join(import.meta.dir, '../src/core/events');
const text = readdirSync(rules, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => readFileSync(join(rules, file), 'utf8'))
  .join('\n');
const states: ReadonlySet<string> = new Set([
  ...operationalStates,
  ...administrativeStates,
  ...Object.keys(deviceStates),
]);

test('every event that is named after a state has the name of one', () => {
  const named = hookDirectories.filter((directory) => eventEntry(directory).kind === 'state');
  expect(named.filter((directory) => !states.has(directory))).toEqual([]);
});

test('every other event is planned by a rule in src/core/events', () => {
  const others = hookDirectories.filter((directory) => eventEntry(directory).kind !== 'state');
  expect(others.filter((directory) => !text.includes(`'${directory}'`))).toEqual([]);
});

test('every event that is not a state has a sentence of its own', () => {
  const without = hookDirectories.filter((directory) => {
    if (eventEntry(directory).kind === 'state' || directory === 'manager') return false;
    const event = sampleEvent({ directory, state: 'carrier', previousState: 'no-carrier' });
    return eventSentence(event) === transitionText('no-carrier', 'carrier');
  });
  expect(without).toEqual([]);
});
