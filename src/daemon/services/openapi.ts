/** The OpenAPI document: made by the build, embedded as a file, read when somebody asks for it. */
import { readFileSync } from 'node:fs';
import document from '../../../build/openapi.txt' with { type: 'file' };

/** JSON. */
export const openapiText = (): string => readFileSync(document, 'utf8');
