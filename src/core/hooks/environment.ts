/**
 * The input of a hook: its environment, and the JSON on its stdin. It contains nothing of the daemon's own
 * environment except what is named here, and no value that is not valid for its type.
 */
import type { NetworkEvent } from '../model/event.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { LinkStatistics } from '../model/kernel-objects.ts';
import type { State } from '../model/state.ts';
import { type Transition, textOf, transitionVariables } from '../model/transition.ts';
import { fitsUtf8 } from '../model/utf8-length.ts';
import { fitEventJson, renderEvent, renderStates } from '../view/event-json.ts';
import { type LinkDetails, linkDetails, mtuOf } from '../view/link-details.ts';

/** The event of a hook run, with its link and state. */
export interface HookSubject {
  readonly event: NetworkEvent;
  /** A state with the link: the one after the change, or, for a link that is gone, the one before. */
  readonly state: State;
  /** Fresh statistics; by default those of the state. */
  readonly statistics?: LinkStatistics;
  /** After a crash it is unknown whether these hooks started before. */
  readonly retry?: boolean;
}

/** The part of a hook's environment that comes from the daemon's environment and configuration. */
export interface HookContext {
  readonly home: string;
  readonly user: string;
  readonly lang?: string;
  readonly timezone?: string;
  /** Whether to set `JSON`; stdin has it in any case. */
  readonly emitJson: boolean;
}

export type HookInput =
  | {
      readonly ok: true;
      readonly environment: Readonly<Record<string, string>>;
      /** The whole object, for stdin. */
      readonly json: string;
      /** Variables with rejected values, and how many. */
      readonly rejected: readonly (readonly [variable: string, count: number])[];
    }
  /** The name of the link is not safe to show to a script: none may run. */
  | { readonly ok: false; readonly problem: 'invalid-link-name' };

/** `PATH` of every hook. */
export const hookPath = '/usr/sbin:/usr/bin:/sbin:/bin';
/** `MAX_ARG_STRLEN` of linux/binfmts.h: maximum bytes of one environment string, including its NUL. */
export const maxEnvironmentString: number = 128 * 1024;

/** Returns the details of the event's link; undefined for an event of the host. */
export function hookLinkDetails({ event, state }: HookSubject): LinkDetails | undefined {
  return event.link === undefined ? undefined : linkDetails(event.link, state);
}

/** Builds the input of the hooks of one event. Never throws. `details` must be those of the subject. */
export function hookInput(
  subject: HookSubject,
  context: HookContext,
  details: LinkDetails | undefined = hookLinkDetails(subject),
): HookInput {
  const { event, statistics } = subject;
  if (event.link !== undefined && !isInterfaceName(event.link.name)) {
    return { ok: false, problem: 'invalid-link-name' };
  }
  const object = renderEvent(event, details, statistics);
  const json = JSON.stringify(object);
  const limit = maxEnvironmentString - 'JSON=\0'.length;
  const environment = fitVariables({
    ...baseVariables(context),
    ...eventVariables(subject),
    ...(details === undefined ? hostVariables(event) : linkVariables(event, details)),
    ...transitionEnvironment(event),
    ...(context.emitJson ? { JSON: fitEventJson(object, json, limit) } : {}),
  });
  return { ok: true, environment, json, rejected: details?.rejected.entries() ?? [] };
}

type Variables = Readonly<Record<string, string | undefined>>;

function baseVariables({ home, user, lang, timezone }: HookContext): Variables {
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

/** `CHANGED`, `FAMILY`, and both sides of each value. An empty side is an empty string, so that `set -u` works. */
function transitionEnvironment({ directory, transition }: NetworkEvent): Variables {
  if (transition === undefined) return {};
  const variables: Record<string, string> = { CHANGED: transition.changed.join(' ') };
  if (transition.family !== undefined) variables['FAMILY'] = `ipv${transition.family}`;
  for (const [key, name] of Object.entries(transitionVariables[directory] ?? {})) {
    variables[`OLD_${name}`] = sideText(transition, 'before', key);
    variables[`NEW_${name}`] = sideText(transition, 'after', key);
  }
  if (directory !== 'default-route') return variables;
  return { ...variables, LINK: variables['NEW_LINK'], GATEWAY: variables['NEW_GATEWAY'] };
}

/** Names of links that are not safe to show to a script are left out. */
function sideText(transition: Transition, side: 'before' | 'after', key: string): string {
  const text = textOf(transition[side]?.[key]);
  return key === 'link' ? text.split(' ').filter(isInterfaceName).join(' ') : text;
}

/** networkd's properties of the host that become variables. */
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

function linkVariables(event: NetworkEvent, details: LinkDetails): Variables {
  const states = details.networkd === undefined ? {} : withoutEmpty(renderStates(event, details));
  return {
    LINK: details.link.name,
    LINKINDEX: String(details.link.index),
    ADDRESSES: details.reachable.join(' '),
    DNS: joinUnlessEmpty(details.dns),
    DOMAINS: joinUnlessEmpty(details.domains),
    GATEWAY: details.gateway,
    MTU: mtuOf(details)?.toString(),
    ...states,
    ...dhcpVariables(details),
  };
}

function dhcpVariables({ dhcp }: LinkDetails): Variables {
  if (dhcp === undefined) return {};
  return {
    DHCP_ADDRESS: joinUnlessEmpty(dhcp.addresses),
    DHCP_SUBNET_MASK: dhcp.subnetMask,
    DHCP_GATEWAY: joinUnlessEmpty(dhcp.gateways),
    DHCP_DNS: joinUnlessEmpty(dhcp.dns),
    DHCP_DOMAIN: dhcp.domain,
    DHCP_HOSTNAME: dhcp.hostName,
    DHCP_LEASE: dhcp.lease,
  };
}

const joinUnlessEmpty = (list: readonly string[]): string | undefined =>
  list.length === 0 ? undefined : list.join(' ');
const withoutEmpty = (states: Readonly<Record<string, string>>): Variables =>
  Object.fromEntries(Object.entries(states).filter(([, value]) => value !== ''));

/**
 * Leaves out absent values and those with a NUL, where execve(2) would end the string. Cuts strings that are
 * too long for execve(2) at a space.
 */
function fitVariables(variables: Variables): Record<string, string> {
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
