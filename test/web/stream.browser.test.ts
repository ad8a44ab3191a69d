/** What the dashboard does with the stream: rows that wait while one reads, gaps, hidden tabs, tokens, floods. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Browser, Locator, Page, Request } from 'playwright-core';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { axeFindings, type OpenPage, openBrowser, openPage, phone, type View } from './browser.ts';
import type { FakeHost } from './fake-host.ts';
import { calmHost, hostInTrouble } from './story.ts';
import { FakeWorld } from './world.ts';

let browser: Browser;
let world: FakeWorld;
let opened: OpenPage;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});
afterEach(async () => {
  await opened.context.close();
  await world[Symbol.asyncDispose]();
  expect(opened.errors).toEqual([]);
});

async function look(host: FakeHost, view?: View, hash: string = ''): Promise<Page> {
  world = new FakeWorld(host);
  opened = await openPage(browser, `${world.url}/${hash}`, view);
  await opened.page.getByText('live', { exact: true }).waitFor();
  await opened.page.locator('.row').first().waitFor();
  return opened.page;
}

const firstSeq = async (page: Page): Promise<string | null> =>
  await page.locator('.row').first().getAttribute('data-record');

/** `count` changes of a link's address, which nothing else on the page shows. */
function happen(host: FakeHost, count: number): void {
  for (let number = 0; number < count; number++) {
    host.changeState('eth1', host.link('eth1').state, `change ${number}`);
  }
}

describe('rows that arrive while the user reads', () => {
  test('appear at the top otherwise', async () => {
    const page = await look(calmHost());
    happen(world.host, 3);
    await page.locator('.row', { hasText: 'change 2' }).waitFor();
    expect(await firstSeq(page)).toBe(`${world.host.epoch}/${world.host.head}`);
  });

  test('are held back and counted while a row has the focus, and come when it is left', async () => {
    const page = await look(calmHost());
    await page.locator('.row').first().focus();
    const before = await firstSeq(page);
    happen(world.host, 12);
    await page.getByRole('button', { name: '12 new' }).waitFor();
    expect(await firstSeq(page)).toBe(before);
    await page.locator('#link-filter').focus();
    await page.locator('.row', { hasText: 'change 11' }).waitFor();
    expect(await page.locator('.held').count()).toBe(0);
  });

  test('are held back while a row is open, and shown by the button', async () => {
    const page = await look(calmHost());
    await page.locator('.row').nth(2).click();
    happen(world.host, 2);
    await page.getByRole('button', { name: '2 new' }).click();
    await page.locator('.row', { hasText: 'change 1' }).waitFor();
    expect(await page.locator('.opened').count()).toBe(1);
  });

  test('are held back while the top of the list is out of sight, on a phone', async () => {
    const page = await look(calmHost(), { viewport: phone });
    await page
      .locator('.row')
      .nth(12)
      .evaluate((row) => row.scrollIntoView({ block: 'start' }));
    const before = await firstSeq(page);
    await waitUntilHeld(page);
    expect(await firstSeq(page)).toBe(before);
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.locator('.row', { hasText: 'change 0' }).first().waitFor({ state: 'attached' });
  });

  /** The page notices a scroll with the next frame: changes come until one is held. */
  async function waitUntilHeld(page: Page): Promise<void> {
    await page.waitForFunction(() => {
      const list = document.querySelector('.filters');
      return list !== null && list.getBoundingClientRect().bottom < 0;
    });
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    happen(world.host, 1);
    await page.locator('.held').waitFor({ state: 'attached' });
  }
});

describe('the keys', () => {
  test('j and k go through the rows, Enter opens one, Escape closes it', async () => {
    const page = await look(calmHost());
    const focused = (): Promise<string | null | undefined> =>
      page.evaluate(() => document.activeElement?.getAttribute('data-record'));
    const ids = await page
      .locator('.row')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-record')));
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await focused()).toBe(ids[2]);
    await page.keyboard.press('k');
    expect(await focused()).toBe(ids[1]);
    await page.keyboard.press('Enter');
    await page.locator('.opened').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.opened').waitFor({ state: 'detached' });
  });

  test('/ goes to the filter, where letters are letters', async () => {
    const page = await look(calmHost());
    await page.keyboard.press('/');
    await page.keyboard.type('jk?');
    world.host.changeState('br-lan', 'routable', 'a link that changes meanwhile');
    await page.locator('.card', { hasText: 'br-lan' }).locator('.state', { hasText: 'routable' }).waitFor();
    expect(await page.locator('#link-filter').inputValue()).toBe('jk?');
  });

  test('? lists the keys', async () => {
    const page = await look(calmHost());
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });
});

test('single keys can be switched off, and the list of keys opened without them', async () => {
  const page = await look(calmHost());
  await page.locator('#about').getByRole('button', { name: 'keys' }).click();
  await page.getByLabel('Single keys work on this page').uncheck();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('/');
  expect(await page.evaluate(() => document.activeElement?.id)).not.toBe('link-filter');
});

describe('a connection that ends', () => {
  test('goes on without a row twice or missing', async () => {
    const page = await look(calmHost());
    happen(world.host, 2);
    await page.locator('.row', { hasText: 'change 1' }).waitFor();
    await world.stop();
    await page.getByText('disconnected', { exact: true }).waitFor();
    happen(world.host, 3);
    await world.start();
    await page.locator('.seam.reconnected').waitFor();
    await page.locator('.row', { hasText: 'change 2' }).first().waitFor();
    const ids = await page
      .locator('.row')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-record')));
    expect(new Set(ids).size).toBe(ids.length);
    const newest = Array.from(
      { length: 5 },
      (_, number) => `${world.host.epoch}/${world.host.head - number}`,
    );
    expect(ids.slice(0, 5)).toEqual(newest);
  });

  test('shows what is missing as a gap', async () => {
    const page = await look(calmHost());
    await world.stop();
    await page.getByText('disconnected', { exact: true }).waitFor();
    const from = world.host.head + 1;
    happen(world.host, 30);
    const forgotten = world.host.head - 10;
    await world.restart({ forgotten });
    const gap = page.locator('.seam.gap');
    await gap.waitFor();
    expect(await gap.textContent()).toContain(`20 records (#${from} to #${forgotten})`);
    await page.locator('.row', { hasText: 'change 29' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('says why, and the last known state has no finding of axe', async () => {
    const page = await look(hostInTrouble(), { viewport: phone });
    await world.stop();
    await page.getByText('disconnected', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Try now' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.title()).toStartWith('?');
  });

  /** From now on time passes only where the test says so. */
  const stopClock = async (page: Page): Promise<void> => await page.clock.pauseAt(Date.now() + 3000);

  test('is retried at once on request', async () => {
    const page = await look(calmHost(), { manualClock: true });
    await stopClock(page);
    const ended = streamEnd(page);
    await world.stop();
    await ended;
    await drawUntil(page, page.getByText('disconnected', { exact: true }));
    await page.getByText('disconnected', { exact: true }).waitFor();
    await world.start();
    await page.getByRole('button', { name: 'Try now' }).click();
    await waitUntil('a stream', () => world.server.streams === 1);
    await drawUntil(page, page.getByText('live', { exact: true }));
  });

  test('is given back by a tab that has been hidden for a minute, and resumed by id', async () => {
    const page = await look(calmHost(), { manualClock: true });
    await stopClock(page);
    await setVisibility(page, 'hidden');
    await page.clock.fastForward(35_000);
    happen(world.host, 1);
    const drawing = await drawUntil(page, page.locator('.row', { hasText: 'change 0' }));
    await page.clock.fastForward(24_500 - drawing);
    expect(world.server.streams).toBe(1);
    await page.clock.fastForward(1000);
    await waitUntil('no stream', () => world.server.streams === 0);
    happen(world.host, 2);
    await setVisibility(page, 'visible');
    await waitUntil('a stream', () => world.server.streams === 1);
    await drawUntil(page, page.locator('.row', { hasText: 'change 1' }));
    expect(await page.locator('.seam.gap').count()).toBe(0);
  });

  const streamEnd = async (page: Page): Promise<unknown> => {
    const isStream = (request: Request): boolean => request.url().includes('/events/stream');
    return await Promise.race([
      page.waitForEvent('requestfinished', isStream),
      page.waitForEvent('requestfailed', isStream),
    ]);
  };

  /** Moves the clock frame by frame until `what` is drawn, and says by how many milliseconds. */
  async function drawUntil(page: Page, what: Locator): Promise<number> {
    let moved = 0;
    for (; moved < 20_000 && !(await what.isVisible()); moved += 20) await page.clock.runFor(20);
    await what.waitFor();
    return moved;
  }

  async function setVisibility(page: Page, state: 'hidden' | 'visible'): Promise<void> {
    await page.evaluate((value) => {
      Object.defineProperty(document, 'visibilityState', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  }
});

describe('hooks', () => {
  test('that are refused are listed with the command that changes it', async () => {
    const page = await look(hostInTrouble());
    const refused = page.locator('.refused li', { hasText: '20-ddns' });
    await refused.waitFor();
    expect(await refused.locator('code').textContent()).toBe('chmod go-w /etc/netevd/routable.d/20-ddns');
  });

  test('show their output once there is a token', async () => {
    const page = await look(hostInTrouble());
    await page.locator('.run.failed summary').first().click();
    await page.getByPlaceholder('API token').fill(world.token);
    await page.keyboard.press('Enter');
    await page.locator('.output pre', { hasText: 'Connection timed out' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('show a run that ends while one looks', async () => {
    const page = await look(calmHost());
    const run = { directory: 'no-carrier', script: '10-alert', link: 'eth0', exit: 3, ms: 2300 };
    world.host.runHook(run, undefined);
    await page.locator('.run.failed', { hasText: 'exit 3, 2.3 s' }).waitFor();
    await page.locator('.problem', { hasText: '10-alert' }).waitFor();
  });

  test('that an event led to stand in its row', async () => {
    const page = await look(hostInTrouble());
    await page.locator('.row', { hasText: 'carrier lost' }).click();
    await page.locator('.consequences', { hasText: '10-alert' }).waitFor();
  });
});

describe('a daemon that answers only with a token', () => {
  test('is asked again once there is one', async () => {
    world = new FakeWorld(calmHost(), { needsTokenForAll: true });
    opened = await openPage(browser, world.url, { viewport: phone });
    const { page } = opened;
    await page.getByPlaceholder('API token').fill(world.token);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Use token' }).click();
    await page.locator('.row').first().waitFor();
    await page.getByText('live', { exact: true }).waitFor();
  });
});

test('axe and the Content-Security-Policy would say so if something were wrong', async () => {
  const page = await look(calmHost());
  await page.evaluate(() => {
    document.querySelector('main')?.append(document.createElement('img'));
    document.querySelector('main')?.setAttribute('style', 'opacity: 0.2');
  });
  const findings = await axeFindings(page);
  expect(findings.some((finding) => finding.startsWith('image-alt'))).toBe(true);
  await waitUntil('a violation', () => opened.errors.length > 0);
  (opened.errors as string[]).length = 0;
});

test('no script, style or HTML from text can get into the page', async () => {
  const page = await look(calmHost());
  const refused = await page.evaluate(() => {
    try {
      document.body.insertAdjacentHTML('beforeend', '<b>x</b>');
      return 'inserted';
    } catch (error) {
      return (error as Error).name;
    }
  });
  expect(refused).toBe('TypeError');
  const response = await page.request.get(world.url);
  expect(response.headers()['content-security-policy']).toContain("default-src 'none'");
  (opened.errors as string[]).length = 0;
});
