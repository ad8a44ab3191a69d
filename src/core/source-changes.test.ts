import { expect, test } from 'bun:test';
import { sampleState } from '../testing/sample-state.ts';
import type { Fact } from './model/fact.ts';
import type { State } from './model/state.ts';
import { SourceChanges } from './source-changes.ts';

const withNetworkd = (freshness: State['networkd']['freshness']): State => {
  const state = sampleState();
  return { ...state, networkd: { ...state.networkd, freshness } };
};
const lost: Fact = { kind: 'sourceLostSync', source: 'systemd-networkd', cause: 'disconnected' };
const read: Fact = { kind: 'networkdRead', host: {}, links: new Map() };

const rows: [what: string, from: State, to: State, fact: Fact, recorded: string[]][] = [
  ['a bus that was never there', withNetworkd('absent'), withNetworkd('absent'), lost, []],
  ['a bus that ended', withNetworkd('current'), withNetworkd('stale'), lost, ['current stale disconnected']],
  [
    'a second loss before it is back',
    withNetworkd('stale'),
    withNetworkd('stale'),
    lost,
    ['stale stale disconnected'],
  ],
  ['a manager that appears', withNetworkd('absent'), withNetworkd('current'), read, ['absent current']],
  ['a first read in progress', withNetworkd('absent'), withNetworkd('reading'), read, []],
];

for (const [what, from, to, fact, recorded] of rows) {
  test(`what is recorded of ${what}`, () => {
    const changes = new SourceChanges();
    changes.begin(from);
    const drafts = changes.follow(from, to, fact);
    expect(drafts.map((draft) => [draft.from, draft.to, draft.cause].filter(Boolean).join(' '))).toEqual(
      recorded,
    );
  });
}
