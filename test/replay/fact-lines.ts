/** Recordings of the project's own tests, and changes as lines beside them. */
import type { Change } from '../../src/core/model/change.ts';
import { parseRecording, type Recording } from '../../src/core/recording/recording.ts';

/** Frames are counted in every message, and no decision depends on them. */
export const changeLine = (change: Change): string =>
  JSON.stringify(change, (key, value: unknown) => {
    if (key === 'statistics') return undefined;
    if (value instanceof Map) return { $map: [...value] };
    return typeof value === 'bigint' ? { $bigint: String(value) } : value;
  });

/** The recording of this text; throws where it is none. */
export function recordingOf(text: string): Recording {
  const parsed = parseRecording(text);
  if (!parsed.ok) throw new Error(`line ${parsed.problem.line}: ${parsed.problem.problem}`);
  return parsed.recording;
}
