/** The OpenAPI document: what it must say of every endpoint, and what others think of it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerSchema, openapiDocument } from '../../src/api/schemas/document.ts';
import { endpointTable } from '../../src/api/table.ts';
import { hasApiTools, runPython, runRedocly } from './tools.ts';

const endpoints = endpointTable();
const text = JSON.stringify(openapiDocument(endpoints, '1.2.3'));
let folder = '';
let file = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netevd-openapi-'));
  file = join(folder, 'openapi.json');
  writeFileSync(file, text);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the OpenAPI document', () => {
  const document = JSON.parse(text) as {
    readonly paths: Readonly<
      Record<string, Readonly<Record<string, { readonly summary: string; readonly operationId: string }>>>
    >;
  };

  test('has every endpoint, each with a summary and a name of its own', () => {
    const operations = endpoints.map(({ path, method }) => document.paths[path]?.[method.toLowerCase()]);
    expect(operations.filter((operation) => (operation?.summary ?? '') === '')).toEqual([]);
    expect(new Set(operations.map((operation) => operation?.operationId)).size).toBe(endpoints.length);
  });

  test('has a schema for every answer that is JSON', () => {
    const others = endpoints.filter(({ path, method }) => answerSchema(path, method) === undefined);
    expect(others.map(({ path }) => path)).toEqual(['/metrics', '/openapi.json', '/api/v1/events/stream']);
  });

  test('is the same each time it is made', () => {
    expect(JSON.stringify(openapiDocument(endpointTable(), '1.2.3'))).toBe(text);
  });

  test.skipIf(!hasApiTools)('is valid (openapi-spec-validator)', () => {
    const code = 'import sys; from openapi_spec_validator.__main__ import main; main(sys.argv[1:])';
    expect(runPython(code, [file])).toMatchObject({ status: 0 });
  });

  test.skipIf(!hasApiTools)('has nothing that its linter warns of (redocly lint)', () => {
    const { status, output } = runRedocly(['lint', file, '--format=json']);
    const [, json = ''] = /(\{[\s\S]*\})/.exec(output) ?? [];
    expect((JSON.parse(json) as { readonly problems: readonly unknown[] }).problems).toEqual([]);
    expect(status).toBe(0);
  });
});
