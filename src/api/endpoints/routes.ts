/** `/routes` and `/rules`. */
import { ruleViews, selectRouteViews, tableNamer } from '../../core/view/route-view.ts';
import type { Route } from '../../core/view/types/links.ts';
import { type ApiEndpoint, get } from '../endpoint.ts';
import { text, whole, word } from '../parameters.ts';
import type { Parameter } from '../query.ts';

/** Routes of one answer unless the request says otherwise. */
const pageSize = 1000;

/** How many routes of the selection come before the page: routes have no name that outlives them. */
const after: Parameter<string> = {
  expected: "the 'next' of the answer before",
  parse: (value) => (/^(0|[1-9]\d{0,9})$/.test(value) ? value : undefined),
};

const routes = get(
  '/api/v1/routes',
  'read',
  {
    interface: text,
    table: whole(0, 0xffff_ffff),
    family: word('ipv4', 'ipv6'),
    limit: whole(1, 10_000),
    after,
  },
  (context, { query }) => {
    const snapshot = context.snapshot();
    const { interface: link, table, family, limit = pageSize } = query;
    const selection = {
      ...(link !== undefined && { interface: link }),
      ...(table !== undefined && { table }),
      ...(family !== undefined && { family }),
    };
    const start = Number(query.after ?? 0);
    const found: Route[] = [];
    let at = 0;
    let hasMore = false;
    for (const view of selectRouteViews(snapshot.state, selection, tableNamer(snapshot.tableNames()))) {
      if (at++ < start) continue;
      if (found.length === limit) {
        hasMore = true;
        break;
      }
      found.push(view);
    }
    const next = hasMore ? String(start + found.length) : null;
    return { routes: found, count: found.length, has_more: hasMore, next };
  },
);

const rules = get('/api/v1/rules', 'read', {}, (context) => {
  const found = ruleViews(context.snapshot().state);
  return { rules: found, count: found.length };
});

export const routeEndpoints: readonly ApiEndpoint[] = [routes, rules];
