/**
 * Changes captured datagrams at random and puts them through the netlink codec for as many seconds as the first argument says
 * (10 without one). `bun test/fuzz/netlink.fuzz.ts 60 [SEED]`
 *
 * Ends with 0 and a line of figures, or with 1 and the datagram that broke something. The same seed makes the same datagrams.
 */
import { exerciseDatagram, type Tally } from '../../src/testing/netlink-exercise.ts';
import { allDatagrams } from '../../src/testing/netlink-fixtures.ts';
import { readU32, writeU16, writeU32 } from '../../src/wire/netlink/bytes.ts';
import { fuzz, type Random } from './fuzzer.ts';

const interestingLengths: readonly number[] = [0, 1, 3, 4, 5, 7, 8, 12, 16, 20, 0x7fff, 0x8000, 0xffff];

type Mutation = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

const mutations: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const at = random(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random(8));
    return bytes;
  },
  function setByte(bytes, random) {
    bytes[random(bytes.length)] = random(256);
    return bytes;
  },
  function setLength(bytes, random) {
    const at = random(Math.max(1, (bytes.length - 2) >> 2)) * 4;
    if (at + 2 <= bytes.length)
      writeU16(bytes, at, interestingLengths[random(interestingLengths.length)] ?? 0);
    return bytes;
  },
  function cut(bytes, random) {
    return bytes.slice(0, 1 + random(bytes.length));
  },
  function removeWords(bytes, random) {
    const from = random(bytes.length) & ~3;
    const to = Math.min(bytes.length, from + 4 * (1 + random(4)));
    return mended(joined(bytes.subarray(0, from), bytes.subarray(to)));
  },
  function repeatWords(bytes, random) {
    const from = random(bytes.length) & ~3;
    const to = Math.min(bytes.length, from + 4 * (1 + random(8)));
    return mended(joined(bytes.subarray(0, to), bytes.subarray(from)));
  },
  function splice(bytes, random, others) {
    const other = others[random(others.length)] ?? bytes;
    return mended(
      joined(bytes.subarray(0, random(bytes.length) & ~3), other.subarray(random(other.length) & ~3)),
    );
  },
];

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.max(1, one.length + other.length));
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}

/** With the length of the first message corrected, where it was the only one: else the walk would end at once. */
function mended(bytes: Uint8Array): Uint8Array {
  if (bytes.length >= 16 && bytes.length < 4096 && readU32(bytes, 0) !== bytes.length) {
    writeU32(bytes, 0, bytes.length);
  }
  return bytes;
}

function mutated(original: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = original.slice();
  for (let left = 1 + random(6); left > 0; left--) {
    const mutation = mutations[random(mutations.length)];
    if (mutation !== undefined) bytes = mutation(bytes, random, others);
  }
  return bytes;
}

const datagrams = allDatagrams();
const tally: Tally = { decoded: 0, ignored: 0, malformed: 0 };

fuzz({
  name: 'netlink',
  make: (random) => mutated(datagrams[random(datagrams.length)] ?? new Uint8Array(1), random, datagrams),
  tryOne: (bytes) => exerciseDatagram(bytes, tally),
  show: (bytes) => bytes.toHex(),
  sums() {
    if (tally.decoded === 0 || tally.malformed === 0) throw new Error('all datagrams met the same fate');
    return JSON.stringify(tally);
  },
});
