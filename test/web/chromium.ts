/** Where the system's Chromium is. */
import { existsSync } from 'node:fs';

const executables = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of the browser; undefined if there is none. `NETEVD_CHROMIUM` overrides it. */
export const chromiumPath = (): string | undefined =>
  [process.env['NETEVD_CHROMIUM'] ?? '', ...executables].find((path) => path !== '' && existsSync(path));
