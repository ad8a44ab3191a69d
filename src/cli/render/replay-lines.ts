/** Decisions of a replay as lines of text, and as JSON objects, one for each line. */
import type { Activity } from '../../core/activity.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import { epoch, type IfIndex } from '../../core/model/ids.ts';
import type { State } from '../../core/model/state.ts';
import { recordViews } from '../../core/view/record-view.ts';

export interface ReplayLine {
  readonly text: string;
  readonly value: object;
}

export class ReplayLines {
  readonly #epoch: ReturnType<typeof epoch>;
  readonly #startedAt: number;
  #state: State | undefined;

  constructor(epochOfRecords: string, startedAt: number) {
    this.#epoch = epoch(epochOfRecords);
    this.#startedAt = startedAt;
  }

  /** The present name of a link. */
  readonly nameOf = (index: IfIndex): string => this.#state?.links.get(index)?.name ?? `#${index}`;

  ofActivity(after: number, activity: Activity): readonly ReplayLine[] {
    if (activity.kind === 'finding') this.#state = activity.after;
    return recordViews(activity, { epoch: this.#epoch, nameOf: this.nameOf }).map(
      ({ record, link, type }) => ({
        text: `${clock(after)}  ${(link ?? 'host').padEnd(15)}  ${type.padEnd(16)}  ${record.message}`,
        value: { after_ms: after, record },
      }),
    );
  }

  /** `verdict`: why the script does not run. */
  ofHook(after: number, event: NetworkEvent, path: string, verdict: string | undefined): ReplayLine {
    const text = verdict === undefined ? `would run ${path}` : `would not run ${path}: ${verdict}`;
    return {
      text: `${indent}${text}`,
      value: {
        after_ms: after,
        ts: new Date(this.#startedAt + after).toISOString(),
        hook: {
          path,
          event: event.directory,
          caused_by: event.id,
          runs: verdict === undefined,
          reason: verdict ?? null,
        },
      },
    };
  }

  ofCommand(after: number, command: string): ReplayLine {
    return { text: `${indent}would do ${command}`, value: { after_ms: after, command } };
  }
}

const indent = ' '.repeat(13);

/** `+   12.345 s`: as wide for a day as for a second. */
const clock = (after: number): string => `+${(after / 1000).toFixed(3).padStart(10)}`;
