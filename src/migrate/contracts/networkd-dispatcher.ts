/**
 * networkd-dispatcher(8): scripts in directories named after states of systemd-networkd, without arguments, as root, with
 * the variables of `run_hooks_for_state` (networkd-dispatcher 2.2).
 */
import type { Contract, ShellFunction } from '../contract.ts';
import { splitFamilies } from './shell.ts';

/** The type that `networkctl list` shows: udev's DEVTYPE, else the hardware type by its kernel name (if_arp.h). */
const linkType: ShellFunction = [
  'link_type() {',
  '  type=$(sed -n "s/^DEVTYPE=//p" "/sys/class/net/$LINK/uevent" 2>/dev/null)',
  '  [ -z "$type" ] || return 0',
  '  case $(cat "/sys/class/net/$LINK/type" 2>/dev/null) in',
  '    1) type=ether ;; 32) type=infiniband ;; 512) type=ppp ;; 772) type=loopback ;;',
  '    768) type=ipip ;; 776) type=sit ;; 778) type=gre ;; 65534) type=none ;;',
  '  esac',
  '}',
];

const list: ShellFunction = [
  'list() {',
  '  text=',
  `  for word in "$@"; do text="$text\${text:+, }\\"$word\\""; done`,
  `  printf '[%s]' "$text"`,
  '}',
];

/** As `json.dumps(data, sort_keys=True)` writes it. */
const json: readonly string[] = [
  'link_type',
  `name=$(printf '%s' "$LINK" | sed 's/[\\\\"]/\\\\&/g')`,
  'json="{\\"Address\\": $(list $ADDRESSES)"',
  'json="$json, \\"AdministrativeState\\": \\"$AdministrativeState\\""',
  '[ -z "$DNS" ] || json="$json, \\"DNS\\": $(list $DNS)"',
  '[ -z "$GATEWAY" ] || json="$json, \\"Gateway\\": $(list $GATEWAY)"',
  'json="$json, \\"InterfaceName\\": \\"$name\\", \\"OperationalState\\": \\"$OperationalState\\""',
  '[ -z "$DOMAINS" ] || json="$json, \\"Search Domains\\": $(list $DOMAINS)"',
  'json="$json, \\"State\\": \\"$OperationalState ($AdministrativeState)\\", \\"Type\\": \\"$type\\"}"',
  'export json',
];

/** The variables of networkd-dispatcher 2.2. */
export const networkdDispatcher: Contract = {
  variables: [
    {
      name: 'OperationalState',
      lines: ['export AdministrativeState="$AdministrativeState" OperationalState="$OperationalState"'],
    },
    { name: 'IFACE', lines: ['export IFACE="$LINK"'] },
    {
      name: 'ADDR',
      lines: ['export ADDR="${ADDRESSES%% *}"'],
      note: 'it contains no link-local address; networkd-dispatcher used the first address of networkctl, of any kind',
    },
    { name: 'IP_ADDRS', needs: [splitFamilies], lines: ['split $ADDRESSES', 'export IP_ADDRS="$four"'] },
    { name: 'IP6_ADDRS', needs: [splitFamilies], lines: ['split $ADDRESSES', 'export IP6_ADDRS="$six"'] },
    {
      name: 'ESSID',
      lines: [
        'ESSID=',
        `[ ! -d "/sys/class/net/$LINK/phy80211" ] || ESSID=$(iw dev "$LINK" link | sed -n 's/^[[:space:]]*SSID: //p')`,
        'export ESSID',
      ],
      note: 'the wrapper reads it with iw(8); without iw it is empty',
    },
    {
      name: 'json',
      costly: true,
      needs: [linkType, list],
      lines: json,
      note: 'it has Address, AdministrativeState, DNS, Gateway, InterfaceName, OperationalState, Search Domains, State and Type; for anything else of networkctl read $JSON',
    },
  ],
  jsonKeys: [
    { key: 'HW Address', now: 'HardwareAddr in $JSON' },
    { key: 'Hardware Address', now: 'HardwareAddr in $JSON' },
    { key: 'Network File', now: 'NetworkFile in $JSON' },
    { key: 'Driver', now: 'Driver in $JSON' },
    { key: 'MTU', now: 'MTU in $JSON, as a number' },
    { key: 'ESSID', now: 'the variable ESSID' },
    { key: 'Link File' },
    { key: 'Model' },
    { key: 'Path' },
    { key: 'Vendor' },
  ],
};
