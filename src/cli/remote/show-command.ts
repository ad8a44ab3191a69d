/** `netevd show interface|route|rule|run NAME`. */

import type { HookRunSummary, InterfaceDetails, Route, Rule } from '../../client/types.ts';
import { nearest } from '../../core/model/nearest.ts';
import { interfaceText } from '../render/interface-text.ts';
import { columns } from '../render/output.ts';
import { runDetailsText } from '../render/run-text.ts';
import { statusRows } from '../render/status-text.ts';
import { pickFields } from '../render/table.ts';
import { withoutControls } from '../render/without-controls.ts';
import { allRoutes } from './list-command.ts';
import {
  type Answer,
  type Connection,
  failUsage,
  missing,
  type Outcome,
  outcomeOf,
  requestSignal,
  runQuery,
  type Session,
} from './session.ts';

/** One link, with the latest runs of its hooks. */
export const runShowInterface = (session: Session, name: string): Promise<number> =>
  runQuery(session, interfaceKeys, async (connection) => {
    const { client } = connection;
    const signal = requestSignal(session);
    const details = await client.get('/api/v1/interfaces/{name}', { parameters: { name }, signal });
    if (!details.ok && details.problem.status === 404) return noLink(connection, session, name);
    if (!details.ok) return details;
    const query = { interface: name, limit: 20 };
    const runs = await client.get('/api/v1/hooks/runs', { query, signal });
    return runs.ok ? { ok: true, answer: showInterface(details.value, runs.value.runs, session) } : runs;
  });

const interfaceKeyTable: Readonly<Record<keyof InterfaceDetails, true>> = {
  name: true,
  index: true,
  state: true,
  type: true,
  mac_address: true,
  mtu: true,
  addresses: true,
  flags: true,
  setup: true,
  owner: true,
  master: true,
  driver: true,
  gateway: true,
  dns: true,
  domains: true,
  since: true,
  watched: true,
  routes: true,
  dns_servers: true,
  statistics: true,
  network_file: true,
  leases: true,
  damping: true,
  policy_routing: true,
  last_events: true,
};
const interfaceKeys = Object.keys(interfaceKeyTable);

async function noLink({ client }: Connection, session: Session, name: string): Promise<Outcome> {
  const list = await client.get('/api/v1/interfaces', { signal: requestSignal(session) });
  const names = list.ok ? list.value.interfaces.map((link) => link.name) : [];
  const near = nearest(name, names);
  return missing(
    `there is no link '${name}'${near === undefined ? '; netevd list interfaces --all shows all' : `; did you mean '${near}'?`}`,
  );
}

const showInterface = (link: InterfaceDetails, runs: readonly HookRunSummary[], session: Session): Answer =>
  objectAnswer(link, session, (shown, screen) =>
    interfaceText(shown, withoutControls(runs), session.world.wall(), screen),
  );

/** Every route to a destination: `default`, `192.0.2.0/24`, or an address for a host route. */
export const runShowRoute = (session: Session, destination: string): Promise<number> =>
  runQuery(session, routeKeys, async (connection) =>
    foundOr(
      outcomeList(await allRoutes(connection, session, {}), (routes: readonly Route[]) =>
        routes.filter((route) => isDestination(route, destination)),
      ),
      session,
      'routes',
      `there is no route to '${destination}'; netevd routing explain SRC DST finds the route of a packet`,
    ),
  );

const routeKeys =
  'destination gateway interface metric table table_name family protocol scope type source'.split(' ');

function isDestination(route: Route, wanted: string): boolean {
  if (route.destination === wanted) return true;
  const isHost = !wanted.includes('/') && wanted !== 'default';
  return isHost && route.destination === `${wanted}/${route.family === 'ipv4' ? 32 : 128}`;
}

/** Every rule of a priority. */
export const runShowRule = async (session: Session, text: string): Promise<number> => {
  if (!/^\d{1,10}$/.test(text)) return failUsage(session, `'${text}' is no priority: expected a number`);
  const priority = Number(text);
  return await runQuery(session, ruleKeys, async ({ client }) =>
    foundOr(
      outcomeList(await client.get('/api/v1/rules', { signal: requestSignal(session) }), ({ rules }) =>
        rules.filter((rule: Rule) => rule.priority === priority),
      ),
      session,
      'rules',
      `there is no rule of priority ${priority}; netevd list rules shows all`,
    ),
  );
};

const ruleKeys = 'priority from to table action interface family owner protocol text'.split(' ');

/** One run of a hook, with its output; `id`: its number, or `<epoch>.<number>`. */
export const runShowRun = (session: Session, id: string): Promise<number> =>
  runQuery(session, runKeys, async ({ client }) => {
    const parameters = { id: id.replace(/^#/, '').replace('/', '.') };
    const signal = requestSignal(session);
    return outcomeOf(await client.get('/api/v1/hooks/runs/{id}', { parameters, signal }), (run) =>
      objectAnswer(run, session, (shown, screen) => runDetailsText(shown, session.world.wall(), screen)),
    );
  });

const runKeys = [
  ...'id directory script path link index state backend started_at duration_ms cpu_ms result exit_code'.split(
    ' ',
  ),
  ...'signal reason remedy retry caused_by stdout stderr dropped_output output_held pid'.split(' '),
];

type Found<T> = { readonly ok: true; readonly items: readonly T[] } | (Outcome & { readonly ok: false });

function outcomeList<V, T>(
  result: { readonly ok: true; readonly value: V } | (Outcome & { readonly ok: false }),
  pick: (value: V) => readonly T[],
): Found<T> {
  return result.ok ? { ok: true, items: pick(result.value) } : result;
}

/** The objects that were found, each as a block of lines; `complaint` if there is none. */
function foundOr<T extends object>(
  found: Found<T>,
  session: Session,
  key: string,
  complaint: string,
): Outcome {
  if (!found.ok) return found;
  const { items } = found;
  if (items.length === 0) return missing(complaint);
  const { fields } = session.options;
  const picked = items.map((item) => pickFields(item, fields));
  const blocks = (): string =>
    withoutControls(picked)
      .map((item) => columns(statusRows(item)))
      .join('\n\n');
  return { ok: true, answer: { value: { [key]: picked, count: items.length }, text: blocks, table: blocks } };
}

/** One object: text by `draw`, else keys and values. */
function objectAnswer<T extends object>(
  value: T,
  { options: { fields } }: Session,
  draw: (shown: T, screen: Parameters<Answer['text']>[1]) => string,
): Answer {
  const shown = withoutControls(value);
  const rows = (): string => columns(statusRows(pickFields(shown, fields)));
  return {
    value: pickFields(value, fields),
    text: (_, screen) => (fields === undefined ? draw(shown, screen) : rows()),
    table: rows,
  };
}
