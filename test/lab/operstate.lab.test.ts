/**
 * The states that netevd derives from the kernel, compared with what the real systemd-networkd says, link by link,
 * after each of a few hundred random changes. `NETEVD_SEED` and `NETEVD_CHANGES` choose others.
 */
import { expect, test } from 'bun:test';
import { hostStatusOf } from '../../src/core/reduce/host-status.ts';
import { afterMessages, afterReading, comparable, nothingKnown, wordsOfLink } from './kernel-words.ts';
import { Lab } from './lab.ts';
import { describeLab } from './lab-available.ts';
import { NetworkdOracle, type Verdict } from './networkd-oracle.ts';
import { NETWORKD_FILES, randomChanges } from './random-changes.ts';

const SEED = Number(process.env['NETEVD_SEED'] ?? 20_252);
const CHANGES = Number(process.env['NETEVD_CHANGES'] ?? 300);
/** Much more than it takes (a quarter of a second per change, also on a busy machine). */
const DEADLINE_MS = 60_000 + CHANGES * 2_000;

describeLab('operational states, beside the real systemd-networkd', () => {
  test(
    `are the same after each of ${CHANGES} random changes (seed ${SEED})`,
    async () => {
      await using lab = await Lab.boot({ name: 'operstate' });
      for (const [path, text] of Object.entries(NETWORKD_FILES)) await lab.write(path, text);
      await lab.ok(['networkctl', 'reload']);
      await using shell = await lab.shell();
      const oracle = new NetworkdOracle(shell);
      let read = nothingKnown;
      let told = nothingKnown;
      let before: Verdict['kernel'] = new Map();
      const history: string[] = [];
      for (const change of randomChanges(SEED, CHANGES)) {
        await shell.run(change.script);
        history.push(change.what);
        const verdict = await oracle.ask();
        read = afterReading(read, verdict.kernel);
        told = afterMessages(told, before, verdict.kernel);
        before = verdict.kernel;
        const context = `change ${history.length}: ${history.slice(-5).join('; ')}`;
        expect({ context, links: wordsFrom(verdict, read) }).toEqual({ context, links: saidBy(verdict) });
        expect({ context, links: wordsFrom(verdict, told) }).toEqual({ context, links: saidBy(verdict) });
        if (verdict.blind.size > 0) continue;
        const { operational, carrierState, addressState } = hostStatusOf(read.hostTally);
        const { operational: o, carrier, address } = verdict.host;
        expect({ context, host: { operational, carrierState, addressState } }).toEqual({
          context,
          host: { operational: o, carrierState: carrier, addressState: address },
        });
      }
      expect(history.length).toBeGreaterThan(CHANGES);
    },
    DEADLINE_MS,
  );
});

/** Each link that networkd sees as it is, with our words for it. */
function wordsFrom(verdict: Verdict, state: Parameters<typeof wordsOfLink>[0]): unknown {
  return seen(verdict).map(([index, link]) => ({ link, words: wordsOfLink(state, index) }));
}

/** The same, with networkd's words. */
function saidBy(verdict: Verdict): unknown {
  return seen(verdict).map(([index, link]) => {
    const words = verdict.networkd.get(index);
    return { link, words: words === undefined ? undefined : comparable(words) };
  });
}

const seen = (verdict: Verdict): [number, unknown][] =>
  [...verdict.kernel].filter(([index]) => !verdict.blind.has(index));
