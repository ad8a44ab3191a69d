import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isProcessRunning, readNetworkdConfig } from './networkd-config.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'netevd-networkd-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const rules = (value: string): string => `[Network]\nManageForeignRoutingPolicyRules=${value}\n`;

describe('readNetworkdConfig', () => {
  test('returns that networkd deletes everything by default', () => {
    expect(readNetworkdConfig(root)).toEqual({
      rules: true,
      routes: true,
      nextHops: true,
      files: [],
      unreadable: [],
    });
  });

  test('prefers the main file of /etc to that of /usr', () => {
    put('usr/lib/systemd/networkd.conf', rules('no'));
    expect(readNetworkdConfig(root).rules).toBe(false);
    put('etc/systemd/networkd.conf', '[Network]\n');
    expect(readNetworkdConfig(root).rules).toBe(true);
  });

  test('applies drop-ins after the main file, in the order of their names', () => {
    put('etc/systemd/networkd.conf', rules('yes'));
    put('usr/lib/systemd/networkd.conf.d/50-netevd.conf', rules('no'));
    expect(readNetworkdConfig(root).rules).toBe(false);
    put('run/systemd/networkd.conf.d/60-other.conf', rules('yes'));
    expect(readNetworkdConfig(root).rules).toBe(true);
  });

  test('prefers a drop-in of /etc to one of the same name elsewhere, also if it is a link to /dev/null', () => {
    put('usr/lib/systemd/networkd.conf.d/50-a.conf', rules('no'));
    mkdirSync(join(root, 'etc/systemd/networkd.conf.d'), { recursive: true });
    symlinkSync('/dev/null', join(root, 'etc/systemd/networkd.conf.d/50-a.conf'));
    expect(readNetworkdConfig(root).rules).toBe(true);
  });

  test('ignores other files and lists unreadable ones', () => {
    put('etc/systemd/networkd.conf.d/50-a.conf.dpkg-old', rules('no'));
    mkdirSync(join(root, 'etc/systemd/networkd.conf.d/60-b.conf'), { recursive: true });
    const config = readNetworkdConfig(root);
    expect(config.rules).toBe(true);
    expect(config.unreadable).toEqual([join(root, 'etc/systemd/networkd.conf.d/60-b.conf')]);
  });
});

test('isProcessRunning finds a process by its name', () => {
  put('proc/17/comm', 'systemd-network\n');
  put('proc/self/comm', 'NetworkManager\n');
  const proc = join(root, 'proc');
  expect(isProcessRunning('systemd-network', proc)).toBe(true);
  expect(isProcessRunning('NetworkManager', proc)).toBe(false);
  expect(isProcessRunning('systemd-network', join(root, 'nothing'))).toBe(false);
});

describe('a process of another namespace', () => {
  const link = (pid: string, namespace: string): void => {
    mkdirSync(join(root, 'proc', pid, 'ns'), { recursive: true });
    symlinkSync(namespace, join(root, 'proc', pid, 'ns/net'));
  };
  const isRunning = (): boolean => isProcessRunning('systemd-network', join(root, 'proc'));

  test.each([
    ['net:[4026531840]', true],
    ['net:[4026532999]', false],
  ])('does not count: ours is net:[4026531840], its is %s', (namespace, expected) => {
    put('proc/17/comm', 'systemd-network\n');
    link('17', namespace);
    link('self', 'net:[4026531840]');
    expect(isRunning()).toBe(expected);
  });

  test.each([
    ['NSpid:\t17\n', true],
    ['NSpid:\t17\t1\n', false],
    ['Name:\tsystemd-network\n', true],
  ])('is recognized by its PID namespace if its links cannot be read: %j', (status, expected) => {
    put('proc/17/comm', 'systemd-network\n');
    put('proc/17/status', status);
    put('proc/self/status', 'NSpid:\t99\n');
    expect(isRunning()).toBe(expected);
  });

  test('the one of this namespace counts among several', () => {
    put('proc/17/comm', 'systemd-network\n');
    link('17', 'net:[2]');
    put('proc/18/comm', 'systemd-network\n');
    link('18', 'net:[1]');
    link('self', 'net:[1]');
    expect(isRunning()).toBe(true);
  });
});
