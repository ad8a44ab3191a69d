/**
 * Pictures of the dashboard for the documents: of a daemon, or of the invented host.
 *
 *   bun test/web/screenshots.ts FOLDER [URL]
 */
import { join } from 'node:path';
import { desktop, openBrowser, openPage, phone } from './browser.ts';
import { hostInTrouble } from './story.ts';
import { FakeWorld } from './world.ts';

const [folder = 'build/screenshots', url] = process.argv.slice(2);
const views = [
  { name: 'dashboard-phone', viewport: phone, scheme: 'dark' },
  { name: 'dashboard-phone-light', viewport: phone, scheme: 'light' },
  { name: 'dashboard', viewport: desktop, scheme: 'light' },
  { name: 'dashboard-dark', viewport: desktop, scheme: 'dark' },
] as const;

const world = url === undefined ? new FakeWorld(hostInTrouble()) : undefined;
const browser = await openBrowser();
for (const { name, ...view } of views) {
  const { page, context } = await openPage(browser, url ?? world?.url ?? '', view);
  await page.getByText('live', { exact: true }).waitFor();
  await page.locator('.row').first().waitFor();
  await page.locator('.strip').first().waitFor();
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
}
await browser.close();
await world?.[Symbol.asyncDispose]();
process.exit(0);
