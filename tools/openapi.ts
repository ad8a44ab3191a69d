/**
 * Writes the OpenAPI document that the executable embeds. The same sources give the same bytes.
 *
 *   bun tools/openapi.ts FILE
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { openapiDocument } from '../src/api/schemas/document.ts';
import { endpointTable } from '../src/api/table.ts';

const file = process.argv[2] ?? join(import.meta.dir, '../build/openapi.txt');
writeFileSync(file, JSON.stringify(openapiDocument(endpointTable(), manifest.version)));
