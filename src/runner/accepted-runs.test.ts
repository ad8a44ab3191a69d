import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { AcceptedRuns, type Admission, maxEntries, maxEpochs, type RunKey } from './accepted-runs.ts';

const epochs = ['0197f3a0-1111-7222-8333-944444444444', '0197f3a0-1111-7222-8333-955555555555'] as const;
const key = (seq: number, name = '10-x', epoch: string = epochs[0]): RunKey => ({
  eventId: `${epoch}/${seq}`,
  directory: 'routable',
  name,
});

function admit(accepted: AcceptedRuns, one: RunKey): Admission {
  const admission = accepted.look(one);
  if (admission === 'new') accepted.add(one);
  return admission;
}

describe('AcceptedRuns', () => {
  test('admits each hook of each event once', () => {
    const accepted = new AcceptedRuns();
    const asked = [key(1), key(1), key(2), key(1, '20-y'), key(1, '10-x', epochs[1]), key(2)];
    const answers = asked.map((one) => admit(accepted, one));
    expect(answers).toEqual(['new', 'known', 'new', 'new', 'new', 'known']);
  });

  test('tells directories apart', () => {
    const accepted = new AcceptedRuns();
    admit(accepted, key(1));
    expect(admit(accepted, { ...key(1), directory: 'off' })).toBe('new');
  });

  test('does not need events in order', () => {
    const accepted = new AcceptedRuns();
    expect([admit(accepted, key(9)), admit(accepted, key(3))]).toEqual(['new', 'new']);
  });

  test('refuses what is older than what it could keep, and keeps no more than its limit', () => {
    const accepted = new AcceptedRuns();
    for (let seq = 1; seq <= maxEntries + 1; seq++) admit(accepted, key(seq));
    expect(admit(accepted, key(1))).toBe('too-old');
    expect(admit(accepted, key(maxEntries + 1))).toBe('known');
    expect(admit(accepted, key(maxEntries + 2))).toBe('new');
    expect(accepted.text().split('\n').length).toBeLessThan(maxEntries);
  });

  test('accepts no more epochs than a boot can have', () => {
    const accepted = new AcceptedRuns();
    const epochOf = (i: number): string => `0197f3a0-1111-7222-8333-${String(i).padStart(12, '0')}`;
    const answers = Array.from({ length: maxEpochs + 1 }, (_, i) =>
      admit(accepted, key(1, '10-x', epochOf(i))),
    );
    expect([answers.at(-2), answers.at(-1)]).toEqual(['new', 'too-old']);
    expect(admit(accepted, key(2, '10-x', epochOf(0)))).toBe('new');
  });

  test('an endless stream of entries does not grow it', () => {
    const accepted = new AcceptedRuns();
    for (let i = 0; i < 3; i++) for (let seq = 1; seq <= maxEntries; seq++) admit(accepted, key(seq, `${i}`));
    expect(accepted.text().split('\n').length).toBeLessThanOrEqual(maxEntries + 3);
  });

  test('read back from its lines, appended or whole, admits nothing again', () => {
    const keys = fc.record({
      eventId: fc
        .tuple(fc.constantFrom(...epochs), fc.integer({ min: 1, max: 9 }))
        .map(([a, b]) => `${a}/${b}`),
      directory: fc.constantFrom('routable', 'no-carrier', 'off'),
      name: fc.constantFrom('10-x', '20-y', 'floor'),
    });
    fc.assert(
      fc.property(fc.array(keys), (asked) => {
        const accepted = new AcceptedRuns();
        const appended = asked
          .filter((one) => admit(accepted, one as RunKey) === 'new')
          .map((one) => AcceptedRuns.lineOf(one as RunKey));
        for (const text of [accepted.text(), appended.join('')]) {
          const read = AcceptedRuns.parse(text);
          for (const one of asked) expect(admit(read, one as RunKey)).toBe('known');
        }
      }),
    );
  });

  test('what it dropped stays dropped when it is read back', () => {
    const accepted = new AcceptedRuns();
    for (let seq = 1; seq <= maxEntries + 1; seq++) admit(accepted, key(seq));
    expect(admit(AcceptedRuns.parse(accepted.text()), key(1))).toBe('too-old');
  });

  test('passes over lines that are no entries', () => {
    expect(AcceptedRuns.parse('x\n\n\0\nfloor\n').text()).toBe('');
  });
});
