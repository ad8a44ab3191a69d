/**
 * Which hooks of which events the runner has accepted: each once per boot. Pure; the file is `accepted-runs-file.ts`. A lost
 * entry would let a hook run twice, so what is dropped for want of room leaves a floor below which nothing is accepted.
 */
import type { HookDirectory } from '../core/model/event-table.ts';

/** One hook of one event. */
export interface RunKey {
  /** `<epoch>/<seq>` */
  readonly eventId: string;
  readonly directory: HookDirectory;
  readonly name: string;
}

/** `new`: it is to run, and is noted. `known`: it was accepted before. `too-old`: that cannot be known any more. */
export type Admission = 'new' | 'known' | 'too-old';

/** Entries that are kept. */
export const maxEntries = 16_384;
/** Epochs that are known. A boot has one, and one more for each time that the daemon's state is removed. */
export const maxEpochs = 64;

interface EpochEntries {
  /** Numbers up to this one are not accepted. */
  floor: number;
  readonly seen: Set<string>;
}

export class AcceptedRuns {
  readonly #epochs = new Map<string, EpochEntries>();
  #size = 0;

  /** Reads what `lines` of an earlier runner returned. Lines that are not entries are passed over. */
  static parse(text: string): AcceptedRuns {
    const accepted = new AcceptedRuns();
    for (const line of text.split('\n')) accepted.#read(line);
    return accepted;
  }

  /** What `add` would find. */
  look(key: RunKey): Admission {
    const { epoch, seq } = splitId(key.eventId);
    const entries = this.#epochs.get(epoch);
    if (entries === undefined) return this.#epochs.size < maxEpochs ? 'new' : 'too-old';
    if (entries.seen.has(entryOf(seq, key))) return 'known';
    return seq <= entries.floor ? 'too-old' : 'new';
  }

  /** Notes one that `look` calls new. */
  add(key: RunKey): void {
    const { epoch, seq } = splitId(key.eventId);
    this.#add(this.#entriesOf(epoch), entryOf(seq, key));
  }

  /** The line that an admitted key adds to the file. */
  static lineOf(key: RunKey): string {
    const { epoch, seq } = splitId(key.eventId);
    return `${epoch} ${entryOf(seq, key)}\n`;
  }

  /** All of it, for the file. */
  text(): string {
    const lines: string[] = [];
    for (const [epoch, { floor, seen }] of this.#epochs) {
      if (floor > 0) lines.push(`${epoch} floor ${floor}`);
      for (const entry of seen) lines.push(`${epoch} ${entry}`);
    }
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  #read(line: string): void {
    const floor = /^([0-9a-f-]{36}) floor (\d{1,16})$/.exec(line);
    if (floor !== null) {
      this.#entriesOf(floor[1] ?? '').floor = Number(floor[2]);
      return;
    }
    const entry = /^([0-9a-f-]{36}) (\d{1,16} [a-z-]+ \S+)$/.exec(line);
    if (entry !== null) this.#add(this.#entriesOf(entry[1] ?? ''), entry[2] ?? '');
  }

  #entriesOf(epoch: string): EpochEntries {
    const known = this.#epochs.get(epoch);
    if (known !== undefined) return known;
    const fresh = { floor: 0, seen: new Set<string>() };
    this.#epochs.set(epoch, fresh);
    return fresh;
  }

  #add(entries: EpochEntries, entry: string): void {
    entries.seen.add(entry);
    this.#size += 1;
    if (this.#size > maxEntries) this.#drop();
  }

  /** Drops the older half of the largest epoch, and with it the chance to be asked for it again. */
  #drop(): void {
    const largest = [...this.#epochs.values()].sort((a, b) => b.seen.size - a.seen.size)[0];
    if (largest === undefined) return;
    const ordered = [...largest.seen].sort((a, b) => seqOf(a) - seqOf(b));
    const dropped = ordered.slice(0, Math.ceil(ordered.length / 2));
    for (const entry of dropped) largest.seen.delete(entry);
    largest.floor = Math.max(largest.floor, ...dropped.slice(-1).map(seqOf));
    this.#size -= dropped.length;
  }
}

const entryOf = (seq: number, { directory, name }: RunKey): string => `${seq} ${directory} ${name}`;
const seqOf = (entry: string): number => Number(entry.slice(0, entry.indexOf(' ')));

function splitId(eventId: string): { readonly epoch: string; readonly seq: number } {
  const [epoch = '', seq = '0'] = eventId.split('/');
  return { epoch, seq: Number(seq) };
}
