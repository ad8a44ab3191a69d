/** `netevd list interfaces|routes|rules|scripts`. */

import type { Result } from '../../client/problem.ts';
import type { Endpoints, FamilyName, Interface, Route } from '../../client/types.ts';
import { interfaceColumns } from '../render/interface-table.ts';
import { routeColumns, ruleColumns } from '../render/route-table.ts';
import { scriptColumns, scriptRows } from '../render/run-text.ts';
import type { Screen } from '../render/screen.ts';
import { type Column, pickFields, type RenderedTable, renderTable } from '../render/table.ts';
import { counted } from '../render/time-text.ts';
import { withoutControls } from '../render/without-controls.ts';
import { type Answer, type Connection, outcomeOf, requestSignal, runQuery, type Session } from './session.ts';

export interface ListInterfacesOptions {
  /** With links that the configuration does not select. */
  readonly all?: boolean | undefined;
  readonly state?: string | undefined;
  readonly type?: string | undefined;
}

export function runListInterfaces(session: Session, options: ListInterfacesOptions): Promise<number> {
  const columns = interfaceColumns(session.world.wall());
  return runQuery(session, keysOf(columns), async ({ client }) => {
    const query = definedValues({ state: options.state, type: options.type });
    const signal = requestSignal(session);
    return outcomeOf(await client.get('/api/v1/interfaces', { query, signal }), ({ interfaces }) =>
      showInterfaces(interfaces, columns, session, options.all === true),
    );
  });
}

function showInterfaces(
  interfaces: readonly Interface[],
  columns: readonly Column<Interface>[],
  session: Session,
  all: boolean,
): Answer {
  const isShown = ({ watched }: Interface): boolean => all || watched;
  const shown = interfaces.filter(isShown);
  const hidden = interfaces.length - shown.length;
  const words = `${counted(shown.length, 'link')}${hidden === 0 ? '' : `; ${hidden} not watched (--all)`}`;
  return listAnswer({ interfaces: shown, count: shown.length }, 'interfaces', columns, session, words);
}

export interface ListRoutesOptions {
  readonly interface?: string | undefined;
  readonly table?: number | undefined;
  readonly family?: FamilyName | undefined;
}

export const runListRoutes = (session: Session, options: ListRoutesOptions): Promise<number> =>
  runQuery(session, keysOf(routeColumns), async (connection) =>
    outcomeOf(await allRoutes(connection, session, options), (routes) => {
      const value = { routes, count: routes.length };
      return listAnswer(value, 'routes', routeColumns, session, counted(routes.length, 'route'));
    }),
  );

/** Reads every page. */
export async function allRoutes(
  { client }: Connection,
  session: Session,
  options: ListRoutesOptions,
): Promise<Result<readonly Route[]>> {
  const routes: Route[] = [];
  const { interface: link, table, family } = options;
  let after: string | undefined;
  for (;;) {
    const query: Endpoints['/api/v1/routes']['query'] = definedValues({
      interface: link,
      table,
      family,
      limit: 1000,
      after,
    });
    const page = await client.get('/api/v1/routes', { query, signal: requestSignal(session) });
    if (!page.ok) return page;
    routes.push(...page.value.routes);
    if (!page.value.has_more || page.value.next === null) return { ok: true, value: routes };
    after = page.value.next;
  }
}

export interface ListRulesOptions {
  /** Only those that netevd made. */
  readonly own?: boolean | undefined;
}

export const runListRules = (session: Session, { own }: ListRulesOptions): Promise<number> =>
  runQuery(session, keysOf(ruleColumns), async ({ client }) =>
    outcomeOf(await client.get('/api/v1/rules', { signal: requestSignal(session) }), ({ rules: all }) => {
      const rules = all.filter(({ owner }) => own !== true || owner === 'netevd');
      const value = { rules, count: rules.length };
      return listAnswer(value, 'rules', ruleColumns, session, counted(rules.length, 'rule'));
    }),
  );

export function runListScripts(session: Session): Promise<number> {
  const columns = scriptColumns(session.world.wall());
  return runQuery(session, keysOf(columns), async ({ client }) =>
    outcomeOf(await client.get('/api/v1/hooks', { signal: requestSignal(session) }), ({ directories }) => {
      const scripts = scriptRows(directories);
      const value = { scripts, count: scripts.length };
      const words = `${counted(scripts.length, 'script')}; netevd hooks shows why one does not run`;
      return listAnswer(value, 'scripts', columns, session, words);
    }),
  );
}

const keysOf = <T>(columns: readonly Column<T>[]): readonly string[] => columns.map(({ key }) => key);

/** A list in all formats; `words` end the text. */
function listAnswer<T extends object, K extends string>(
  value: Readonly<Record<K, readonly T[]>> & { readonly count: number },
  key: K,
  columns: readonly Column<T>[],
  { options: { fields, header } }: Session,
  words: string,
): Answer {
  const items: readonly T[] = value[key];
  const draw = (screen: Screen): RenderedTable =>
    renderTable(columns, withoutControls(items), { fields, header }, screen);
  return {
    value: fields === undefined ? value : { ...value, [key]: items.map((item) => pickFields(item, fields)) },
    text: (paint, screen) => {
      const { text, dropped } = draw(screen);
      if (!header) return text;
      const narrow = dropped.length === 0 ? '' : `; a wider terminal shows ${dropped.join(', ')}`;
      return [...(items.length === 0 ? [] : [text]), paint.dim(`${words}${narrow}`)].join('\n');
    },
    table: (_, screen) => draw(screen).text,
  };
}

/** The object without the keys whose value is undefined. */
function definedValues<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
