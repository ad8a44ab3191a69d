/**
 * network-broker (the Go program before netevd): scripts in `<state>.d`, without arguments. networkd's properties and
 * LINK, LINKINDEX are spelled as in netevd; the DHCP variables depend on its generator.
 */
import type { Contract, JsonKey, ShellFunction } from '../contract.ts';

/** The manager that network-broker followed: `[System] Generator`. */
export type BrokerGenerator = 'systemd-networkd' | 'dhclient';

/** `listeners/json.go`: keys that netevd's `JSON` does not have. */
const jsonKeys: readonly JsonKey[] = [
  { key: 'SetupState', now: 'AdministrativeState' },
  { key: 'DomainSearch', now: 'Domains' },
  ...[
    ...[
      'TxQLen',
      'AlternativeNames',
      'RawFlags',
      'ParentIndex',
      'MasterIndex',
      'Namespace',
      'Alias',
      'Promisc',
    ],
    ...['Xdp', 'EncapType', 'Protinfo', 'NetNsID', 'NumTxQueues', 'NumRxQueues', 'GSOMaxSize', 'GSOMaxSegs'],
    ...['Group', 'Slave', 'LinkFile', 'Model', 'Path', 'Vendor', 'ProductID', 'Manufacturer'],
  ].map((key) => ({ key })),
];

const commas: ShellFunction = [
  'commas() {',
  '  text=',
  `  for word in "$@"; do text="$text\${text:+,}$word"; done`,
  '}',
];

/** Lists separated by commas. */
const dhclient: Contract = {
  jsonKeys,
  variables: [
    { name: 'DNS', needs: [commas], lines: ['commas $DHCP_DNS', 'export DNS="$text"'] },
    { name: 'DOMAIN', lines: ['export DOMAIN="$DHCP_DOMAIN"'] },
    {
      name: 'DHCP_LEASE',
      needs: [commas],
      lines: [
        'commas $DHCP_DNS',
        'dns=$text',
        'commas $DHCP_GATEWAY',
        'export DHCP_LEASE="ADDRESS=$DHCP_ADDRESS,DNS=$dns,ROUTER=$text,SUBNETMASK=$DHCP_SUBNET_MASK,DNS=$dns,DOMAIN=$DHCP_DOMAIN"',
      ],
    },
  ],
};

/** It read networkd's own lease file, whose first lines are comments. */
const networkd: Contract = {
  jsonKeys,
  variables: [
    {
      name: 'DHCP_LEASE',
      lines: [
        'file=/run/systemd/netif/leases/$LINKINDEX',
        `[ ! -r "$file" ] || DHCP_LEASE=$(sed '/^#/d' "$file" | tr '\\n' ' ')`,
        'export DHCP_LEASE="${DHCP_LEASE% }"',
      ],
      note: "networkd's lease file is private and may change; DNS, DOMAINS and GATEWAY have the same values",
    },
    { name: 'DNS', note: 'network-broker set it for dhclient only; in netevd it is a list with spaces' },
    { name: 'DOMAIN', note: 'network-broker set it for dhclient only; netevd has DOMAINS' },
  ],
};

/** What its scripts expect, by its generator. */
export const networkBroker: Readonly<Record<BrokerGenerator, Contract>> = {
  dhclient,
  'systemd-networkd': networkd,
};
