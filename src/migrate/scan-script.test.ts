import { describe, expect, test } from 'bun:test';
import { lineWith, scanScript } from './scan-script.ts';

const names = (text: string): string[] => [...scanScript(text).variables.keys()];

describe('scanScript: variables', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['plain and in braces', '#!/bin/sh\necho $IFACE ${STATE:-none} "${#ADDR}"', ['IFACE', 'STATE', 'ADDR']],
    ['not those of comments', '#!/bin/sh\n  # $IFACE\necho $STATE', ['STATE']],
    ['those in a comment behind code, to be safe', '#!/bin/sh\necho # $IFACE', ['IFACE']],
    ['not those that it sets first', '#!/bin/sh\nMODE=a; export PHASE=b\necho $MODE $PHASE', []],
    ['those that it reads before it sets them', '#!/bin/bash\necho $MODE\nMODE=a', ['MODE']],
    ['those that it gives a default', '#!/bin/sh\nIFACE=${IFACE:-eth0}', ['IFACE']],
    [
      'not those of a loop',
      '#!/bin/sh\nfor IFACE in a b; do\necho $IFACE; done\nread -r STATE\necho $STATE',
      [],
    ],
    [
      'of Python',
      '#!/usr/bin/env python3\nos.environ["IFACE"]; os.environ.get(\'STATE\'); os.getenv("A")',
      ['IFACE', 'STATE', 'A'],
    ],
    ['of Perl', '#!/usr/bin/perl\nprint $ENV{IFACE}, $ENV{"STATE"};', ['ENV', 'IFACE', 'STATE']],
    ['of Ruby', '#!/usr/bin/ruby\nputs ENV["IFACE"]', ['IFACE']],
    ['of what has no #! line', 'echo $IFACE', ['IFACE']],
  ];
  test.each(rows)('variables of a script: %s', (_, text, expected) => {
    expect(new Set(names(text))).toEqual(new Set(expected));
  });

  test('each variable has the line of its first use', () => {
    expect(scanScript('#!/bin/sh\n\necho $IFACE\necho $IFACE').variables.get('IFACE')).toBe(3);
  });
});

describe('scanScript: language', () => {
  const rows = [
    ['#!/bin/sh', 'shell'],
    ['#! /usr/bin/env bash', 'shell'],
    ['#!/usr/bin/env -S dash -e', 'shell'],
    ['#!/usr/bin/python3.11', 'python'],
    ['#!/usr/bin/perl -w', 'perl'],
    ['#!/usr/bin/lua', 'other'],
    ['echo', 'none'],
    ['', 'none'],
  ] as const;
  test.each(rows)('the language of %j is %s', (line, language) => {
    expect(scanScript(line).language).toBe(language);
  });
});

describe('scanScript: arguments', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['#!/bin/sh\ncase "$2" in up) ;; esac', 2],
    ['#!/bin/sh\nexec other "$@"', 2],
    ['#!/bin/sh\nwhile getopts a opt; do :; done', 2],
    ['#!/usr/bin/python3\nimport sys\nprint(sys.argv[1])', 3],
    ['#!/usr/bin/perl\nmy ($link) = @ARGV;', 2],
    ['#!/bin/sh\necho $IFACE $? $$', 0],
  ];
  test.each(rows)('the first line with an argument of %j is %d', (text, line) => {
    expect(scanScript(text).argumentLine).toBe(line);
  });
});

describe('scanScript: commands that need a privilege', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['ip route add 10.0.0.0/8 dev eth0', 'ip route add'],
    ['/sbin/ip -6 a del fe80::1 dev eth0', 'ip -6 a del'],
    ['ip link set dev "$LINK" mtu 1500', 'ip link set'],
    ['ip rule show', undefined],
    ['ip -br address', undefined],
    ['  iptables -A FORWARD -j ACCEPT', 'iptables -A'],
    ['iptables-restore < /etc/rules', 'iptables-restore'],
    ['systemctl --no-block restart foo', 'systemctl --no-block restart'],
    ['systemctl status foo', undefined],
    ['sysctl -w a=1', 'sysctl -w'],
    ['sysctl a', undefined],
    ['sudo true', 'sudo true'],
    ['echo 1 > /proc/sys/net/ipv4/ip_forward', '> /proc/sys/net/ipv4/ip_forward'],
    ['echo x >> /var/tmp/log', undefined],
    ['nmcli device connect "$1"', 'nmcli device connect'],
    ['# ip route add', undefined],
  ];
  test.each(rows)('%s', (line, command) => {
    const found = scanScript(`#!/bin/sh\n${line}`).privileged;
    expect(found).toEqual(command === undefined ? [] : [{ line: 2, command }]);
  });
});

test('a word is found as a whole', () => {
  const scan = scanScript('#!/bin/sh\n[ "$2" = pre-up ]\n[ "$2" = up ]');
  expect(lineWith(scan, 'up')).toBe(3);
  expect(lineWith(scan, 'pre-up')).toBe(2);
  expect(lineWith(scan, 'vpn-up')).toBe(0);
});
