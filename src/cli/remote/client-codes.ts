/** Codes of the errors of commands, as `-o json` prints them. docs/errors.md is made from this table. */

/** What a code means and what to do. */
export interface ClientCodeEntry {
  readonly meaning: string;
  readonly remedy: string;
}

/** What failed. */
export type ClientCode =
  | 'NETEVD_CLIENT_NOT_RUNNING'
  | 'NETEVD_CLIENT_STALE_SOCKET'
  | 'NETEVD_CLIENT_PERMISSION'
  | 'NETEVD_CLIENT_UNREACHABLE'
  | 'NETEVD_CLIENT_ANSWER'
  | 'NETEVD_CLIENT_NOT_FOUND'
  | 'NETEVD_CLIENT_USAGE';

/** In the order of the document. */
export const clientCodes: Readonly<Record<ClientCode, ClientCodeEntry>> = {
  NETEVD_CLIENT_NOT_RUNNING: {
    meaning: 'The daemon does not run: its socket does not exist.',
    remedy: 'Start it: `systemctl start netevd`. With another configuration, use `--config` or `--endpoint`.',
  },
  NETEVD_CLIENT_STALE_SOCKET: {
    meaning: 'The daemon does not run: it ended without removing its socket.',
    remedy: '`systemctl restart netevd`; the log has the reason.',
  },
  NETEVD_CLIENT_PERMISSION: {
    meaning: 'The user may not use the socket of the daemon.',
    remedy: 'Use `sudo`, or for reading join the group `netevd`. Only root may reload.',
  },
  NETEVD_CLIENT_UNREACHABLE: {
    meaning: 'The endpoint does not answer.',
    remedy: 'Check `--endpoint`, and `api` in the configuration of that machine.',
  },
  NETEVD_CLIENT_ANSWER: {
    meaning: 'The answer is not that of netevd, or that of another version.',
    remedy: 'Check `--endpoint`; use the same version of netevd on both sides.',
  },
  NETEVD_CLIENT_NOT_FOUND: {
    meaning: 'The link, route or rule does not exist.',
    remedy: 'The message names what is near, or the command that lists all.',
  },
  NETEVD_CLIENT_USAGE: {
    meaning: 'The command line is wrong.',
    remedy: '`netevd help COMMAND` describes the command.',
  },
};
