/** What hooks wrote, as long as there is room for it: the newest megabyte. */
import type { Activity, HookRunEnded } from '../../core/activity.ts';
import type { Epoch, EventId } from '../../core/model/ids.ts';
import { recordId } from '../../core/model/record.ts';
import { hookRunDetails } from '../../core/view/hook-run-view.ts';
import type { HookRunDetails } from '../../core/view/types/hooks.ts';

/** Characters of all outputs together; a character is one or two bytes. */
const defaultLimit = 1024 * 1024;
/** What a run costs beside its output. */
const overhead = 512;

export class RunOutputs {
  readonly #limit: number;
  readonly #runs = new Map<EventId, HookRunEnded>();
  #epoch: Epoch;
  #size = 0;

  constructor(epoch: Epoch, limit: number = defaultLimit) {
    this.#epoch = epoch;
    this.#limit = limit;
  }

  /** See `ActivitySink`. */
  activity(activity: Activity): void {
    if (activity.kind === 'epochBegan') this.#epoch = activity.epoch;
    if (activity.kind !== 'hookRunEnded') return;
    this.#runs.set(recordId(this.#epoch, activity.seq), activity);
    this.#size += sizeOf(activity);
    for (const [id, oldest] of this.#runs) {
      if (this.#size <= this.#limit) break;
      this.#runs.delete(id);
      this.#size -= sizeOf(oldest);
    }
  }

  /** The run of that record with its output; undefined where it is none, or too old. */
  get(id: EventId): HookRunDetails | undefined {
    const ended = this.#runs.get(id);
    return ended === undefined ? undefined : hookRunDetails(ended.run, id);
  }
}

const sizeOf = ({ run }: HookRunEnded): number => run.stdout.length + run.stderr.length + overhead;
