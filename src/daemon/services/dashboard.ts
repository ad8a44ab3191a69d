/** The dashboard's files as answers. They are loaded when the first of them is asked for. */
import type { HttpAnswer } from '../../ports/http.ts';

type Assets = typeof import('../../web/assets.ts');
type PageAsset = ReturnType<Assets['pageAssets']>[number];

let loaded:
  | Promise<{ readonly headers: Readonly<Record<string, string>>; readonly files: readonly PageAsset[] }>
  | undefined;

/** Undefined where the page has no file at that path. */
export async function dashboardAsset(
  path: string,
  ifNoneMatch: string | undefined,
): Promise<HttpAnswer | undefined> {
  // All files lie side by side at the root: a path below it is somebody's mistake, and loads nothing.
  if (path.lastIndexOf('/') !== 0) return undefined;
  loaded ??= import('../../web/assets.ts').then((web) => ({
    headers: web.pageHeaders,
    files: web.pageAssets(),
  }));
  const { headers, files } = await loaded;
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) return undefined;
  const tagged = { ...headers, etag: file.etag };
  if (ifNoneMatch === file.etag) return { status: 304, headers: tagged, body: { kind: 'none' } };
  return {
    status: 200,
    headers: { ...tagged, 'content-type': file.contentType },
    body: { kind: 'bytes', bytes: file.body },
  };
}
