import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ifIndex, instant, tableId } from '../../core/model/ids.ts';
import type { RoutingNotice } from '../../core/routing/report/routing-notices.ts';
import { routeOf } from '../../testing/routing-text.ts';
import { noticeLine } from './routing-lines.ts';

const route = routeOf({ via: '10.0.0.9', dev: ifIndex(3), table: 203 });

describe('log lines about policy routing', () => {
  test.each<[string, RoutingNotice, 'info' | 'warn', string]>([
    [
      'a table that was moved',
      { key: '', kind: 'relocated', link: 'eth1', table: tableId(1_000_253) },
      'warn',
      'table 1000253',
    ],
    [
      'a table in use',
      {
        key: '',
        kind: 'conflict',
        link: 'eth1',
        conflict: { kind: 'tableInUse', table: tableId(203), route, owner: 'DHCP' },
      },
      'warn',
      "'default via 10.0.0.9 dev #3 proto boot'",
    ],
    [
      'something deleted once',
      { key: '', kind: 'deleted', link: 'eth1', persistent: false },
      'info',
      'restored',
    ],
    [
      'a refused request',
      {
        key: '',
        kind: 'refused',
        failure: {
          effect: { kind: 'addRoute', route },
          attempts: 4,
          retryAt: instant(0),
          code: 'EINVAL',
          text: 'Invalid scope',
          link: undefined,
        },
      },
      'warn',
      "'ip -4 route add default via 10.0.0.9 dev #3 table 203 protocol boot' (EINVAL: Invalid scope)",
    ],
  ])('%s', (_, notice, level, message) => {
    const line = noticeLine(notice);
    expect(line.level).toBe(level);
    expect(line.message).toContain(message);
  });

  test('the line about a contest contains the lines of the example file', () => {
    const line = noticeLine({ key: '', kind: 'deleted', link: 'eth1', persistent: true });
    expect(line.level).toBe('warn');
    const file = readFileSync(
      join(import.meta.dirname, '../../../examples/networkd.conf.d/50-netevd.conf'),
      'utf8',
    );
    const settings = file.split('\n').filter((text) => text !== '' && !text.startsWith('#'));
    expect(settings.length).toBeGreaterThan(1);
    for (const setting of settings) expect(line.message).toContain(setting);
  });
});
