/** What the dashboard does for the person who looks at it, on any world: an invented host, or a daemon. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { axeFindings, desktop, type OpenPage, openBrowser, openPage, phone, type View } from './browser.ts';
import type { World } from './world.ts';

const sections = ['What broke', 'Links', 'Timeline', 'Hooks', 'Policy routing', 'About'];

/** Runs the checks on worlds that `open` makes, a new one for each. */
export function dashboardContract(name: string, open: () => Promise<World>): void {
  describe(`the dashboard of ${name}`, () => {
    let browser: Browser;
    let world: World;
    let opened: OpenPage;
    beforeAll(async () => {
      browser = await openBrowser();
    });
    afterAll(async () => {
      await browser.close();
    });
    beforeEach(async () => {
      world = await open();
    });
    afterEach(async () => {
      await opened.context.close();
      await world[Symbol.asyncDispose]();
      expect(opened.errors).toEqual([]);
    });
    const look = async (view?: View, hash: string = ''): Promise<Page> => {
      opened = await openPage(browser, `${world.url}/${hash}`, view);
      await opened.page.getByText('live', { exact: true }).waitFor();
      return opened.page;
    };
    const card = (page: Page) => page.locator('.card', { hasText: world.link }).first();

    test('shows its sections in reading order', async () => {
      const page = await look();
      expect(await page.locator('h2:visible').allTextContents()).toEqual(sections);
      expect(await page.locator('h1').textContent()).toBe(world.hostname);
    });

    test('says in the tab which host it is', async () => {
      const page = await look();
      expect(await page.title()).toContain(world.hostname);
    });

    test('shows a link with its state in shape and word, and its day in words', async () => {
      const page = await look();
      await card(page).locator('.state', { hasText: 'routable' }).waitFor();
      expect(await card(page).locator('svg.mark.good').count()).toBe(1);
      const strip = card(page).getByRole('img');
      expect(await strip.getAttribute('aria-label')).toMatch(/last 24 h: .*routable/);
    });

    test('a link that loses its carrier while one looks is the first problem, without a reload', async () => {
      const page = await look();
      await card(page).locator('.state', { hasText: 'routable' }).waitFor();
      await world.pullCable();
      await card(page).locator('.state', { hasText: 'no-carrier' }).waitFor();
      await page.locator('.problem', { hasText: world.link }).first().waitFor();
      await page.locator('.row', { hasText: world.link }).filter({ hasText: 'no-carrier' }).first().waitFor();
      expect(await page.locator('.cards .card').first().textContent()).toContain(world.link);
      await world.plugCable();
      await card(page).locator('.state', { hasText: 'routable' }).waitFor();
      await page.locator('.problem', { hasText: world.link }).waitFor({ state: 'detached' });
    });

    test('says that it is disconnected, greys what it shows, and goes on when the daemon is back', async () => {
      const page = await look();
      await card(page).locator('.state', { hasText: 'routable' }).waitFor();
      await world.stop();
      await page.getByText('disconnected', { exact: true }).waitFor();
      expect(await page.locator('.page').getAttribute('class')).toContain('stale');
      expect(await page.getByRole('alert').textContent()).toContain(world.hostname);
      await world.start();
      await page.getByText('live', { exact: true }).waitFor();
      expect(await page.locator('.page').getAttribute('class')).not.toContain('stale');
      await page.locator('.seam.reconnected').waitFor();
      await world.pullCable();
      await card(page).locator('.state', { hasText: 'no-carrier' }).waitFor();
    });

    test('leads from a problem to the record in which it began', async () => {
      const page = await look();
      await world.pullCable();
      const problem = page.locator('.problem', { hasText: world.link }).first();
      await problem.getByRole('button', { name: 'show cause' }).click();
      const row = page.locator('.row[aria-expanded="true"]');
      await row.waitFor();
      expect(await row.textContent()).toContain(world.link);
      await page.locator('.opened', { hasText: 'no-carrier' }).first().waitFor();
    });

    test('filters the timeline by link, and keeps that in its address', async () => {
      const page = await look();
      await card(page).getByRole('button', { name: world.link }).click();
      await page.waitForFunction((link) => location.hash === `#link=${link}`, world.link);
      const others = page.locator('.row .where', { hasNotText: new RegExp(`^${world.link}$`) });
      await others.first().waitFor({ state: 'detached' });
      await page.reload();
      await page.locator('.row').first().waitFor();
      expect(await others.count()).toBe(0);
      expect(await page.locator('#link-filter').inputValue()).toBe(world.link);
    });

    test('explains where a packet goes', async () => {
      const page = await look();
      await page.fill('input[name=src]', '192.0.2.10');
      await page.fill('input[name=dst]', '198.51.100.7');
      await page.getByRole('button', { name: 'Explain' }).click();
      await page.locator('.answer .verdict').waitFor();
      expect(await page.locator('.answer .steps li').count()).toBeGreaterThan(0);
    });

    test('says what is wrong with an address that is none', async () => {
      const page = await look();
      await page.fill('input[name=src]', 'nonsense');
      await page.fill('input[name=dst]', '198.51.100.7');
      await page.getByRole('button', { name: 'Explain' }).click();
      expect(await page.locator('.explain .failure').textContent()).toContain('nonsense');
    });

    test('shows the configuration with the token, and keeps the token for this tab', async () => {
      const page = await look();
      await page.locator('#about summary', { hasText: 'configuration' }).click();
      await page.getByPlaceholder('API token').fill('wrong');
      await page.getByRole('button', { name: 'Use token' }).click();
      await page.getByText('does not accept this token').waitFor();
      await page.getByPlaceholder('API token').fill(world.token);
      await page.getByRole('button', { name: 'Use token' }).click();
      await page.locator('.config dt').first().waitFor();
      expect(await page.evaluate(() => Object.values(sessionStorage))).toEqual([world.token]);
      expect(await page.evaluate(() => localStorage.length + document.cookie.length)).toBe(0);
    });

    for (const scheme of ['light', 'dark'] as const) {
      for (const [size, viewport] of [
        ['phone', phone],
        ['desktop', desktop],
      ] as const) {
        test(`has no finding of axe in ${scheme} on a ${size}, open and closed`, async () => {
          const page = await look({ scheme, viewport });
          await page.locator('.row').first().waitFor();
          expect(await axeFindings(page)).toEqual([]);
          await world.pullCable();
          await page.locator('.problem', { hasText: world.link }).first().waitFor();
          await page.locator('.row').first().click();
          await page.locator('.card details').first().locator('summary').click();
          await page.locator('#about summary', { hasText: 'configuration' }).click();
          await page.getByPlaceholder('API token').first().waitFor();
          expect(await axeFindings(page)).toEqual([]);
        });
      }
    }

    test('fits a phone: nothing is wider than the screen', async () => {
      const page = await look({ viewport: phone });
      await page.locator('.row').first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        phone.width,
      );
    });

    test('sends requests only to its own server', async () => {
      opened = await openPage(browser, 'about:blank');
      const { page } = opened;
      const hosts = new Set<string>();
      page.on('request', (request) => hosts.add(new URL(request.url()).origin));
      await page.goto(world.url);
      await page.getByText('live', { exact: true }).waitFor();
      expect([...hosts].filter((origin) => origin !== 'null')).toEqual([world.url]);
    });
  });
}
