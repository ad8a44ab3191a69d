/**
 * CPU time of the netlink codec, per message and kind, over messages captured from the kernel.
 *
 *   bun test/bench/netlink-decode.ts [--json]
 *
 * Each round decodes every message of a kind many times; the figure is the median round. "walk" is parseMessages alone,
 * so the other figures do not contain it.
 */
import { type CapturedMessage, capturedMessages, scenarios } from '../../src/testing/netlink-fixtures.ts';
import { parseAddress } from '../../src/wire/netlink/address.ts';
import { MessageType } from '../../src/wire/netlink/constants.ts';
import { parseLink } from '../../src/wire/netlink/link.ts';
import { parseMessages } from '../../src/wire/netlink/message.ts';
import { parseRoute } from '../../src/wire/netlink/route.ts';
import { parseRule } from '../../src/wire/netlink/rule.ts';

type Parse = (bytes: Uint8Array, offset: number, length: number) => { readonly ok: boolean };

const rounds = 15;
const messagesPerRound = 100_000;

const all: readonly CapturedMessage[] = scenarios.flatMap((scenario) => {
  const files =
    scenario === 'errors'
      ? ['exchange.hex']
      : ['events.hex', 'links.hex', 'addresses.hex', 'routes.hex', 'rules.hex'];
  return files.flatMap((file) => capturedMessages(scenario, file));
});

/** The messages of these types whose first payload byte, the family, is this one. */
const ofKind = (types: readonly number[], family: number): CapturedMessage[] =>
  all.filter(({ header, datagram }) => types.includes(header.type) && datagram[header.offset] === family);

const { newLink, delLink, newAddress, delAddress, newRoute, delRoute, newRule, delRule } = MessageType;
const kinds: readonly (readonly [string, CapturedMessage[], Parse])[] = [
  ['link', ofKind([newLink, delLink], 0), parseLink],
  ['link of a bridge (ignored)', ofKind([newLink, delLink], 7), parseLink],
  ['address, IPv4', ofKind([newAddress, delAddress], 2), parseAddress],
  ['address, IPv6', ofKind([newAddress, delAddress], 10), parseAddress],
  ['route, IPv4', ofKind([newRoute, delRoute], 2), parseRoute],
  ['route, IPv6', ofKind([newRoute, delRoute], 10), parseRoute],
  ['rule, IPv4', ofKind([newRule, delRule], 2), parseRule],
  ['rule, IPv6', ofKind([newRule, delRule], 10), parseRule],
];

/** Median nanoseconds of CPU, of all threads, of one `work()`, which does `count` things, per thing. */
function medianNanoseconds(count: number, work: () => void): number {
  const figures: number[] = [];
  for (let round = 0; round < rounds + 3; round++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    if (round >= 3) figures.push((1000 * (user + system)) / count);
  }
  figures.sort((one, other) => one - other);
  return figures[Math.floor(figures.length / 2)] ?? Number.NaN;
}

function decodeRound(messages: readonly CapturedMessage[], parse: Parse): number {
  let decoded = 0;
  const repeats = Math.ceil(messagesPerRound / messages.length);
  for (let i = 0; i < repeats; i++) {
    for (const { datagram, header } of messages) {
      if (parse(datagram, header.offset, header.length).ok) decoded++;
    }
  }
  return decoded;
}

interface Figure {
  readonly kind: string;
  readonly nanoseconds: number;
  readonly samples: number;
  readonly bytes: number;
}

function measure(): Figure[] {
  const figures = kinds.map(([kind, messages, parse]): Figure => {
    const count = Math.ceil(messagesPerRound / messages.length) * messages.length;
    const bytes = messages.reduce((sum, { header }) => sum + header.length, 0) / messages.length;
    const nanoseconds = medianNanoseconds(count, () => decodeRound(messages, parse));
    return { kind, nanoseconds, samples: messages.length, bytes };
  });
  const datagrams = [...new Set(all.map(({ datagram }) => datagram))];
  let seen = 0;
  const walk = (): void => {
    for (let i = 0; i < 100; i++) {
      for (const datagram of datagrams) parseMessages(datagram, 0, datagram.length, () => seen++);
    }
  };
  const nanoseconds = medianNanoseconds(100 * all.length, walk);
  if (seen === 0) throw new Error('the benchmark has measured nothing');
  return [{ kind: 'walk', nanoseconds, samples: all.length, bytes: 16 }, ...figures];
}

const figures = measure();
if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} else {
  for (const { kind, nanoseconds, samples, bytes } of figures) {
    const row = [
      kind.padEnd(28),
      nanoseconds.toFixed(0).padStart(6),
      'ns/message,',
      String(samples).padStart(4),
    ];
    process.stdout.write(`${row.join(' ')} messages of ${bytes.toFixed(0)} bytes\n`);
  }
}
