/** ifup(8) and interfaces(5), HOOK SCRIPTS: run-parts(8) on four directories, without arguments, as root. */
import type { Contract, HookTarget } from '../contract.ts';
import { notAtStart, splitFamilies } from './shell.ts';

/** The variables of HOOK SCRIPTS in interfaces(5). */
export const ifupdown: Contract = {
  variables: [
    { name: 'IFACE', lines: ['export IFACE="$LINK"'] },
    {
      name: 'LOGICAL',
      lines: ['export LOGICAL="$LINK"'],
      note: 'it is the name of the link: netevd reads no /etc/network/interfaces',
    },
    {
      name: 'ADDRFAM',
      needs: [splitFamilies],
      lines: [
        'split $ADDRESSES',
        'ADDRFAM=inet',
        '[ -n "$four" ] || [ -z "$six" ] || ADDRFAM=inet6',
        'export ADDRFAM',
      ],
      note: 'the hook runs once per link, not once per family',
    },
    {
      name: 'METHOD',
      lines: ['METHOD=static', '[ -z "$DHCP_ADDRESS" ] || METHOD=dhcp', 'export METHOD'],
      note: 'it is dhcp if netevd knows a lease of the link, else static',
    },
    { name: 'VERBOSITY', lines: ['export VERBOSITY=0'] },
    { name: 'MODE', lines: [] },
    { name: 'PHASE', lines: [] },
    { name: 'CLASS', note: 'netevd does not know the class of /etc/network/interfaces' },
    { name: 'IF_*', note: 'netevd reads no /etc/network/interfaces; write the value into the script' },
    { name: 'IFUPDOWN_*', note: 'it is for ifup and ifdown only' },
  ],
  jsonKeys: [],
};

const target = (directory: string, mode: string, phase: string, extra: Partial<HookTarget>): HookTarget => ({
  directory,
  lines: [`export MODE=${mode} PHASE=${phase}`],
  ...extra,
});

/** By the name of ifupdown's directory. */
export const ifupdownTargets: ReadonlyMap<string, HookTarget> = new Map([
  [
    'if-pre-up.d',
    target('link-added', 'start', 'pre-up', {
      note: 'it runs when the link appears; ifup ran it, and waited for it, before it configured the link',
    }),
  ],
  [
    'if-up.d',
    target('configured', 'start', 'post-up', { note: 'it runs when the link has carrier and an address' }),
  ],
  [
    'if-down.d',
    target('off', 'stop', 'pre-down', {
      guard: notAtStart,
      note: 'it runs after the link was switched off; ifdown ran it before, with addresses and routes still there',
    }),
  ],
  ['if-post-down.d', target('off', 'stop', 'post-down', { guard: notAtStart })],
]);
