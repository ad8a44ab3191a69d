/** What every command that asks the daemon has: its settings, its connection, and how it fails. */
import { ApiClient } from '../../client/api-client.ts';
import type { RequestProblem, Result } from '../../client/problem.ts';
import type { Transport } from '../../client/transport.ts';
import type { WatchClock } from '../../client/watch.ts';
import { ExitCode } from '../../exit-code.ts';
import { escapeControls } from '../../observe/log/escape.ts';
import { type CommandIo, type OutputFormat, type Presentation, present } from '../render/output.ts';
import { fieldProblem } from '../render/table.ts';
import { type Endpoint, type ParsedEndpoint, parseEndpoint } from './endpoint.ts';
import { type CommandFailure, explainFailure } from './failure.ts';

/** The options that all commands of the daemon share. */
export interface RemoteOptions {
  readonly format: OutputFormat;
  /** Keys of `--fields`. */
  readonly fields?: readonly string[] | undefined;
  /** False with `--no-header`. */
  readonly header: boolean;
  readonly endpoint?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** The sockets of the daemon, as the configuration places them. */
export interface Sockets {
  readonly read: string;
  readonly control: string;
  /** The configuration has `api.enabled: false`: a daemon that runs has no sockets. */
  readonly areOff?: true;
}

/** What the commands need of the machine. */
export interface RemoteWorld {
  /** Sends requests to an endpoint, with the token if there is one. */
  connect(endpoint: Endpoint, token: string | undefined): Transport;
  /** Called only without `--endpoint`. */
  sockets(): Sockets;
  /** Content of a file; throws the error of the system. */
  readFile(path: string): string;
  readonly clock: WatchClock;
  /** Milliseconds since 1970. */
  wall(): number;
  /** Aborts a request that takes this many milliseconds. */
  timeout(ms: number): AbortSignal;
  /** Calls back when the user presses Ctrl-C, or the service manager ends the command. */
  onInterrupt(run: () => void): void;
}

/** A running command: where it writes, what it was asked for, and what it may use. */
export interface Session {
  readonly io: CommandIo;
  readonly options: RemoteOptions;
  readonly world: RemoteWorld;
  /** Name of the command. */
  readonly command: string;
  /** The command line without the program's name, for remedies. */
  readonly commandLine: string;
}

/** An open connection. */
export interface Connection {
  readonly client: ApiClient;
  readonly transport: Transport;
  readonly endpoint: Endpoint;
}

/** How long a request may take. */
const requestTimeoutMs = 30_000;

/** A signal for one request. */
export const requestSignal = ({ world }: Session): AbortSignal => world.timeout(requestTimeoutMs);

const socketEndpoint = ({ areOff, ...paths }: Sockets, door: 'read' | 'control'): Endpoint => ({
  kind: 'unix',
  path: paths[door],
  ...(areOff === true && { isOff: true }),
});

/** Opens the connection; `door`: the socket, if there is no `--endpoint`. */
export function openConnection(
  { options, world, io }: Session,
  door: 'read' | 'control',
): { readonly ok: true; readonly connection: Connection } | { readonly ok: false; readonly problem: string } {
  const parsed: ParsedEndpoint =
    options.endpoint === undefined
      ? { ok: true, endpoint: socketEndpoint(world.sockets(), door) }
      : parseEndpoint(options.endpoint);
  if (!parsed.ok) return parsed;
  const token = tokenOf(options, io, world);
  if (!token.ok) return token;
  const transport = world.connect(parsed.endpoint, token.value);
  return { ok: true, connection: { client: new ApiClient(transport), transport, endpoint: parsed.endpoint } };
}

type Token =
  | { readonly ok: true; readonly value: string | undefined }
  | { readonly ok: false; readonly problem: string };

function tokenOf({ tokenFile }: RemoteOptions, io: CommandIo, world: RemoteWorld): Token {
  if (tokenFile === undefined) return { ok: true, value: io.env['NETEVD_TOKEN'] || undefined };
  try {
    return { ok: true, value: world.readFile(tokenFile).trim() || undefined };
  } catch (error) {
    return { ok: false, problem: `--token-file: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** What a query shows, and how the process ends. */
export interface Answer extends Presentation {
  readonly exitCode?: ExitCode;
}

/** Either an answer or why there is none. */
export type Outcome =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly problem: RequestProblem }
  | { readonly ok: false; readonly failure: CommandFailure };

/** Asks the daemon and shows the answer; resolves with the exit code. `keys`: what `--fields` may name. */
export async function runQuery(
  session: Session,
  keys: readonly string[],
  ask: (connection: Connection) => Promise<Outcome>,
  door: 'read' | 'control' = 'read',
): Promise<number> {
  const wrongField = fieldProblem(session.options.fields, keys);
  if (wrongField !== undefined) return failUsage(session, wrongField);
  const opened = openConnection(session, door);
  if (!opened.ok) return failUsage(session, opened.problem);
  const outcome = await ask(opened.connection);
  if (outcome.ok) {
    present(session.io, session.options.format, outcome.answer);
    return outcome.answer.exitCode ?? ExitCode.ok;
  }
  if ('failure' in outcome) return fail(session, outcome.failure);
  const { endpoint } = opened.connection;
  return failRequest(session, endpoint, outcome.problem, door === 'control' ? session.command : undefined);
}

/** Reports a request that failed. */
export function failRequest(
  session: Session,
  endpoint: Endpoint,
  problem: RequestProblem,
  change?: string,
): number {
  const { commandLine } = session;
  return fail(session, explainFailure({ problem, endpoint, commandLine, change }));
}

/** Reports wrong usage. */
export const failUsage = (session: Session, message: string): number =>
  fail(session, {
    error: { code: 'NETEVD_CLIENT_USAGE', message, details: null },
    exitCode: ExitCode.usage,
  });

/** An outcome for something that does not exist. */
export const missing = (message: string): Outcome => ({
  ok: false,
  failure: { error: { code: 'NETEVD_CLIENT_NOT_FOUND', message, details: null }, exitCode: ExitCode.failed },
});

/** Writes the error: as JSON to stdout if JSON was requested, else as a line to stderr. Returns the exit code. */
export function fail(
  { io, options }: Pick<Session, 'io' | 'options'>,
  { error, exitCode }: CommandFailure,
): number {
  if (options.format === 'json') io.stdout.write(`${JSON.stringify({ error })}\n`);
  else io.stderr.write(`netevd: ${escapeControls(error.message)}\n`);
  return exitCode;
}

/** Maps a value of the API to an outcome. */
export const outcomeOf = <T>(result: Result<T>, show: (value: T) => Answer): Outcome =>
  result.ok ? { ok: true, answer: show(result.value) } : result;
