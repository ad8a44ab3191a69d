/** Reads a kept record back. */
import type { NetevdRecord } from '../view/types/records.ts';
import type { StoredRecord } from './stored-record.ts';

/** Undefined where the text is no record: the file that it comes from can be damaged. */
export function parseRecord({ json }: Pick<StoredRecord, 'json'>): NetevdRecord | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isRecord = (value: unknown): value is NetevdRecord =>
  typeof value === 'object' && value !== null && 'schema' in value && value.schema === 'netevd.event.v1';
