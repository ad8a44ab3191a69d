/** Keys of policy routing and of the network managers: `routing` and `backends`. */
import type { ConfigValues } from '../../config-values.ts';
import { type Entries, group, key, listKey, listUnitKey } from '../key.ts';
import {
  choice,
  flag,
  leaseGlobs,
  linkPatterns,
  rulePriority,
  tables,
  tablesUnit,
  whole,
} from '../values.ts';

export const routing: Entries<ConfigValues['routing']> = {
  policyRules: listKey({
    name: 'policy_rules',
    type: linkPatterns(),
    default: [],
    doc: 'Names or globs of the links that get their own routing table and rules; also one string with spaces between.',
    needs: 'policy-routing',
  }),
  tableBase: key({
    name: 'table_base',
    type: whole('a number', 0, 2_147_483_648),
    default: 200,
    doc: 'The table of a link is this number plus its interface index. 0 and 253 to 255 are moved elsewhere.',
  }),
  tables: listUnitKey({
    name: 'tables',
    type: tables(),
    default: {},
    unit: tablesUnit,
    doc: 'Fixed table ids of links, by name.',
    needs: 'policy-routing',
  }),
  rulePriority: key({
    name: 'rule_priority',
    type: rulePriority(),
    default: 'auto',
    doc: 'First of the 1000 rule priorities that netevd owns, all before the rule of the main table, 32766. auto: 30000, or right before the first rule of another program that catches every packet.',
  }),
  onStop: key({
    name: 'on_stop',
    type: choice(['keep', 'remove']),
    default: 'keep',
    doc: 'keep or remove the rules and routes of netevd when it stops.',
  }),
};

const dhclient: Entries<ConfigValues['backends']['dhclient']> = {
  leaseFiles: listKey({
    name: 'lease_files',
    type: leaseGlobs(),
    // The usual places of Debian and RHEL, both families.
    default: [
      '/var/lib/dhcp/dhclient*.leases',
      '/var/lib/dhclient/dhclient*.leases',
      '/var/lib/dhclient/dhclient*.lease',
    ],
    doc: 'Lease files of dhclient. The file name may be a glob.',
    needs: 'dhclient',
  }),
  useDns: key({
    name: 'use_dns',
    type: flag(),
    default: false,
    doc: "Push the lease's DNS servers to systemd-resolved.",
    needs: 'resolved',
  }),
  useDomain: key({
    name: 'use_domain',
    type: flag(),
    default: false,
    doc: "Push the lease's domains to systemd-resolved.",
    needs: 'resolved',
  }),
  useHostname: key({
    name: 'use_hostname',
    type: flag(),
    default: false,
    doc: "Push the lease's host name to systemd-hostnamed.",
    needs: 'hostnamed',
  }),
};

export const backends: Entries<ConfigValues['backends']> = {
  systemdNetworkd: group<ConfigValues['backends']['systemdNetworkd']>(
    'systemd_networkd',
    'systemd-networkd.',
    {
      emitJson: key({
        name: 'emit_json',
        type: flag(),
        default: true,
        doc: 'Pass the event to hooks as $JSON.',
        needs: 'systemd-networkd',
      }),
    },
  ),
  dhclient: group('dhclient', 'dhclient.', dhclient),
  networkManager: group('networkmanager', 'NetworkManager. Has no keys.', {}),
};
