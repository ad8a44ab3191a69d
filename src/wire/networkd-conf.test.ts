import { describe, expect, test } from 'bun:test';
import { parseNetworkdConf } from './networkd-conf.ts';

describe('parseNetworkdConf', () => {
  test.each([
    ['nothing', '', {}],
    [
      'both keys',
      '[Network]\nManageForeignRoutingPolicyRules=no\nManageForeignRoutes=yes\n',
      { rules: false, routes: true },
    ],
    ['spaces and another spelling', ' [Network]\n  ManageForeignRoutes =  Off ', { routes: false }],
    [
      'the last assignment counts',
      '[Network]\nManageForeignRoutes=no\nManageForeignRoutes=1',
      { routes: true },
    ],
    ['another section', '[DHCPv4]\nManageForeignRoutes=no', {}],
    ['before any section', 'ManageForeignRoutes=no', {}],
    ['comments', '[Network]\n#ManageForeignRoutes=no\n;ManageForeignRoutes=no', {}],
    ['a value that is not a boolean', '[Network]\nManageForeignRoutes=maybe', {}],
    ['an empty value', '[Network]\nManageForeignRoutes=', {}],
    [
      'a continued line',
      '[Network]\nManageForeign\\\nRoutes=no\nManageForeignRoutes=\\\nno',
      { routes: false },
    ],
    ['a comment within a continued line', '[Network]\nManageForeignRoutes=\\\n# why\nno', { routes: false }],
    ['next hops', '[Network]\nManageForeignNextHops=false', { nextHops: false }],
    ['a continued line at the end', '[Network]\nManageForeignRoutes=no\\', { routes: false }],
    ['keys of a prototype', '[Network]\ntoString=no\n__proto__=yes', {}],
  ])('the settings are as expected: %s', (_, text, expected) => {
    expect(parseNetworkdConf(text)).toEqual(expected);
  });
});
