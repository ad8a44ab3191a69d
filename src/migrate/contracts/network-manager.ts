/**
 * NetworkManager-dispatcher(8): scripts with the arguments INTERFACE and ACTION, as root, with the variables of
 * `nm_dispatcher_utils_construct_envp` (nm-dispatcher-utils.c).
 */
import type { Contract, HookTarget, ShellFunction, Variable } from '../contract.ts';
import { notAtStart, splitFamilies } from './shell.ts';

/** `IP4_ADDRESS_0="ADDRESS/LENGTH GATEWAY"` …, and how many; no gateway is 0.0.0.0 in both families. */
const addresses: ShellFunction = [
  'addresses() {',
  '  n=0',
  `  for pair in $(ip -o "-$1" address show dev "$LINK" scope global 2>/dev/null | awk '{ print $4 }'); do`,
  '    export "IP$1_ADDRESS_$n=$pair $2"',
  '    n=$((n + 1))',
  '  done',
  '  [ "$n" -eq 0 ] || export "IP$1_NUM_ADDRESSES=$n" "IP$1_GATEWAY=$2"',
  '}',
];

/** Options of the lease, from the single line that netevd sets: `ip_address=192.0.2.5 routers=192.0.2.1`. */
const lease: ShellFunction = [
  'lease() {',
  '  family=DHCP4 name= value=',
  '  case " $DHCP_LEASE" in *" ip6_address="*) family=DHCP6 ;; esac',
  '  for word in $DHCP_LEASE; do',
  '    case $word in',
  `      [a-z]*=*) name=$(printf '%s' "\${word%%=*}" | tr a-z A-Z) value=\${word#*=} ;;`,
  '      *) value="$value $word" ;;',
  '    esac',
  '    export "${family}_$name=$value"',
  '  done',
  '}',
];

const addressVariable = (name: string, call: string): Variable => ({
  name,
  costly: true,
  needs: [splitFamilies, addresses],
  lines: ['split $GATEWAY', call],
});

const nmcli = (field: string): string => `$(nmcli -e no -g ${field} device show "$LINK" 2>/dev/null)`;
const gone =
  'NetworkManager does not know the connection any more when a hook runs for "down"; then it is empty';

/** The variables of NetworkManager-dispatcher(8). */
export const networkManager: Contract = {
  variables: [
    { name: 'DEVICE_IFACE', lines: ['export DEVICE_IFACE="$LINK"'] },
    { name: 'DEVICE_IP_IFACE', lines: ['export DEVICE_IP_IFACE="$LINK"'] },
    { name: 'NM_DISPATCHER_ACTION', lines: [] },
    ...['ADDRESS_*', 'NUM_ADDRESSES', 'GATEWAY'].flatMap((name) => [
      addressVariable(`IP4_${name}`, 'addresses 4 "${four:-0.0.0.0}"'),
      addressVariable(`IP6_${name}`, 'addresses 6 "${six:-0.0.0.0}"'),
    ]),
    {
      name: 'IP4_NAMESERVERS',
      needs: [splitFamilies],
      lines: ['split $DNS', '[ -z "$four" ] || export IP4_NAMESERVERS="$four"'],
    },
    {
      name: 'IP6_NAMESERVERS',
      needs: [splitFamilies],
      lines: ['split $DNS', '[ -z "$six" ] || export IP6_NAMESERVERS="$six"'],
    },
    { name: 'IP4_DOMAINS', lines: ['[ -z "$DOMAINS" ] || export IP4_DOMAINS="$DOMAINS"'] },
    { name: 'IP6_DOMAINS', note: 'netevd has the domains of both families in DOMAINS' },
    { name: 'DHCP4_*', costly: true, needs: [lease], lines: ['lease'] },
    { name: 'DHCP6_*', costly: true, needs: [lease], lines: ['lease'] },
    {
      name: 'CONNECTIVITY_STATE',
      lines: [
        `CONNECTIVITY_STATE=$(printf '%s' "$JSON" | sed -n 's/.*"Connectivity":"\\([a-z]*\\)".*/\\1/p' | tr a-z A-Z)`,
        'export CONNECTIVITY_STATE',
      ],
    },
    {
      name: 'CONNECTION_UUID',
      costly: true,
      lines: [`CONNECTION_UUID=${nmcli('GENERAL.CON-UUID')}`, 'export CONNECTION_UUID'],
      note: gone,
    },
    {
      name: 'CONNECTION_ID',
      costly: true,
      lines: [`CONNECTION_ID=${nmcli('GENERAL.CONNECTION')}`, 'export CONNECTION_ID'],
      note: gone,
    },
    {
      name: 'CONNECTION_FILENAME',
      costly: true,
      lines: [
        `uuid=${nmcli('GENERAL.CON-UUID')}`,
        'CONNECTION_FILENAME=$(nmcli -e no -g UUID,FILENAME connection show 2>/dev/null | sed -n "s/^$uuid://p")',
        'export CONNECTION_FILENAME',
      ],
      note: gone,
    },
    { name: 'CONNECTION_DBUS_PATH', note: 'use nmcli(1) with the name of the link' },
    { name: 'CONNECTION_EXTERNAL', note: 'use nmcli(1) with the name of the link' },
    { name: 'CONNECTION_USER_*', note: 'nmcli -g user.data connection show NAME has the same' },
    { name: 'IP4_ROUTE_*', note: 'ip -4 route show dev "$LINK" has the same' },
    { name: 'IP4_NUM_ROUTES', note: 'ip -4 route show dev "$LINK" has the same' },
    { name: 'IP6_ROUTE_*', note: 'ip -6 route show dev "$LINK" has the same' },
    { name: 'IP6_NUM_ROUTES', note: 'ip -6 route show dev "$LINK" has the same' },
    { name: 'IP4_WINS_SERVERS', note: 'netevd does not know it' },
    { name: 'PROXY_*', note: 'netevd does not know it' },
    { name: 'VPN_*', note: 'netevd has no events of VPN connections' },
  ],
  jsonKeys: [],
};

/** NetworkManager reported "down" for a device that had been up; netevd reports each state. */
const wasActive: readonly string[] = [
  'case $BACKEND:$PREVIOUS_STATE in',
  '  NetworkManager:activated | NetworkManager:deactivating) ;;',
  '  *) exit 0 ;;',
  'esac',
];
const ofNetworkManager: readonly string[] = ['[ "$BACKEND" = NetworkManager ] || exit 0'];

const target = (
  action: string,
  directory: string,
  extra: Partial<HookTarget>,
  link: string = '"$LINK"',
): HookTarget => ({
  directory,
  lines: [`export NM_DISPATCHER_ACTION=${action}`],
  arguments: [link, action],
  ...extra,
});

/** The hooks for an action; none if netevd has no such event, with the reason. */
export interface ActionPlan {
  readonly action: string;
  readonly targets: readonly HookTarget[];
  /** Why there is no hook for it. */
  readonly without?: string;
}

const waitedFor = 'NetworkManager waits for these scripts, and netevd cannot make it wait';

/** In the order of NetworkManager-dispatcher(8). */
export const actions: readonly ActionPlan[] = [
  { action: 'pre-up', targets: [], without: waitedFor },
  { action: 'up', targets: [target('up', 'activated', {})] },
  {
    action: 'pre-down',
    targets: [
      target('pre-down', 'deactivating', {
        guard: [...ofNetworkManager, ...notAtStart],
        note: 'NetworkManager does not wait for it: the link may be down before it ends',
      }),
    ],
  },
  {
    action: 'down',
    targets: ['disconnected', 'unavailable', 'failed'].map((directory) =>
      target('down', directory, { guard: wasActive }),
    ),
  },
  { action: 'vpn-pre-up', targets: [], without: waitedFor },
  {
    action: 'vpn-up',
    targets: [],
    without: 'netevd has no event of a VPN connection; its link has routable.d and link-removed.d',
  },
  { action: 'vpn-pre-down', targets: [], without: waitedFor },
  {
    action: 'vpn-down',
    targets: [],
    without: 'netevd has no event of a VPN connection; its link has routable.d and link-removed.d',
  },
  { action: 'hostname', targets: [], without: 'netevd has no event of the host name' },
  {
    action: 'dhcp4-change',
    targets: [],
    without: 'netevd has no event of a changed lease of NetworkManager',
  },
  {
    action: 'dhcp6-change',
    targets: [],
    without: 'netevd has no event of a changed lease of NetworkManager',
  },
  {
    action: 'connectivity-change',
    targets: [
      target(
        'connectivity-change',
        'manager',
        {
          guard: [...ofNetworkManager, ...notAtStart],
          note: "it runs at each change of NetworkManager's state, also if connectivity is unchanged",
        },
        'none',
      ),
    ],
  },
  { action: 'reapply', targets: [], without: 'netevd has no event of a reapplied connection' },
  { action: 'dns-change', targets: [], without: 'netevd has no event of changed name servers' },
  { action: 'device-add', targets: [], without: 'it belongs to device handlers of NetworkManager' },
  { action: 'device-delete', targets: [], without: 'it belongs to device handlers of NetworkManager' },
];
