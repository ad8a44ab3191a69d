/** Parts of the daemon that a key can depend on. */
export type Feature =
  | 'systemd-networkd'
  | 'NetworkManager'
  | 'dhclient'
  | 'policy-routing'
  | 'resolved'
  | 'hostnamed'
  | 'api'
  | 'tls'
  | 'metrics'
  | 'audit'
  | 'history'
  | 'filters';
