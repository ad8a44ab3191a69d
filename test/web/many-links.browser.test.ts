/** The dashboard of a host with a thousand links, and in a flood of records. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { axeFindings, desktop, type OpenPage, openBrowser, openPage, phone } from './browser.ts';
import { manyLinks } from './fake-answers.ts';
import { FakeHost } from './fake-host.ts';
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

let metrics: CDPSession;

/** CPU of the page's main thread, in milliseconds: what counts on a busy machine, too. */
async function cpuTime(): Promise<number> {
  const { metrics: values } = await metrics.send('Performance.getMetrics');
  const value = values.find(({ name }) => name === 'TaskDuration')?.value;
  if (value === undefined || value === 0) throw new Error('the browser measures no TaskDuration');
  return value * 1000;
}

async function look(viewport: { width: number; height: number }): Promise<Page> {
  world = new FakeWorld(new FakeHost({ links: manyLinks(1000) }));
  opened = await openPage(browser, 'about:blank', { viewport });
  metrics = await opened.context.newCDPSession(opened.page);
  await metrics.send('Performance.enable', { timeDomain: 'threadTicks' });
  await opened.page.goto(world.url);
  await opened.page.locator('.card').first().waitFor();
  return opened.page;
}

for (const [size, viewport] of [
  ['phone', phone],
  ['desktop', desktop],
] as const) {
  test(`a thousand links are there, those without a carrier first, on a ${size}`, async () => {
    const page = await look(viewport);
    expect(await page.locator('.card').count()).toBe(24);
    expect(await page.locator('.card.bad').count()).toBe(20);
    await page.getByRole('button', { name: 'Show all 1000 links' }).click();
    await page.locator('.card').nth(999).waitFor({ state: 'attached' });
    expect(await page.locator('.cards .strip').count()).toBe(1000);
    process.stdout.write(
      `1000 links on a ${size}: ${Math.round(await cpuTime())} ms of CPU until all are drawn\n`,
    );
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      viewport.width,
    );
  });
}

test('a link that is not among the first is shown when one filters by it', async () => {
  const page = await look(phone);
  await page.fill('#link-filter', 'port900');
  const card = page.locator('.card').first();
  await card.getByRole('button', { name: 'port900' }).waitFor();
  expect(await page.locator('.card').count()).toBe(25);
});

test('of many problems the newest are shown, and the others when asked for', async () => {
  const page = await look(phone);
  await page.getByText('live', { exact: true }).waitFor();
  for (let number = 100; number < 130; number++) world.host.pullCable(`port${number}`);
  await page.getByRole('button', { name: 'Show all 30 problems' }).click();
  await page.locator('.problem').nth(29).waitFor();
});

test('one of a thousand links that changes costs the page no more than some frames', async () => {
  const page = await look(desktop);
  await page.getByRole('button', { name: 'Show all 1000 links' }).click();
  await page.locator('.card').nth(999).waitFor({ state: 'attached' });
  await page.getByText('live', { exact: true }).waitFor();
  const before = await cpuTime();
  const changes = 20;
  for (let number = 1; number <= changes; number++) {
    world.host.changeState(`port${number}`, 'degraded', `change ${number}`);
    await page
      .locator('.row', { hasText: `change ${number}` })
      .first()
      .waitFor();
  }
  const each = ((await cpuTime()) - before) / changes;
  process.stdout.write(`1000 links, all drawn: ${each.toFixed(1)} ms of CPU for a change\n`);
  expect(each).toBeLessThan(250);
});

test('a flood of five thousand records leaves the page usable, and its list bounded', async () => {
  const page = await look(desktop);
  await page.getByText('live', { exact: true }).waitFor();
  const before = await cpuTime();
  for (let number = 1; number <= 5000; number++) {
    world.host.changeState(
      `port${number % 1000}`,
      number % 2 === 0 ? 'routable' : 'degraded',
      `flood ${number}`,
    );
  }
  await page.locator('.row', { hasText: 'flood 5000' }).first().waitFor();
  process.stdout.write(`5000 records: ${Math.round((await cpuTime()) - before)} ms of CPU\n`);
  expect(await page.locator('.row').count()).toBeLessThanOrEqual(100);
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  expect(await axeFindings(page)).toEqual([]);
});
