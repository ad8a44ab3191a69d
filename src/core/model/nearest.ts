/** Suggestions for misspelled words. */

/**
 * Returns the candidate nearest to `word`, or undefined if none is near. In this order: equal except for case
 * and separators; the fewest edits (Damerau-Levenshtein), at most a third of the length of `word`; one
 * contains the other; a part of the candidate is one edit away.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = bare(word);
  if (plain === '') return undefined;
  return (
    candidates.find((candidate) => bare(candidate) === plain) ??
    closest(plain, candidates) ??
    candidates.find((candidate) => isPartOf(plain, bare(candidate))) ??
    candidates.find((candidate) => partsOf(candidate).some((part) => isTypo(plain, part)))
  );
}

const bare = (word: string): string =>
  word
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[-_. ]/g, '');

/** Ignores parts shorter than four letters. */
const isPartOf = (a: string, b: string): boolean =>
  Math.min(a.length, b.length) >= 4 && (a.includes(b) || b.includes(a));

const partsOf = (candidate: string): readonly string[] => candidate.toLowerCase().split(/[-_. ]/);

const isTypo = (plain: string, part: string): boolean => part.length >= 5 && editDistance(plain, part) <= 1;

function closest(plain: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = editDistance(plain, bare(candidate));
    if (edits < fewest) {
      fewest = edits;
      best = candidate;
    }
  }
  return best;
}

/** Counts insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min(cell(previous, j) + 1, cell(row, j - 1) + 1, cell(previous, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, cell(before, j - 2) + 1);
      }
      row.push(edits);
    }
    before = previous;
    previous = row;
  }
  return cell(previous, b.length);
}

const cell = (row: readonly number[], index: number): number => row[index] ?? 0;
