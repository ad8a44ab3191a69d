import { expect, test } from 'bun:test';
import type { FileStat } from '../../ports/watched-files.ts';
import { refusal } from './lease-file-trust.ts';

const plain: FileStat = { isRegular: true, uid: 0, mode: 0o644, size: 100 };
const rows: [what: string, facts: Partial<FileStat>, reason: RegExp | undefined][] = [
  ["root's file", {}, undefined],
  ["the user's own file", { uid: 1000 }, undefined],
  ['a file that its group may write to', { mode: 0o664 }, undefined],
  ['an empty file', { size: 0 }, undefined],
  ["somebody else's file", { uid: 1001 }, /belongs to user 1001/],
  ['a file that everybody may write to', { mode: 0o666 }, /everybody may write/],
  ['a FIFO', { isRegular: false }, /no regular file/],
];
test.each(rows)('%s', (_what, facts, reason) => {
  const said = refusal({ ...plain, ...facts }, [0, 1000]);
  if (reason === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(reason);
});
