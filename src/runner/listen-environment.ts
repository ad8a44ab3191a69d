/** The socket that the service manager hands over: sd_listen_fds(3). Pure. */

/** `SD_LISTEN_FDS_START` of sd-daemon.h. */
const firstDescriptor = 3;

/** The descriptor to listen on; undefined where the process was not started by a socket unit with one socket. */
export function listenDescriptor(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): number | undefined {
  return env['LISTEN_PID'] === String(pid) && env['LISTEN_FDS'] === '1' ? firstDescriptor : undefined;
}
