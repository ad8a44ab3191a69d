/**
 * Bundles the dashboard into build/web: the page, one script, one style sheet, and `manifest.json`, which names them with
 * type, ETag and size. The same sources give the same bytes.
 *
 *   bun tools/web.ts [folder]
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = join(import.meta.dir, '..');
const page = join(root, 'src/web/page');

/** One file of the page. */
export interface BuiltFile {
  /** Where it is served. */
  readonly path: string;
  readonly file: string;
  readonly contentType: string;
  readonly etag: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

const served: readonly { readonly path: string; readonly file: string; readonly contentType: string }[] = [
  { path: '/', file: 'index.html', contentType: 'text/html; charset=utf-8' },
  { path: '/app.js', file: 'app.js', contentType: 'text/javascript; charset=utf-8' },
  { path: '/app.css', file: 'app.css', contentType: 'text/css; charset=utf-8' },
];

async function bundle(entry: string): Promise<string> {
  const built = await Bun.build({
    entrypoints: [join(page, entry)],
    target: 'browser',
    minify: true,
    sourcemap: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const [output, ...others] = built.outputs;
  if (output === undefined || others.length > 0) throw new Error(`${entry} gave ${others.length + 1} files`);
  return await output.text();
}

/** Writes the files into `folder` and returns what was written. */
export async function buildWeb(folder: string): Promise<readonly BuiltFile[]> {
  const contents: Readonly<Record<string, string>> = {
    'index.html': readFileSync(join(page, 'index.html'), 'utf8').replace(/\n\s*/g, '\n'),
    'app.js': await bundle('main.tsx'),
    'app.css': await bundle('styles/app.css'),
  };
  mkdirSync(folder, { recursive: true });
  const files = served.map(({ path, file, contentType }): BuiltFile => {
    const content = contents[file] ?? '';
    writeFileSync(join(folder, file), content);
    const digest = createHash('sha256').update(content).digest('base64url').slice(0, 22);
    const sizes = { bytes: Buffer.byteLength(content), gzipBytes: gzipSync(content, { level: 9 }).length };
    return { path, file, contentType, etag: `"${digest}"`, ...sizes };
  });
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(files, null, 2)}\n`);
  return files;
}

if (import.meta.main) {
  for (const { file, bytes, gzipBytes } of await buildWeb(process.argv[2] ?? join(root, 'build/web'))) {
    process.stdout.write(`${file} ${bytes} bytes, ${gzipBytes} with gzip\n`);
  }
}
