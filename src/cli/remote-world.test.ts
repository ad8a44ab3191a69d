import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { remoteWorld } from './remote-world.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netevd-world-'));
  file = join(folder, 'netevd.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const socketsFor = (text: string | undefined): unknown => {
  if (text !== undefined) writeFileSync(file, text);
  return remoteWorld(file, {}).sockets();
};
const defaults = { read: '/run/netevd/netevd.sock', control: '/run/netevd/control.sock' };

test('the sockets are where the configuration places them', () => {
  expect(socketsFor('system: { runtime_directory: /run/x }\n')).toEqual({
    read: '/run/x/netevd.sock',
    control: '/run/x/control.sock',
  });
  expect(socketsFor('api: { socket: /run/y.sock, control_socket: /run/z.sock }\n')).toEqual({
    read: '/run/y.sock',
    control: '/run/z.sock',
  });
});

test('without a socket for reading the other one serves, and without any the usual place is named', () => {
  expect(socketsFor('api: { socket: "", control_socket: "" }\n')).toEqual(defaults);
  expect(socketsFor('api: { socket: "" }\n')).toEqual({ read: defaults.control, control: defaults.control });
});

test('a configuration without the API says so', () => {
  expect(socketsFor('api: { enabled: false }\n')).toEqual({ ...defaults, areOff: true });
});

test('an error elsewhere in the file does not hide them', () => {
  expect(socketsFor('api: { socket: /run/y.sock }\nhooks: { timeout_sec: soon }\n')).toEqual({
    ...defaults,
    read: '/run/y.sock',
  });
});

test('without a usable file they are in their usual place', () => {
  expect(socketsFor(undefined)).toEqual(defaults);
  expect(socketsFor('a: [\n')).toEqual(defaults);
});
