/** Messages of the stream as Server-Sent Events (HTML Living Standard, 9.2). */
import { formatPosition, type RecordPosition, type StoredRecord } from '../../core/records/stored-record.ts';
import type { StreamMessage } from '../../core/view/types/stream.ts';

export const sseContentType: string = 'text/event-stream; charset=utf-8';

const encoder = new TextEncoder();

/** How long a reader waits before it comes back, in milliseconds. */
export const retryText: Uint8Array = encoder.encode('retry: 2000\n\n');

type OtherMessage = Exclude<StreamMessage, { readonly type: 'record' }>;

/** `id`: what the reader has once it has read this; absent where it has no more than before. */
export function encodeMessage({ type, ...data }: OtherMessage, id?: RecordPosition): Uint8Array {
  return encoder.encode(`event: ${type}\n${idLine(id)}data: ${JSON.stringify(data)}\n\n`);
}

export const encodeRecord = (record: StoredRecord): Uint8Array =>
  encoder.encode(`event: record\n${idLine(record)}data: ${record.json}\n\n`);

const idLine = (id: RecordPosition | undefined): string =>
  id === undefined ? '' : `id: ${formatPosition(id)}\n`;

/** One piece of all of these. */
export function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
