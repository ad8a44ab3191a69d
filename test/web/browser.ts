/** The system's Chromium for the tests of the dashboard. It is not downloaded: without it the tests are skipped. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromiumPath } from './chromium.ts';

export async function openBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('no Chromium: apt-get install chromium');
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export type Scheme = 'light' | 'dark';
export const phone = { width: 390, height: 844 } as const;
export const desktop = { width: 1440, height: 900 } as const;

export interface View {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly scheme?: Scheme;
  /** The clock is moved by the test: `page.clock`. */
  readonly manualClock?: boolean;
}

/** A page, and everything that went wrong in it. */
export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Uncaught errors and violations of the Content-Security-Policy, as they came. */
  readonly errors: readonly string[];
}

/** Opens `url` and waits until the first links are drawn. */
export async function openPage(browser: Browser, url: string, view: View = {}): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: view.viewport ?? desktop,
    colorScheme: view.scheme ?? 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (/Content.Security.Policy|TrustedHTML|Trusted Type/i.test(message.text())) errors.push(message.text());
  });
  if (view.manualClock === true) await page.clock.install();
  await page.goto(url);
  return { page, context, errors };
}

const axeSource = readFileSync(join(import.meta.dir, '../../node_modules/axe-core/axe.min.js'), 'utf8');

/** Findings of axe-core on the page as it is now, each with its element. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: readonly Violation[] }> } };
    interface Violation {
      readonly id: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    );
  });
  return found;
}
