/** Compares the host's states with those that a real networkd reported: test/fixtures/operstate. */
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { LinkFlag } from '../src/core/model/kernel-objects.ts';
import { hostStatusOf, noLinks, recount } from '../src/core/reduce/host-status.ts';
import { sampleKernelLink, sampleLinkObject } from '../src/testing/sample-state.ts';
import type { HostRow, Row } from './lab/operstate-rows.ts';

const text = readFileSync(`${import.meta.dir}/fixtures/operstate/networkd-252.jsonl`, 'utf8');
const rows = text
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);
const hostRows = rows.filter((row): row is HostRow => row.row === 'host');

describe('the host, as systemd-networkd 252 sees it', () => {
  test('was recorded with ports, without carrier, and without addresses', () => {
    const carriers = new Set(hostRows.flatMap((row) => row.links.map((link) => link.networkd.carrier)));
    expect(carriers).toContain('enslaved');
    expect(new Set(hostRows.map((row) => row.networkd.carrier)).size).toBeGreaterThan(2);
    expect(new Set(hostRows.map((row) => row.networkd.address)).size).toBeGreaterThan(1);
  });

  for (const [i, row] of hostRows.entries()) {
    test(`has the same states in host row ${i + 1}`, () => {
      const { operational, carrierState, addressState } = hostOf(row);
      expect({ operational, carrierState, addressState }).toEqual({
        operational: row.networkd.operational,
        carrierState: row.networkd.carrier,
        addressState: row.networkd.address,
      });
    });
  }
});

function hostOf(row: HostRow): ReturnType<typeof hostStatusOf> {
  const tally = row.links.reduce((sum, { type, networkd }) => {
    const link = sampleKernelLink({
      object: sampleLinkObject({ flags: type === 'loopback' ? LinkFlag.loopback : 0 }),
      operational: networkd.operational,
      carrierState: networkd.carrier,
      addressState: networkd.address,
    });
    return recount(sum, undefined, link);
  }, noLinks);
  return hostStatusOf(tally);
}
