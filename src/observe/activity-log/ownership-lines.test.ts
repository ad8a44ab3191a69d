import { expect, test } from 'bun:test';
import { ifIndex } from '../../core/model/ids.ts';
import { ownershipLine } from './ownership-lines.ts';

test('the line about a link that two managers claim contains both fixes', () => {
  const { message, fields } = ownershipLine({ kind: 'claimedByTwo', index: ifIndex(2), link: 'eth0' });
  expect(fields.interface).toBe('eth0');
  for (const word of ['systemd-networkd', 'NetworkManager', 'Unmanaged=yes', 'unmanaged-devices']) {
    expect(message).toContain(word);
  }
});

test('the line about an absent manager names the manager that runs instead', () => {
  const missing = { kind: 'managerMissing', manager: 'NetworkManager' } as const;
  const { message } = ownershipLine({
    ...missing,
    isConfigured: true,
    running: ['systemd-networkd', 'dhclient'],
  });
  expect(message).toContain('(running: systemd-networkd, dhclient)');
  expect(message).toContain('systemctl start NetworkManager.service');
  expect(ownershipLine({ ...missing, isConfigured: true, running: [] }).message).toContain('no manager');
  expect(ownershipLine({ ...missing, isConfigured: false, running: [] }).message).toContain(
    'systemctl restart NetworkManager.service',
  );
});
