import { expect, test } from 'bun:test';
import { CallCounts, serviceOf } from './call-counts.ts';

test.each([
  ['org.freedesktop.network1.Manager', '/org/freedesktop/network1', 'org.freedesktop.network1'],
  ['org.freedesktop.network1.Link', '/org/freedesktop/network1/link/_33', 'org.freedesktop.network1'],
  [
    'org.freedesktop.DBus.Properties',
    '/org/freedesktop/NetworkManager/Devices/2',
    'org.freedesktop.NetworkManager',
  ],
  ['org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus'],
])('a call of %s at %s is one of %s', (name, path, service) => {
  expect(serviceOf({ interface: name, path })).toBe(service);
});

test('calls are counted by method, and those that fail', () => {
  const counts = new CallCounts();
  const call = {
    destination: ':1.7',
    path: '/org/freedesktop/network1',
    interface: 'org.freedesktop.network1.Manager',
    member: 'Describe',
  };
  const results: boolean[] = [];
  counts.called(call, ({ ok }) => results.push(ok))({ ok: true, values: [] });
  counts.called(call, ({ ok }) => results.push(ok))({ ok: false, name: 'x', message: '' });
  expect([...counts.methods]).toEqual([
    { service: 'org.freedesktop.network1', method: 'Describe', count: 2 },
  ]);
  expect([counts.errors, results]).toEqual([1, [true, false]]);
});
