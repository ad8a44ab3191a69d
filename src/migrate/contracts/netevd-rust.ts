/** netevd for Rust, 0.1 to 0.4: its directories and variables are netevd's own. Here are the differences. */
import type { Contract } from '../contract.ts';

const eBpf = 'netevd has no events of dropped packets';

/** Variables that its scripts read and netevd does not set. */
export const netevdRust: Contract = {
  variables: [
    ...['DROP_REASON', 'DROP_LOCATION', 'PROTOCOL', 'SPORT', 'DPORT', 'COUNT'].map((name) => ({
      name,
      note: eBpf,
    })),
    { name: 'RUST_LOG', note: 'netevd reads NETEVD_LOG_LEVEL' },
  ],
  jsonKeys: [
    { key: 'ifindex', now: 'index' },
    { key: 'ifname', now: 'link' },
    { key: 'admin_state', now: 'AdministrativeState' },
    { key: 'oper_state', now: 'OperationalState' },
    { key: 'carrier_state', now: 'CarrierState' },
    { key: 'address_state', now: 'AddressState' },
    { key: 'ipv4_address_state', now: 'IPv4AddressState' },
    { key: 'ipv6_address_state', now: 'IPv6AddressState' },
    { key: 'online_state', now: 'OnlineState' },
    { key: 'gateway6' },
    { key: 'drop_reason' },
    { key: 'drop_location' },
  ],
};

/** Directories of the eBPF build, which netevd has no events for. */
export const rustOnlyDirectories: readonly string[] = ['drops.d', 'tcp-retransmit.d', 'tcp-reset.d'];
