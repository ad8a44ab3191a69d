/** Signals that come at an inconvenient moment. */
import { expect, test } from 'bun:test';
import { Site } from './daemon-under-test.ts';

test('a reload and a question in the first milliseconds are answered, and end nothing', async () => {
  using site = new Site();
  for (let round = 0; round < 5; round++) {
    await using daemon = await site.start();
    daemon.signal('SIGHUP');
    daemon.signal('SIGUSR2');
    await daemon.logged(/^configuration read again/);
    await daemon.logged(/^diagnostics: \{/);
    expect(await daemon.stop()).toBe(0);
  }
});
