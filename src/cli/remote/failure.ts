/** Why a command got no answer, in a sentence with the remedy, and its exit code. Pure. */
import type { RequestProblem } from '../../client/problem.ts';
import type { ApiError } from '../../client/types.ts';
import { ExitCode } from '../../exit-code.ts';
import type { ClientCode } from './client-codes.ts';
import { type Endpoint, endpointText } from './endpoint.ts';

/** An error of a command, as `-o json` prints it, and how the process ends. */
export interface CommandFailure {
  readonly error: ApiError;
  readonly exitCode: ExitCode;
}

/** What a failed command wanted. */
export interface FailedRequest {
  readonly problem: RequestProblem;
  readonly endpoint: Endpoint;
  /** The command line without the program's name: for `try: sudo netevd …`. */
  readonly commandLine: string;
  /** `reload`, if it changes something: only root may. */
  readonly change?: string | undefined;
}

/** Explains a request that failed. */
export function explainFailure(request: FailedRequest): CommandFailure {
  const { problem } = request;
  if (problem.kind === 'unreachable') return unreachable(request);
  if (problem.kind === 'malformed') {
    const code: ClientCode = 'NETEVD_CLIENT_ANSWER';
    const message = `${endpointText(request.endpoint)} is not netevd, or another version: ${problem.error.message}`;
    return { error: { ...problem.error, code, message }, exitCode: ExitCode.failed };
  }
  return { error: withRemedy(problem), exitCode: exitCodeOf(problem) };
}

function unreachable(request: FailedRequest): CommandFailure {
  const { endpoint, problem, change } = request;
  const place = endpointText(endpoint);
  const details = { endpoint: place, errno: problem.error.code };
  const fail = (
    code: ClientCode,
    message: string,
    exitCode: ExitCode = ExitCode.unreachable,
  ): CommandFailure => ({
    error: { code, message, details },
    exitCode,
  });
  if (endpoint.kind === 'http') {
    return fail('NETEVD_CLIENT_UNREACHABLE', `no answer from ${place}: ${reasonOf(problem)}`);
  }
  switch (problem.error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return fail(
        'NETEVD_CLIENT_NOT_RUNNING',
        endpoint.isOff === true
          ? `no command can ask the daemon while api.enabled is false in its configuration (no ${place})`
          : `the daemon is not running (no ${place}); try: systemctl status netevd`,
      );
    case 'ECONNREFUSED':
      return fail(
        'NETEVD_CLIENT_STALE_SOCKET',
        `the daemon is not running: it ended without cleaning up ${place}; try: systemctl restart netevd`,
      );
    case 'EACCES':
    case 'EPERM':
      return change === undefined
        ? fail(
            'NETEVD_CLIENT_PERMISSION',
            `no permission for ${place}: you are not in group netevd; ${sudo(request)}`,
          )
        : fail('NETEVD_CLIENT_PERMISSION', `only root may ${change}; ${sudo(request)}`, ExitCode.failed);
    default:
      return fail('NETEVD_CLIENT_UNREACHABLE', `no answer from ${place}: ${reasonOf(problem)}`);
  }
}

/** The transport's own words are about browsers. */
const reasonOf = ({ error }: RequestProblem): string =>
  error.code === 'ECONNREFUSED' ? 'connection refused' : error.message;

const sudo = ({ commandLine }: FailedRequest): string => `try: sudo netevd ${commandLine}`;

function withRemedy({ error, status }: RequestProblem): ApiError {
  if (status !== 401) return error;
  return { ...error, message: `${error.message}; set NETEVD_TOKEN or use --token-file` };
}

/** A refused request is a usage error if the server could not understand it. */
const exitCodeOf = ({ status, error }: RequestProblem): ExitCode => {
  if (error.code === 'NETEVD_CONFIG_REJECTED') return ExitCode.config;
  return status === 400 ? ExitCode.usage : ExitCode.failed;
};
