/** Two builds of one source give the same bytes, in other folders, time zones and umasks. Slow, so in the lab's suite. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dir, '../..');
const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
let scratch = '';

/** The sources as they are now, without what was built, and with the packages that are installed here. */
function copyTo(folder: string): string {
  const target = join(scratch, folder);
  const script = `
    mkdir -p "$1" && cd "$0"
    tar --exclude=./build --exclude=./dist --exclude=./node_modules --exclude=./.git -cf - . | tar -C "$1" -xf -
    cp -al node_modules "$1/" 2>/dev/null || { rm -rf "$1/node_modules"; cp -a node_modules "$1/"; }
    touch "$1/node_modules/.installed"`;
  execFileSync('sh', ['-ec', script, root, target]);
  return target;
}

/** What `make dist deb` leaves, by name, as hashes. */
function built(folder: string, umask: string, zone: string): Record<string, string> {
  const env = { ...process.env, SOURCE_DATE_EPOCH: '1800000000', TZ: zone, MAKEFLAGS: '' };
  execFileSync('sh', ['-ec', `umask ${umask}; make -s dist deb CC=gcc`], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const files = ['build/netevd', 'build/netevd.node', `dist/netevd-${version}-linux-amd64.tar.gz`];
  return Object.fromEntries(
    [...files, `dist/netevd_${version}_amd64.deb`].map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    ]),
  );
}

const canPack = process.arch === 'x64' && Bun.which('dpkg-deb') !== null && Bun.which('readelf') !== null;

test.skipIf(!canPack)(
  'executable, addon, tarball and Debian package have the same bytes wherever they are built',
  () => {
    const first = built(copyTo('a'), '022', 'UTC');
    expect(built(copyTo('somewhere/else/much/longer'), '077', 'Asia/Kathmandu')).toEqual(first);
    expect(readFileSync(join(scratch, 'a/build/netevd')).includes(scratch)).toBe(false);
  },
  300_000,
);

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'netevd-reproducible-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));
