/** Reads the journals of killed daemons. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEntry } from '../../src/core/journal/entries.ts';
import type { NetworkEvent } from '../../src/core/model/event.ts';
import type { EventId } from '../../src/core/model/ids.ts';

/** The transitions that any of the daemons had noted, and which stands for which. */
export class Noted {
  readonly events: Map<EventId, NetworkEvent> = new Map();
  readonly standsFor: Map<EventId, EventId> = new Map();
  readonly superseded: Set<EventId> = new Set();
  /** Length in bytes of each incomplete last line of a journal. */
  tornLines = 0;

  /** To be called when a daemon has ended, before the next one is started. */
  read(runtimeDirectory: string): void {
    let text: string;
    try {
      text = readFileSync(join(runtimeDirectory, 'journal'), 'utf8');
    } catch {
      return; // It was killed before it had begun one.
    }
    if (!text.endsWith('\n')) this.tornLines++;
    for (const line of text.split('\n').slice(0, -1)) this.#add(JSON.parse(line.slice(9)) as JournalEntry);
  }

  #add(entry: JournalEntry): void {
    if (entry.kind === 'found') {
      for (const event of entry.events) this.events.set(event.id, event);
      for (const id of entry.superseded) this.superseded.add(id);
    }
    if (entry.kind === 'taken') {
      for (const id of entry.covers) if (id !== entry.id) this.standsFor.set(id, entry.id);
    }
  }
}
