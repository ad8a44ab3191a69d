/** Lines of `netevd events`. Pure. */
import type { Gap, NetevdRecord, StreamSnapshot } from '../../client/types.ts';
import type { Paint } from './paint.ts';
import { padTo, type Screen, textWidth, widthOf, wrapWords } from './screen.ts';
import type { Column } from './table.ts';
import { counted, dayText, preciseClockText } from './time-text.ts';

/** Who reported or did it. */
export function originOf(record: NetevdRecord): string {
  switch (record.kind) {
    case 'event':
      return record.backend;
    case 'hook_run':
      return 'hook';
    case 'repair':
      return ['dns', 'domains', 'hostname'].includes(record.object) ? 'resolver' : 'routing';
    case 'source':
      return record.source;
    default:
      return 'netevd';
  }
}

function sentence(record: NetevdRecord): string {
  const run = record.kind === 'hook_run' ? ` (run ${record.seq})` : '';
  return `${record.severity === 'error' ? '✗ ' : ''}${record.message}${run}`;
}

function painted(record: NetevdRecord, text: string, paint: Paint): string {
  if (record.severity === 'error') return paint.bad(text);
  return record.severity === 'warning' ? paint.warn(text) : text;
}

/** Most names of links fit. */
const minLinkWidth = 5;

/** Columns for `--fields` and `-o table`. */
export const eventColumns: readonly Column<NetevdRecord>[] = [
  { key: 'ts', title: 'TIME', cell: ({ ts }) => preciseClockText(ts) },
  { key: 'link', title: 'LINK', cell: ({ link }) => padTo(link ?? '-', minLinkWidth) },
  { key: 'event', title: 'EVENT', cell: ({ event }) => event },
  { key: 'severity', title: 'SEVERITY', cell: ({ severity }) => severity, dropOrder: 2 },
  { key: 'origin', title: 'FROM', cell: originOf, dropOrder: 1 },
  { key: 'seq', title: 'NUMBER', cell: ({ seq }) => String(seq), align: 'right' },
  { key: 'message', title: 'MESSAGE', cell: ({ message }) => message, canCut: true },
  { key: 'kind', title: 'KIND', cell: ({ kind }) => kind, onRequest: true },
  { key: 'id', title: 'ID', cell: ({ id }) => id, onRequest: true },
  { key: 'caused_by', title: 'CAUSED BY', cell: (record) => record.caused_by ?? '-', onRequest: true },
  { key: 'index', title: 'IDX', cell: ({ index }) => String(index ?? '-'), align: 'right', onRequest: true },
];

const timeWidth = 12;
/** Widest names of sources: systemd-networkd. */
const originWidth = 16;
/** Narrower screens have no place for the origin. */
const originFrom = 100;

/** Draws records one after the other: a line for each day, aligned names, numbers at the right. */
export class EventLines {
  readonly #screen: Screen;
  readonly #now: () => number;
  #day: string | undefined;
  #linkWidth = minLinkWidth;

  /** `now`: milliseconds since 1970, to leave out this year's number. */
  constructor(screen: Screen, now: () => number) {
    this.#screen = screen;
    this.#now = now;
  }

  /** The lines of one record. */
  record(record: NetevdRecord): readonly string[] {
    return [...this.#dayLine(record), ...this.#recordLines(record)];
  }

  #dayLine({ ts }: NetevdRecord): readonly string[] {
    const day = dayText(ts, this.#now());
    if (day === this.#day) return [];
    this.#day = day;
    return [this.#screen.paint.bold(day)];
  }

  #recordLines(record: NetevdRecord): readonly string[] {
    const { paint } = this.#screen;
    const link = record.link ?? '-';
    this.#linkWidth = Math.max(this.#linkWidth, widthOf(link));
    const head = `${paint.dim(preciseClockText(record.ts))}  ${padTo(link, this.#linkWidth)}  `;
    const isPiped = this.#screen.width === Infinity;
    const whole = textWidth(this.#screen);
    const origin = whole >= originFrom ? `  ${originOf(record).padEnd(originWidth)}` : '';
    const number = `#${record.seq}`;
    const room = whole - timeWidth - 4 - this.#linkWidth - widthOf(origin) - 2 - Math.max(7, number.length);
    const [first = '', ...rest] = isPiped
      ? [sentence(record)]
      : wrapWords(sentence(record), Math.max(20, room));
    const start = padTo(painted(record, first, paint), room);
    const indent = ' '.repeat(timeWidth + 4 + this.#linkWidth);
    return [
      `${head}${start}${paint.dim(`${origin}  ${number}`)}`,
      ...rest.map((line) => indent + painted(record, line, paint)),
    ];
  }

  /** What cannot be shown any more. */
  gap(gap: Gap): readonly string[] {
    const lost = gap.lost === null ? 'some records' : counted(gap.lost, 'record');
    const range =
      gap.from === null || gap.to === null ? '' : ` (#${numberOf(gap.from)} to #${numberOf(gap.to)})`;
    return [
      this.#screen.paint.warn(`── gap: ${lost}${range} ${gapReason(gap)}; what follows is the state now ──`),
    ];
  }

  /** The state after a gap: a line for each watched link. */
  snapshot({ interfaces }: StreamSnapshot): readonly string[] {
    const watched = interfaces.filter((link) => link.watched);
    for (const { name } of watched) this.#linkWidth = Math.max(this.#linkWidth, widthOf(name));
    return watched.map((link) => {
      const addresses = link.addresses.map(({ ip, prefix }) => `${ip}/${prefix}`);
      const text = [`is ${link.state}`, ...addresses].join(', ');
      return `${' '.repeat(timeWidth + 2)}${padTo(link.name, this.#linkWidth)}  ${text}`;
    });
  }
}

const numberOf = (cursor: string): string => cursor.slice(cursor.lastIndexOf('.') + 1);

function gapReason({ cause }: Gap): string {
  switch (cause) {
    case 'expired':
      return 'are no longer kept';
    case 'slow-reader':
      return 'were dropped, because this program read too slowly';
    case 'other-epoch':
      return 'are from an epoch that is no longer kept';
    default:
      return 'cannot be read from the history';
  }
}
