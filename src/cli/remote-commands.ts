/** The commands that ask the daemon, on the command line. What they do is loaded when one runs. */
import type { Command } from 'commander';
import { withExamples } from './help-text.ts';
import { type Done, markRemote, wholeNumber } from './options.ts';
import type { EventsOptions } from './remote/events-command.ts';
import type { ListInterfacesOptions, ListRoutesOptions, ListRulesOptions } from './remote/list-command.ts';
import type { RemoteOptions, RemoteWorld, Session } from './remote/session.ts';
import type { CommandIo } from './render/output.ts';

/** What the commands are given by the program. */
export interface RemoteContext {
  readonly io: CommandIo;
  readonly done: Done;
  /** The command line, for remedies. */
  readonly args: readonly string[];
  /** Loads the machine when a command runs. */
  openWorld(): Promise<RemoteWorld>;
}

/** Adds `status`, `list`, `show`, `events` and `reload`. */
export function addRemoteCommands(program: Command, context: RemoteContext): void {
  addStatus(program, context);
  addList(program, context);
  addShow(program, context);
  addEvents(program, context);
  addReload(program, context);
}

type Run = (session: Session, args: readonly string[], options: never) => Promise<number>;

/** A command with the shared options, whose action gets a session. */
function addRemote(parent: Command, context: RemoteContext, usage: string, text: string, run: Run): Command {
  const command = parent.command(usage).description(text);
  markRemote(command);
  return command.action((...given: unknown[]) => {
    const args = given.filter((value) => typeof value === 'string');
    const options = command.opts<RemoteOptions>();
    const session = async (): Promise<Session> => ({
      io: context.io,
      options,
      world: await context.openWorld(),
      command: command.name(),
      commandLine: context.args.map(quoted).join(' '),
    });
    return context.done(session().then((opened) => run(opened, args, options as never)));
  });
}

/** As a shell needs it. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

function addStatus(program: Command, context: RemoteContext): void {
  const run = async (
    session: Session,
    _: unknown,
    { check }: { readonly check?: boolean },
  ): Promise<number> => (await import('./remote/status-command.ts')).runStatus(session, check === true);
  const command = addRemote(program, context, 'status', 'Show problems first, then a summary', run);
  command.option('--check', 'exit with 1 if there is a problem');
  withExamples(
    command,
    'netevd status',
    'netevd status --check >/dev/null || echo "look at me"',
    'netevd status -o json --fields health,problems',
  );
}

function addList(program: Command, context: RemoteContext): void {
  const list = group(program, 'list', 'List interfaces, routes, rules or scripts');
  const interfaces = async (session: Session, _: unknown, options: ListInterfacesOptions): Promise<number> =>
    (await import('./remote/list-command.ts')).runListInterfaces(session, options);
  withExamples(
    addRemote(list, context, 'interfaces', 'List links with state, addresses and gateway', interfaces)
      .option('-a, --all', 'with links that the configuration does not select')
      .option('--state <state>', 'only in this state: routable')
      .option('--type <type>', 'only of this type: ether'),
    'netevd list interfaces',
    'netevd list interfaces --fields name,state --no-header',
    'netevd list interfaces -o json --all',
  );
  const routes = async (session: Session, _: unknown, options: ListRoutesOptions): Promise<number> =>
    (await import('./remote/list-command.ts')).runListRoutes(session, options);
  withExamples(
    addRemote(list, context, 'routes', 'List the routes of all tables', routes)
      .option('-i, --interface <link>', 'only over this link')
      .option('--table <id>', 'only of this table', wholeNumber(1, 'the number of a table'))
      .option('--family <family>', 'ipv4 or ipv6'),
    'netevd list routes --table 254',
    'netevd list routes -i eth0 --family ipv6',
  );
  const rules = async (session: Session, _: unknown, options: ListRulesOptions): Promise<number> =>
    (await import('./remote/list-command.ts')).runListRules(session, options);
  withExamples(
    addRemote(list, context, 'rules', 'List policy routing rules', rules).option(
      '--own',
      'only those of netevd',
    ),
    'netevd list rules',
    'netevd list rules --own -o json',
  );
  const scripts = async (session: Session): Promise<number> =>
    (await import('./remote/list-command.ts')).runListScripts(session);
  withExamples(
    addRemote(list, context, 'scripts', 'List hook scripts with their latest runs', scripts),
    'netevd list scripts',
    'netevd list scripts --fields event,name,result',
  );
}

function addShow(program: Command, context: RemoteContext): void {
  const show = group(program, 'show', 'Show one interface, route, rule or run, or the status');
  const one = async (): Promise<typeof import('./remote/show-command.ts')> =>
    import('./remote/show-command.ts');
  withExamples(
    addRemote(show, context, 'interface <name>', 'Show a link', async (session, [name = '']) =>
      (await one()).runShowInterface(session, name),
    ),
    'netevd show interface eth0',
    'netevd show interface eth0 -o json --fields addresses,leases',
  );
  withExamples(
    addRemote(
      show,
      context,
      'route <destination>',
      'Show the routes to a destination',
      async (session, [to = '']) => (await one()).runShowRoute(session, to),
    ),
    'netevd show route default',
    'netevd show route 192.0.2.0/24',
  );
  withExamples(
    addRemote(
      show,
      context,
      'rule <priority>',
      'Show the rules of a priority',
      async (session, [text = '']) => (await one()).runShowRule(session, text),
    ),
    'netevd show rule 30001',
  );
  withExamples(
    addRemote(show, context, 'run <number>', 'Show a hook run with its output', async (session, [id = '']) =>
      (await one()).runShowRun(session, id),
    ),
    'netevd show run 4812 # as netevd events names it',
  );
  addRemote(show, context, 'status', 'The same as netevd status', async (session) =>
    (await import('./remote/status-command.ts')).runStatus(session, false),
  );
}

/** A command that only has subcommands. */
function group(program: Command, name: string, text: string): Command {
  return program.command(name).description(text).helpCommand(false);
}

function addEvents(program: Command, context: RemoteContext): void {
  const run = async (session: Session, _: unknown, options: EventsOptions): Promise<number> =>
    (await import('./remote/events-command.ts')).runEvents(session, options);
  withExamples(
    addRemote(program, context, 'events', 'List what happened, and follow what happens', run)
      .option('-f, --follow', 'print new records until Ctrl-C; resumes after a restart of the daemon')
      .option('-i, --interface <link>', 'only of this link')
      .option('-t, --event-type <event>', 'only this event: no-carrier')
      .option(
        '-n, --tail <count>',
        'the newest COUNT records (default: 20)',
        wholeNumber(1, 'a number from 1'),
      )
      .option('--since <when>', '10m, 2h, 7d, a time (RFC 3339) or a number')
      .option('--until <when>', 'as --since'),
    'netevd events --since 1h -i eth0 # what happened to eth0',
    'netevd events -f # what happens now',
    'netevd events -f -n 10 -t no-carrier -o json # one JSON object on each line',
  );
}

function addReload(program: Command, context: RemoteContext): void {
  const run = async (session: Session): Promise<number> =>
    (await import('./remote/reload-command.ts')).runReload(session);
  withExamples(
    addRemote(program, context, 'reload', 'Make the daemon read its configuration again; root only', run),
    'sudo netevd reload',
  );
}
