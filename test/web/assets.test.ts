/** The files of the dashboard: as they are bundled, and as the executable has them. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWeb } from '../../tools/web.ts';

const root = join(import.meta.dir, '../..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netevd-web-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const contents = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]));

describe('the bundle', () => {
  test('has the same bytes each time', async () => {
    await buildWeb(join(folder, 'a'));
    await buildWeb(join(folder, 'b'));
    expect(contents(join(folder, 'a'))).toEqual(contents(join(folder, 'b')));
  });

  test('is small enough for a poor connection', async () => {
    const files = await buildWeb(join(folder, 'sizes'));
    const sum = files.reduce((bytes, file) => bytes + file.gzipBytes, 0);
    expect(sum).toBeLessThan(40_000);
  });

  test('names no address outside, and needs nothing that the page forbids', async () => {
    await buildWeb(join(folder, 'c'));
    const {
      'index.html': page = '',
      'app.js': script = '',
      'app.css': style = '',
    } = contents(join(folder, 'c'));
    const addresses = [...`${page}${script}${style}`.matchAll(/https?:\/\/[^"'`\s)]+/g)].map(
      ([address]) => address,
    );
    expect(new Set(addresses.filter((address) => !address.startsWith('http://www.w3.org/')))).toEqual(
      new Set(),
    );
    expect(page).not.toMatch(/<style|style=|<script(?![^>]*src=)| on\w+=/);
    expect(script).not.toMatch(/\beval\(|new Function\(/);
  });
});

describe('the executable', () => {
  /** Flags of the Makefile, so that what is tested is what is shipped. */
  const flags = (): string => {
    const text = readFileSync(join(root, 'Makefile'), 'utf8').replaceAll('\\\n', ' ');
    const [, found] = /^COMPILE = \$\(BUN\) build (.*) src\/main\.ts$/m.exec(text) ?? [];
    if (found === undefined) throw new Error('the Makefile has no COMPILE');
    return found;
  };

  test('has the files within, with their ETags and headers', () => {
    const program = join(folder, 'print-assets');
    const entry = join(root, 'test/web/programs/print-assets.ts');
    const command = `exec "$BUN" build ${flags()} "$ENTRY" --outfile "$PROGRAM"`;
    const env = { ...process.env, BUN: process.execPath, ENTRY: entry, PROGRAM: program };
    const build = spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8', env });
    expect(build.stderr).not.toContain('error');
    const { stdout } = spawnSync(program, [], { cwd: '/', encoding: 'utf8', env: {} });
    const printed = JSON.parse(stdout) as {
      readonly assets: readonly { path: string; contentType: string; etag: string; body: string }[];
      readonly headers: Readonly<Record<string, string>>;
    };
    expect(printed.assets.map(({ path }) => path)).toEqual(['/', '/app.js', '/app.css']);
    for (const { etag, body } of printed.assets) {
      expect(etag).toBe(`"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`);
    }
    expect(printed.headers['content-security-policy']).toContain("require-trusted-types-for 'script'");
  });
});
