/**
 * What a hook is given: its environment, and the JSON on its stdin. Clean: nothing of the daemon's own environment
 * comes through but what is named here, and no value that is not of its type.
 */
import type { NetworkEvent } from '../model/event.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { LinkStatistics } from '../model/kernel-objects.ts';
import type { State } from '../model/state.ts';
import { fitJson, hookObject, mtuOf, stateObject } from '../view/event-json.ts';
import { type LinkDetails, linkDetails } from '../view/link-details.ts';
import { fitsUtf8 } from './utf8-length.ts';

/** What an event's hooks are to be told. */
export interface HookSubject {
  readonly event: NetworkEvent;
  /** In which the link is there: the state after the change, or, for a link that is gone, the one before. */
  readonly state: State;
  /** Read just now; else those of the state are told. */
  readonly statistics?: LinkStatistics;
  /** A crash left it unknown whether these hooks had started. */
  readonly retry?: boolean;
}

/** What comes from the daemon's own surroundings. */
export interface HookContext {
  readonly home: string;
  readonly user: string;
  readonly lang?: string;
  readonly timezone?: string;
  /** Whether `JSON` is given; stdin has it in any case. */
  readonly emitJson: boolean;
}

export type HookInput =
  | {
      readonly ok: true;
      readonly environment: Readonly<Record<string, string>>;
      /** The whole object, for stdin. */
      readonly json: string;
      /** Variables of which values were left out, and how many. */
      readonly rejected: readonly (readonly [variable: string, count: number])[];
    }
  /** The link's name cannot be shown to a script: none may run. */
  | { readonly ok: false; readonly problem: 'unspeakable-link' };

/** `PATH` of every hook. */
export const hookPath = '/usr/sbin:/usr/bin:/sbin:/bin';
/** `MAX_ARG_STRLEN` of linux/binfmts.h: bytes of one environment string, its NUL included. */
export const maxEnvironmentString: number = 128 * 1024;

/** What is known of the event's link; undefined for an event of the host. */
export function factsOf({ event, state }: HookSubject): LinkDetails | undefined {
  return event.link === undefined ? undefined : linkDetails(event.link, state);
}

/** Builds what the hooks of one event are given. Total: never throws. `facts` are those of the subject. */
export function hookInput(
  subject: HookSubject,
  surroundings: HookContext,
  facts: LinkDetails | undefined = factsOf(subject),
): HookInput {
  const { event, statistics } = subject;
  if (event.link !== undefined && !isInterfaceName(event.link.name)) {
    return { ok: false, problem: 'unspeakable-link' };
  }
  const object = hookObject(event, facts, statistics);
  const json = JSON.stringify(object);
  const limit = maxEnvironmentString - 'JSON=\0'.length;
  const environment = fitting({
    ...base(surroundings),
    ...eventVariables(subject),
    ...(facts === undefined ? hostVariables(event) : linkVariables(event, facts)),
    ...(surroundings.emitJson ? { JSON: fitJson(object, json, limit) } : {}),
  });
  return { ok: true, environment, json, rejected: facts?.rejected.entries() ?? [] };
}

type Variables = Readonly<Record<string, string | undefined>>;

function base({ home, user, lang, timezone }: HookContext): Variables {
  return { PATH: hookPath, HOME: home, USER: user, LANG: lang, TZ: timezone };
}

function eventVariables({ event, retry }: HookSubject): Variables {
  return {
    STATE: event.state,
    PREVIOUS_STATE: event.previousState ?? '',
    EVENT: event.name,
    BACKEND: event.source,
    GENERATOR: event.source,
    NETEVD_EVENT_ID: event.id,
    NETEVD_SEQ: String(event.seq),
    NETEVD_INITIAL: event.initial ? '1' : undefined,
    NETEVD_RETRY: retry === true ? '1' : undefined,
    CHANGED_ADDRESSES: event.changedAddresses?.join(' '),
  };
}

/** networkd's properties of the host, by their own names. */
const hostProperties: ReadonlySet<string> = new Set([
  'OperationalState',
  'CarrierState',
  'AddressState',
  'IPv4AddressState',
  'IPv6AddressState',
  'OnlineState',
]);

function hostVariables({ properties = {} }: NetworkEvent): Variables {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => hostProperties.has(name)));
}

function linkVariables(event: NetworkEvent, facts: LinkDetails): Variables {
  const states = facts.networkd === undefined ? {} : known(stateObject(event, facts));
  return {
    LINK: facts.link.name,
    LINKINDEX: String(facts.link.index),
    ADDRESSES: facts.reachable.join(' '),
    DNS: orNothing(facts.dns),
    DOMAINS: orNothing(facts.domains),
    GATEWAY: facts.gateway,
    MTU: mtuOf(facts)?.toString(),
    ...states,
    ...dhcpVariables(facts),
  };
}

function dhcpVariables({ dhcp }: LinkDetails): Variables {
  if (dhcp === undefined) return {};
  return {
    DHCP_ADDRESS: orNothing(dhcp.addresses),
    DHCP_SUBNET_MASK: dhcp.subnetMask,
    DHCP_GATEWAY: orNothing(dhcp.gateways),
    DHCP_DNS: orNothing(dhcp.dns),
    DHCP_DOMAIN: dhcp.domain,
    DHCP_HOSTNAME: dhcp.hostName,
    DHCP_LEASE: dhcp.lease,
  };
}

const orNothing = (list: readonly string[]): string | undefined =>
  list.length === 0 ? undefined : list.join(' ');
const known = (states: Readonly<Record<string, string>>): Variables =>
  Object.fromEntries(Object.entries(states).filter(([, value]) => value !== ''));

/** Without what is absent, or would end early, at a NUL; and each string short enough for execve(2): longer lists end at a word. */
function fitting(variables: Variables): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined || value.includes('\0')) continue;
    const room = maxEnvironmentString - name.length - '=\0'.length;
    environment[name] = fitsUtf8(value, room)
      ? value
      : value.slice(0, Math.max(value.lastIndexOf(' ', room), 0));
  }
  return environment;
}
