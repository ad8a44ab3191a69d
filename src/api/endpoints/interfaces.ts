/** `/interfaces`, `/interfaces/{name}`. */
import type { IfIndex } from '../../core/model/ids.ts';
import { operationalStates } from '../../core/model/vocabulary.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { linkDetailsView, linkViews } from '../../core/view/link-view.ts';
import { tableNamer } from '../../core/view/route-view.ts';
import type { Interface, InterfacesAnswer } from '../../core/view/types/links.ts';
import type { ApiContext } from '../context.ts';
import { type ApiEndpoint, type ApiResult, get } from '../endpoint.ts';
import { text, word, yesNo } from '../parameters.ts';
import { notFound } from '../problem.ts';
import { quote } from '../query.ts';
import { latestRows } from '../records/list-records.ts';
import { linkFacts } from './link-facts.ts';
import { routingLinks } from './routing.ts';

/** Every link. The same array as long as nothing changes: with a thousand links it costs some milliseconds to make. */
export class InterfaceList {
  #of: { readonly snapshot: Snapshot; readonly version: number } | undefined;
  #links: readonly Interface[] = [];
  #text: { readonly text: string; readonly digest: string } | undefined;

  links(context: ApiContext): readonly Interface[] {
    const snapshot = context.snapshot();
    const { version } = context.tracker;
    const { state, selection } = snapshot;
    const known = this.#of;
    if (
      known?.snapshot.state === state &&
      known.snapshot.selection === selection &&
      known.version === version
    ) {
      return this.#links;
    }
    this.#of = { snapshot, version };
    this.#links = linkViews(state, linkFacts(context, snapshot));
    this.#text = undefined;
    return this.#links;
  }

  /** The answer without a selection, as text. */
  text(context: ApiContext): ApiResult {
    const interfaces = this.links(context);
    if (this.#text === undefined) {
      const answer: InterfacesAnswer = { interfaces, count: interfaces.length };
      const json = JSON.stringify(answer);
      this.#text = { text: json, digest: context.digest(json) };
    }
    return { kind: 'text', ...this.#text };
  }
}

export function interfaceEndpoints(list: InterfaceList): readonly ApiEndpoint[] {
  const all = get(
    '/api/v1/interfaces',
    'read',
    { state: word(...operationalStates), type: text, watched: yesNo },
    (context, { query: { state, type, watched } }) => {
      const interfaces = list
        .links(context)
        .filter(
          (link) =>
            (state === undefined || link.state === state) &&
            (type === undefined || link.type === type) &&
            (watched === undefined || link.watched === watched),
        );
      return { interfaces, count: interfaces.length };
    },
  );
  const isEmpty = (query: object): boolean => Object.keys(query).length === 0;
  return [
    {
      ...all,
      run: (context, request) => (isEmpty(request.query) ? list.text(context) : all.run(context, request)),
    },
    oneInterface,
  ];
}

const oneInterface = get('/api/v1/interfaces/{name}', 'read', {}, (context, { names: { name = '' } }) => {
  const snapshot = context.snapshot();
  const index = indexOf(snapshot, name);
  const facts = {
    ...linkFacts(context, snapshot),
    tableName: tableNamer(snapshot.tableNames()),
    now: context.clock.wall(),
  };
  const details = index === undefined ? undefined : linkDetailsView(snapshot.state, index, facts);
  if (details === undefined) return notFound(`there is no link ${quote(name)}`);
  const policyRouting = routingLinks(context, snapshot).find(({ link }) => link === name) ?? null;
  return { ...details, policy_routing: policyRouting, last_events: latestRows(context, { link: name }, 10) };
});

function indexOf({ state }: Snapshot, name: string): IfIndex | undefined {
  for (const [index, link] of state.links) if (link.name === name) return index;
  return undefined;
}
