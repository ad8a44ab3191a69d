/**
 * The dashboard's files, for the server that serves them. `tools/web.ts` bundles them into build/web; the executable
 * embeds them, and they are read at the first request: a daemon without visitors does not load them.
 */
import { readFileSync } from 'node:fs';
import style from '../../build/web/app.css' with { type: 'file' };
import script from '../../build/web/app.js' with { type: 'file' };
import index from '../../build/web/index.html' with { type: 'file' };
import manifest from '../../build/web/manifest.json' with { type: 'json' };

/** One file of the page. */
export interface PageAsset {
  /** Where it is served: `/`, `/app.js`, `/app.css`. */
  readonly path: string;
  readonly contentType: string;
  /** With its quotes: for `ETag` and `If-None-Match`. */
  readonly etag: string;
  readonly body: string;
}

/**
 * Of every answer with a file of the page. The page needs nothing from elsewhere, no inline script or style, and makes
 * no HTML from text (Trusted Types); a browser asks each time whether a file has changed.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
};

const files: Readonly<Record<string, string>> = { 'index.html': index, 'app.js': script, 'app.css': style };

/** Every file of the page. Reads them all: call it once, when the first of them is asked for. */
export function pageAssets(): readonly PageAsset[] {
  return manifest.map(({ path, file, contentType, etag }) => {
    const source = files[file];
    if (source === undefined) throw new Error(`build/web/manifest.json names ${file}, which is not embedded`);
    return { path, contentType, etag, body: readFileSync(source, 'utf8') };
  });
}
