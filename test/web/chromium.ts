/** Where the system's Chromium is. */
import { existsSync } from 'node:fs';

const executables = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of the browser; undefined where there is none. `NETEVD_CHROMIUM` names another one. */
export const chromiumPath = (): string | undefined =>
  [process.env['NETEVD_CHROMIUM'] ?? '', ...executables].find((path) => path !== '' && existsSync(path));
