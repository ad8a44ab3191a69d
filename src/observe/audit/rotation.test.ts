import { describe, expect, test } from 'bun:test';
import { dayOf, expiredNames, rotatedName } from './rotation.ts';

describe('rotation of the audit log', () => {
  test('a rotated log is named after the day of its lines, in UTC', () => {
    expect(dayOf(Date.UTC(2026, 1, 3, 23, 59, 59, 999))).toBe('2026-02-03');
    expect(rotatedName('audit.log', '2026-02-03', ['audit.log'])).toBe('audit.log.2026-02-03');
  });

  test('a rotated log gets an unused name', () => {
    const taken = ['audit.log.2026-02-03', 'audit.log.2026-02-03.1'];
    expect(rotatedName('audit.log', '2026-02-03', taken)).toBe('audit.log.2026-02-03.2');
  });

  test('a rotated log expires after the retention, and no other file does', () => {
    const names = [
      'audit.log',
      'audit.log.2026-08-29',
      'audit.log.2026-08-30',
      'audit.log.2026-08-30.1',
      'audit.log.2026-08-31',
      'audit.log.2026-01-01.gz',
      'audit.log.2026-01-01.1.1',
      'audit.log.2026-1-1',
      'audit_log.2026-01-01',
      'other.log.2026-01-01',
      'audit.log.',
      '../audit.log.2026-01-01',
    ];
    expect(expiredNames('audit.log', names, '2026-11-28', 90)).toEqual(['audit.log.2026-08-29']);
    expect(expiredNames('audit.log', names, '2026-11-29', 90)).toEqual([
      'audit.log.2026-08-29',
      'audit.log.2026-08-30',
      'audit.log.2026-08-30.1',
    ]);
  });
});
