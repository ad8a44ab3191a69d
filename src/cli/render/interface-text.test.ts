import { expect, test } from 'bun:test';
import { sampleDetails } from '../../testing/sample-answers.ts';
import { interfaceText } from './interface-text.ts';
import { plainPaint } from './paint.ts';

const screen = { paint: plainPaint, width: 100 };

test('a link whose hooks wait has a line that says how long, and why', () => {
  const damping = { penalty: 3200, losses: 4, damped: true, remaining_ms: 90_000 };
  const text = interfaceText({ ...sampleDetails, damping }, [], 0, screen);
  expect(text).toMatch(/^ {2}damping .*1 min 30 s.*4 losses of carrier$/m);
  expect(interfaceText(sampleDetails, [], 0, screen)).not.toContain('damping');
});
