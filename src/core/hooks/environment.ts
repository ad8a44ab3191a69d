/**
 * The input of a hook: its environment, and the JSON on its stdin. It contains nothing of the daemon's own
 * environment except what is named here, and no value that is not valid for its type.
 */
import type { NetworkEvent } from '../model/event.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { LinkStatistics } from '../model/kernel-objects.ts';
import type { State } from '../model/state.ts';
import { transitionVariables } from '../model/transition.ts';
import { fitsUtf8 } from '../model/utf8-length.ts';
import type { DhcpDetails } from '../view/dhcp-details.ts';
import { fitEventJson, renderEvent } from '../view/event-json.ts';
import type { JsonObject, JsonValue } from '../view/json.ts';
import { type LinkDetails, linkDetails } from '../view/link-details.ts';
import { parseHookDirectory } from './directories.ts';

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

/** An event as plain data: all that the environment and the JSON of its hooks are made of. */
export interface HookEvent {
  /** `netevd.event.v1`, with the interface. */
  readonly object: JsonObject;
  /** networkd reports the link: its properties are variables. */
  readonly hasNetworkd: boolean;
  /** The lease, for `DHCP_…`. */
  readonly dhcp?: DhcpDetails;
}

export type HookInput =
  | {
      readonly ok: true;
      readonly event: HookEvent;
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
  const { event, statistics, retry } = subject;
  if (event.link !== undefined && !isInterfaceName(event.link.name)) {
    return { ok: false, problem: 'invalid-link-name' };
  }
  const object = renderEvent(event, details, statistics);
  const described = describeEvent(object, details);
  const rendered = renderHookEvent(described, context, retry === true);
  return { ok: true, ...rendered, event: described, rejected: details?.rejected.entries() ?? [] };
}

function describeEvent(object: JsonObject, details: LinkDetails | undefined): HookEvent {
  const hasNetworkd = details?.networkd !== undefined;
  const dhcp = details?.dhcp;
  return dhcp === undefined ? { object, hasNetworkd } : { object, hasNetworkd, dhcp };
}

/** Renders environment and stdin of a hook: for the daemon and for the runner alike. */
export function renderHookEvent(
  event: HookEvent,
  context: HookContext,
  retry: boolean,
): { readonly environment: Readonly<Record<string, string>>; readonly json: string } {
  const { object } = event;
  const json = JSON.stringify(object);
  const limit = maxEnvironmentString - 'JSON=\0'.length;
  const environment = fitVariables({
    ...baseVariables(context),
    ...eventVariables(event, retry),
    ...(object['link'] === null ? hostVariables(object) : linkVariables(event)),
    ...transitionEnvironment(object),
    ...(context.emitJson ? { JSON: fitEventJson(object, json, limit) } : {}),
  });
  return { environment, json };
}

type Variables = Readonly<Record<string, string | undefined>>;

function baseVariables({ home, user, lang, timezone }: HookContext): Variables {
  return { PATH: hookPath, HOME: home, USER: user, LANG: lang, TZ: timezone };
}

function eventVariables({ object }: HookEvent, retry: boolean): Variables {
  const changed = object['changed_addresses'];
  return {
    STATE: textOf(object['state']),
    PREVIOUS_STATE: textOf(object['previous_state']) ?? '',
    EVENT: textOf(object['action']),
    BACKEND: textOf(object['backend']),
    GENERATOR: textOf(object['backend']),
    NETEVD_EVENT_ID: textOf(object['id']),
    NETEVD_SEQ: textOf(object['seq']),
    NETEVD_INITIAL: object['initial'] === true ? '1' : undefined,
    NETEVD_RETRY: retry ? '1' : undefined,
    CHANGED_ADDRESSES: changed === null || changed === undefined ? undefined : textsOf(changed).join(' '),
  };
}

/** `CHANGED`, `FAMILY`, and both sides of each value. An empty side is an empty string, so that `set -u` works. */
function transitionEnvironment(object: JsonObject): Variables {
  if (object['changed'] === undefined) return {};
  const variables: Record<string, string> = { CHANGED: textsOf(object['changed']).join(' ') };
  const family = textOf(object['family']);
  if (family !== undefined) variables['FAMILY'] = family;
  const directory = parseHookDirectory(textOf(object['event']) ?? '');
  const names = directory === undefined ? undefined : transitionVariables[directory];
  for (const [key, name] of Object.entries(names ?? {})) {
    variables[`OLD_${name}`] = sideText(object['before'], key);
    variables[`NEW_${name}`] = sideText(object['after'], key);
  }
  if (directory !== 'default-route') return variables;
  return { ...variables, LINK: variables['NEW_LINK'], GATEWAY: variables['NEW_GATEWAY'] };
}

/** Names of links that are not safe to show to a script are left out. */
function sideText(side: JsonValue | undefined, key: string): string {
  const value = isObject(side) ? side[key] : undefined;
  const text = textOf(value) ?? textsOf(value).join(' ');
  return key === 'link' ? text.split(' ').filter(isInterfaceName).join(' ') : text;
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
const textsOf = (value: JsonValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.map(String) : [];

/** networkd's properties of the host that become variables. */
const hostProperties: ReadonlySet<string> = new Set([
  'OperationalState',
  'CarrierState',
  'AddressState',
  'IPv4AddressState',
  'IPv6AddressState',
  'OnlineState',
]);

/** networkd's properties of a link that become variables. */
const linkProperties: ReadonlySet<string> = new Set([...hostProperties, 'AdministrativeState']);

function hostVariables({ properties }: JsonObject): Variables {
  return variablesOf(properties, (name) => hostProperties.has(name));
}

/** Of an object of texts, those whose names count. */
function variablesOf(value: JsonValue | undefined, counts: (name: string) => boolean): Variables {
  if (!isObject(value)) return {};
  const pairs = Object.entries(value).filter(([name]) => counts(name));
  return Object.fromEntries(pairs.map(([name, one]) => [name, textOf(one)]));
}

function linkVariables({ object, hasNetworkd, dhcp }: HookEvent): Variables {
  const states = hasNetworkd ? withoutEmpty(variablesOf(object, (name) => linkProperties.has(name))) : {};
  return {
    LINK: textOf(object['link']),
    LINKINDEX: textOf(object['index']),
    ADDRESSES: textsOf(object['addresses']).join(' '),
    DNS: joinUnlessEmpty(textsOf(object['dns'])),
    DOMAINS: joinUnlessEmpty(textsOf(object['domains'])),
    GATEWAY: textOf(object['gateway']),
    MTU: textOf(object['mtu']),
    ...states,
    ...dhcpVariables(dhcp),
  };
}

function dhcpVariables(dhcp: DhcpDetails | undefined): Variables {
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
const withoutEmpty = (states: Variables): Variables =>
  Object.fromEntries(Object.entries(states).filter(([, value]) => value !== ''));

/**
 * Leaves out absent values and those with a NUL, where execve(2) would end the string. Cuts strings that are
 * too long for execve(2) at a space, and names them in NETEVD_TRUNCATED.
 */
function fitVariables(variables: Variables): Record<string, string> {
  const environment: Record<string, string> = {};
  const cut: string[] = [];
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined || value.includes('\0')) continue;
    const room = maxEnvironmentString - name.length - '=\0'.length;
    const fits = fitsUtf8(value, room);
    environment[name] = fits ? value : value.slice(0, Math.max(value.lastIndexOf(' ', room), 0));
    if (!fits) cut.push(name);
  }
  if (cut.length > 0) environment['NETEVD_TRUNCATED'] = cut.join(' ');
  return environment;
}
