/** Prints the files of the dashboard that are embedded into this program. */
import { pageAssets, pageHeaders } from '../../../src/web/assets.ts';

process.stdout.write(JSON.stringify({ assets: pageAssets(), headers: pageHeaders }));
