import { describe, expect, test } from 'bun:test';
import { sampleEvent, sampleTime } from '../../testing/api-samples.ts';
import { countFlaps, foldStrip, STRIP_SPAN, type Strip, stripOf, stripShapes, stripText } from './strip.ts';

const HOUR = 3_600_000;
const now = sampleTime(0);
const strip = (...segments: readonly (readonly [hoursAgo: number, state: string])[]): Strip => ({
  segments: segments.map(([ago, state]) => ({ at: now - ago * HOUR, state })),
});

describe('the strip of a day', () => {
  test('draws each class of state as one path, however often it changes', () => {
    const flapping = strip(
      [30, 'routable'],
      [9, 'no-carrier'],
      [8, 'routable'],
      [4, 'no-carrier'],
      [3, 'routable'],
    );
    const shapes = stripShapes(flapping, now);
    expect(shapes.map((shape) => shape.class)).toEqual(['good', 'bad']);
    expect(shapes[1]?.path.match(/M/g)).toHaveLength(2);
  });

  test('begins where the day begins, and ends now', () => {
    expect(stripShapes(strip([48, 'routable']), now)).toEqual([
      { class: 'good', path: 'M0 16h1440v4h-1440z' },
    ]);
  });

  test('leaves the time before the first segment free', () => {
    expect(stripShapes(strip([12, 'off']), now)).toEqual([{ class: 'off', path: 'M720 18h720v2h-720z' }]);
  });

  test('shows a loss of a second, also at the end', () => {
    const [, bad] = stripShapes(strip([24, 'routable'], [1 / 3600, 'no-carrier']), now);
    expect(bad).toEqual({ class: 'bad', path: 'M1428 0h12v20h-12z' });
  });

  test('says in words what it draws', () => {
    const text = stripText(strip([30, 'routable'], [2, 'no-carrier'], [1.5, 'routable']), now);
    expect(text).toBe('last 24 h: routable 23 h 30 min, no-carrier 30 min; carrier lost once');
  });

  test('says if nothing is recorded', () => {
    expect(stripText(strip(), now)).toBe('last 24 h: nothing recorded');
  });

  test('counts the losses of the day, not those before, nor a link that begins without carrier', () => {
    const losses = strip([40, 'routable'], [30, 'no-carrier'], [29, 'routable'], [5, 'no-carrier']);
    expect(countFlaps(losses, now)).toBe(1);
    expect(countFlaps(strip([3, 'no-carrier']), now)).toBe(0);
  });

  test('is read from the timeline of the API', () => {
    const at = new Date(now - STRIP_SPAN).toISOString();
    const timeline = { name: 'eth0', index: 2, segments: [{ at, state: 'routable' as const }], flaps: 0 };
    expect(stripOf(timeline).segments).toEqual([{ at: now - STRIP_SPAN, state: 'routable' }]);
  });
});

describe('a record', () => {
  test('adds its state to the strip', () => {
    expect(foldStrip(strip([3, 'routable']), sampleEvent(60)).segments.at(-1)).toEqual({
      at: sampleTime(60),
      state: 'no-carrier',
    });
  });

  test('drops the oldest of very many', () => {
    let folded = strip([3, 'routable']);
    for (let seq = 0; seq < 1000; seq++) {
      const state = seq % 2 === 0 ? 'no-carrier' : 'routable';
      folded = foldStrip(folded, sampleEvent(seq, { event: state, state }));
    }
    expect(folded.segments.length).toBe(400);
    expect(folded.segments.at(-1)?.at).toBe(sampleTime(999));
  });

  test.each([
    ['of the same state', sampleEvent(60, { event: 'routable', state: 'routable' })],
    ['of no operational state', sampleEvent(60, { event: 'configured', state: 'configured' })],
    ['that is older', sampleEvent(-4 * 3600)],
  ])('%s leaves it as it is', (_, record) => {
    const before = strip([3, 'routable']);
    expect(foldStrip(before, record)).toBe(before);
  });
});
