/** What root grants to one hook that needs more than the daemon's user has, and where root writes it down. */
import type { HookDirectory } from '../model/event-table.ts';
import type { Millis } from '../model/ids.ts';

/** Capabilities in the order of their numbers in linux/capability.h. */
export const capabilityNames = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const;
export type CapabilityName = (typeof capabilityNames)[number];

export interface HookPrivileges {
  /** Undefined: `system.user`. */
  readonly user: string | undefined;
  /** All that the hook has; as root, too. */
  readonly capabilities: readonly CapabilityName[];
  /** Absolute paths that stay writable in the sandbox. */
  readonly writable: readonly string[];
  /** Undefined: `hooks.timeout_sec`; 0: none. */
  readonly timeout: Millis | undefined;
  readonly sandbox: 'strict' | 'none';
}

/** Below `hooks.directory`. It ends like a hook directory and is none. */
export const privilegesDirectory = 'privileges.d';

/** The file that grants privileges to one hook; without it the daemon runs the hook itself. */
export const privilegesPath = (base: string, directory: HookDirectory, name: string): string =>
  `${base}/${privilegesDirectory}/${directory}.d/${name}.yaml`;
