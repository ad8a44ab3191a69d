/** Writes records in the requested format, each as soon as it is there. */

import { stringify } from 'yaml';
import type { Gap, NetevdRecord, StreamSnapshot } from '../../client/types.ts';
import { EventLines, eventColumns, originOf } from '../render/event-line.ts';
import { screenOf } from '../render/output.ts';
import type { Screen } from '../render/screen.ts';
import { pickFields, renderTable } from '../render/table.ts';
import { withoutControls } from '../render/without-controls.ts';
import type { Session } from './session.ts';

/**
 * JSON is one line for each record, and so is a gap (`kind` is `gap`); YAML is one document for each. Remarks about the
 * connection go to stderr, and only in text.
 */
export class EventPrinter {
  readonly #session: Session;
  readonly #screen: Screen;
  readonly #lines: EventLines;
  /** Records that wait for the table, whose columns need all of them. */
  #rows: NetevdRecord[] = [];
  #isFollowing = false;

  constructor(session: Session) {
    this.#session = session;
    this.#screen = screenOf(session.io);
    this.#lines = new EventLines(this.#screen, () => session.world.wall());
  }

  record(record: NetevdRecord): void {
    const { format, fields } = this.#session.options;
    if (format === 'json' || format === 'yaml') {
      this.#value(
        pickFields(fields === undefined ? record : { ...record, origin: originOf(record) }, fields),
      );
    } else if (format === 'text' && fields === undefined) {
      this.#write(this.#lines.record(withoutControls(record)));
    } else {
      this.#rows.push(withoutControls(record));
      if (this.#isFollowing) this.end();
    }
  }

  gap(gap: Gap): void {
    const { format, fields } = this.#session.options;
    if (format === 'json' || format === 'yaml') this.#value({ kind: 'gap', ...gap });
    else if (fields === undefined) this.#write(this.#lines.gap(gap));
    else this.remark(this.#lines.gap(gap).join('\n'));
  }

  /** The state after a gap. JSON and YAML leave it out: it is no record. */
  snapshot(snapshot: StreamSnapshot): void {
    const { format, fields } = this.#session.options;
    if (format === 'text' && fields === undefined)
      this.#write(this.#lines.snapshot(withoutControls(snapshot)));
  }

  /** Records before the oldest are not available. */
  truncated(oldest: number | null): void {
    this.gap({ cause: 'expired', from: null, to: null, oldest, lost: null });
  }

  /** A remark about the connection, for people. */
  remark(text: string): void {
    const { format } = this.#session.options;
    if (format === 'text' || format === 'table') this.#session.io.stderr.write(`${text}\n`);
  }

  /** From now on each record is written at once. */
  follow(): void {
    this.end();
    this.#isFollowing = true;
  }

  /** Writes what waits for the end. */
  end(): void {
    const { fields, header } = this.#session.options;
    if (this.#rows.length === 0) return;
    const options = { fields, header: header && !this.#isFollowing };
    this.#write([renderTable(eventColumns, this.#rows, options, this.#screen).text]);
    this.#rows = [];
  }

  #value(value: object): void {
    const { format } = this.#session.options;
    this.#write([format === 'json' ? JSON.stringify(value) : `---\n${stringify(value).trimEnd()}`]);
  }

  #write(lines: readonly string[]): void {
    if (lines.length > 0) this.#session.io.stdout.write(`${lines.join('\n')}\n`);
  }
}
