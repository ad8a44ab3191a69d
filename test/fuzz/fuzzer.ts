/** The common parts of the fuzzers: repeatable random numbers, a clock, and findings with all that repeats them. */

/** A whole number in [0, below). */
export type Random = (below: number) => number;

/** Texts and files that are cut and combined again. */
export interface Material {
  /** Files as they occur; never empty. */
  readonly corpus: readonly string[];
  /** What the parser has a meaning for, and what it must not be taken in by. */
  readonly dictionary: readonly string[];
}

export interface Fuzzer<Input> {
  readonly name: string;
  make(random: Random): Input;
  /** Throws where the input breaks something. */
  tryOne(input: Input): void;
  /** One line from which the input can be made again. */
  show(input: Input): string;
  /** The last line of a run. Throws if the run has tested nothing. */
  sums?(): string;
}

/** xorshift32: the same seed gives the same run. */
export function randomFrom(seed: number): Random {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** One of the files with up to eight changes, and no longer than 16 KiB. */
export function mutatedText({ corpus, dictionary }: Material, random: Random): string {
  let text = corpus[random(corpus.length)] ?? '';
  for (let i = random(8); i >= 0; i--) {
    const from = random(text.length + 1);
    const to = Math.min(text.length, from + random(40));
    const word = dictionary[random(dictionary.length)] ?? '';
    const donor = corpus[random(corpus.length)] ?? '';
    const start = random(donor.length + 1);
    const choices = [
      text.slice(0, from) + text.slice(to),
      text.slice(0, from) + word + text.slice(from),
      text.slice(0, from) + String.fromCharCode(random(256)) + text.slice(from + 1),
      text.slice(0, from) + donor.slice(start, start + random(200)) + text.slice(from),
      text.slice(0, from),
      `${text}\n${donor}`,
      text.slice(0, to) + text.slice(from, to).repeat(random(20)) + text.slice(to),
    ];
    text = choices[random(choices.length)] ?? '';
  }
  return text.slice(0, 16_384);
}

/**
 * Tries inputs for as many seconds as the first argument of the command line says (10 without one), from the seed that
 * the second one is (by the clock without one). A finding ends the run with exit code 1.
 */
export function fuzz<Input>(fuzzer: Fuzzer<Input>): void {
  const { name } = fuzzer;
  const seconds = Number(process.argv[2] ?? 10);
  const seed = Number(process.argv[3] ?? Date.now() % 0x7fffffff);
  const random = randomFrom(seed);
  const end = performance.now() + seconds * 1000;
  let inputs = 0;
  for (; performance.now() < end; inputs++) {
    const input = fuzzer.make(random);
    try {
      fuzzer.tryOne(input);
    } catch (error) {
      const reason = error instanceof Error ? error.stack : String(error);
      process.stderr.write(`${name}: seed ${seed}, input ${inputs}: ${reason}\n${fuzzer.show(input)}\n`);
      process.exitCode = 1;
      return;
    }
  }
  const sums = fuzzer.sums?.();
  process.stdout.write(
    `${name}: ${inputs} inputs in ${seconds} s, seed ${seed}${sums === undefined ? '' : `, ${sums}`}\n`,
  );
}
