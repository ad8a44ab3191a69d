/**
 * Every GET endpoint with a JSON answer, by path template, with its answer and its query. `secret`: on
 * loopback TCP it answers 401 without the token; on a socket the permissions of the socket decide.
 */
import type { ConfigAnswer } from './config.ts';
import type { HookRunDetails, HookRunsAnswer, HooksAnswer } from './hooks.ts';
import type {
  InterfaceDetails,
  InterfacesAnswer,
  RoutesAnswer,
  RulesAnswer,
  TimelineAnswer,
} from './links.ts';
import type { EventsAnswer, RecordKind } from './records.ts';
import type { ExplainAnswer, RoutingAnswer } from './routing.ts';
import type { Health, Status } from './status.ts';
import type { FamilyName, Severity } from './vocabulary.ts';

/** Selects records, for the list and for the stream. */
export interface RecordQuery {
  readonly interface?: string | undefined;
  readonly event_type?: string | undefined;
  readonly kind?: RecordKind | undefined;
  /** At least this severe. */
  readonly severity?: Severity | undefined;
  /** After this: `<epoch>.<seq>`, `<seq>`, RFC 3339, or an age (`10m`, `2h`, `7d`). */
  readonly since?: string | undefined;
}

export interface EventsQuery extends RecordQuery {
  /** Before this; spelled as `since`. */
  readonly until?: string | undefined;
  /** 1 to 1 000; 100. */
  readonly limit?: number | undefined;
  readonly full?: 1 | undefined;
}

export interface StreamQuery extends RecordQuery {
  readonly snapshot?: 1 | undefined;
}

interface NoQuery {
  readonly [key: string]: never;
}

/** Template → answer and query. */
export interface Endpoints {
  '/api/v1/status': { answer: Status; query: NoQuery };
  '/api/v1/interfaces': {
    answer: InterfacesAnswer;
    query: { readonly state?: string; readonly type?: string; readonly watched?: boolean };
  };
  '/api/v1/interfaces/{name}': { answer: InterfaceDetails; query: NoQuery };
  '/api/v1/timeline': { answer: TimelineAnswer; query: { readonly hours?: number } };
  '/api/v1/routes': {
    answer: RoutesAnswer;
    query: {
      readonly interface?: string;
      readonly table?: number;
      readonly family?: FamilyName;
      readonly limit?: number;
      readonly after?: string;
    };
  };
  '/api/v1/rules': { answer: RulesAnswer; query: NoQuery };
  '/api/v1/events': { answer: EventsAnswer; query: EventsQuery };
  '/api/v1/hooks': { answer: HooksAnswer; query: NoQuery };
  '/api/v1/hooks/runs': {
    answer: HookRunsAnswer;
    query: {
      readonly interface?: string;
      readonly script?: string;
      readonly failed?: boolean;
      readonly limit?: number;
      readonly until?: string;
    };
  };
  /** Secret. */
  '/api/v1/hooks/runs/{id}': { answer: HookRunDetails; query: NoQuery };
  '/api/v1/routing': { answer: RoutingAnswer; query: NoQuery };
  '/api/v1/routing/explain': {
    answer: ExplainAnswer;
    query: { readonly src: string; readonly dst: string; readonly iif?: string; readonly mark?: number };
  };
  /** Secret. */
  '/api/v1/config': { answer: ConfigAnswer; query: NoQuery };
  '/health': { answer: Health; query: NoQuery };
}

/** A path template of `Endpoints`. */
export type EndpointPath = keyof Endpoints;
