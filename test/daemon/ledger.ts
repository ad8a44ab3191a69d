/** The hooks' own account of what ran: two lines a run in one file, which outlives every daemon. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Site } from './daemon-under-test.ts';

/** One line: `begin` when a script starts, `end` when it is through. */
export interface LedgerLine {
  readonly what: 'begin' | 'end';
  readonly id: string;
  readonly seq: number;
  readonly script: string;
  readonly directory: string;
  readonly index: string;
  readonly state: string;
  readonly previous: string;
  readonly retry: boolean;
  readonly initial: boolean;
  readonly addresses: readonly string[];
}

export const scripts: readonly string[] = ['10-first', '20-second'];

export class Ledger {
  readonly #path: string;

  /** Hooks in these directories keep it; `pause` is put between their two lines, as shell. */
  constructor(site: Site, directories: readonly string[], pause: string = ':') {
    this.#path = join(site.root, 'ledger');
    writeFileSync(this.#path, '');
    for (const directory of directories) {
      for (const script of scripts) {
        const text = [
          '#!/bin/sh',
          `line="$NETEVD_EVENT_ID $NETEVD_SEQ ${script} ${directory} \${LINKINDEX:--} $STATE \${PREVIOUS_STATE:--}"`,
          `line="$line \${NETEVD_RETRY:-0} \${NETEVD_INITIAL:-0} $CHANGED_ADDRESSES"`,
          // One write(2) to a file that is appended to: no line is torn by other writers.
          `echo "begin $line" >>${this.#path}`,
          pause,
          `echo "end $line" >>${this.#path}`,
        ];
        site.hook(directory, script, `${text.join('\n')}\n`);
      }
    }
  }

  lines(): LedgerLine[] {
    return readFileSync(this.#path, 'utf8').split('\n').filter(Boolean).map(parse);
  }

  /** Bytes; a line has some eighty. */
  get size(): number {
    return statSync(this.#path).size;
  }
}

function parse(text: string): LedgerLine {
  const [
    what,
    id = '',
    seq,
    script = '',
    directory = '',
    index = '',
    state = '',
    previous = '',
    retry,
    initial,
    ...addresses
  ] = text.split(' ');
  if (what !== 'begin' && what !== 'end') throw new Error(`a line that no hook wrote: ${text}`);
  const marks = { retry: retry === '1', initial: initial === '1' };
  return {
    what,
    id,
    seq: Number(seq),
    script,
    directory,
    index,
    state,
    previous,
    ...marks,
    addresses: addresses.filter(Boolean),
  };
}
