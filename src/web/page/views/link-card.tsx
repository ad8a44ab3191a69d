/** One link: its state in shape and word, since when, how it is reached, and its last day. */
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Interface, LinkAddress } from '../../../client/types.ts';
import { linkClass } from '../../model/link-state.ts';
import { formatShortAge } from '../../model/time.ts';
import { usePage } from '../context.ts';
import { LinkStrip } from './link-strip.tsx';
import { Mark } from './parts.tsx';

/** Addresses on the card itself; the others are in its details. */
const SHOWN_ADDRESSES = 2;

export function LinkCard({ link }: { readonly link: Interface }): JSX.Element {
  const { store, actions } = usePage();
  const isChosen = useComputed(() => store.filters.value.link === link.name);
  return (
    <li class={`card ${linkClass(link)}`}>
      <div class="card-head">
        <Mark state={linkClass(link)} />
        <h3>
          <button
            type="button"
            class="name"
            aria-pressed={isChosen.value}
            title={`Filter the timeline by ${link.name}`}
            onClick={() => actions.showLink(link.name)}
          >
            {link.name}
          </button>
        </h3>
        <span class="state">{link.state}</span>
        <Since since={link.since} />
      </div>
      <Addresses addresses={link.addresses} />
      <p class="facts">{factsOf(link)}</p>
      <LinkStrip index={link.index} />
      <Details link={link} />
    </li>
  );
}

function Since({ since }: { readonly since: string | null }): JSX.Element | null {
  const { halfMinute, time } = usePage();
  const at = since === null ? Number.NaN : Date.parse(since);
  const age = useComputed(() => formatShortAge(halfMinute.value - at));
  if (since === null) return null;
  return (
    <time class="age" dateTime={since} title={`since ${time.day(at)}, ${time.clock(at)}`}>
      {age}
    </time>
  );
}

const addressText = ({ ip, prefix }: LinkAddress): string => `${ip}/${prefix}`;
const isLinkLocal = ({ scope }: LinkAddress): boolean => scope === 'link';

function Addresses({ addresses }: { readonly addresses: readonly LinkAddress[] }): JSX.Element {
  const sorted = [...addresses].toSorted((a, b) => Number(isLinkLocal(a)) - Number(isLinkLocal(b)));
  const more = sorted.length - SHOWN_ADDRESSES;
  return (
    <p class="addresses">
      {sorted.length === 0 && <span class="dim">no address</span>}
      {sorted.slice(0, SHOWN_ADDRESSES).map((address) => (
        <code key={address.ip}>{addressText(address)}</code>
      ))}
      {more > 0 && <span class="dim">+{more}</span>}
    </p>
  );
}

/** `via 203.0.113.1 · ether · configured by systemd-networkd` */
function factsOf({ gateway, master, owner, setup, type }: Interface): string {
  const way = gateway === null ? [] : [`via ${gateway}`];
  const port = master === null ? [] : [`port of ${master}`];
  const manager = owner === 'kernel' ? [] : [setup === null ? owner : `${setup} by ${owner}`];
  return [...way, ...port, type, ...manager].join(' · ');
}

function Details({ link }: { readonly link: Interface }): JSX.Element {
  const isOpen = useSignal(false);
  return (
    <details class="folded" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>details</summary>
      {isOpen.value && (
        <dl class="values">
          {detailRows(link).map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </details>
  );
}

function detailRows(link: Interface): readonly (readonly [string, string])[] {
  const { addresses, dns, domains } = link;
  const rows: readonly (readonly [string, string | null])[] = [
    ['addresses', addresses.map(addressText).join(', ')],
    ['gateway', link.gateway],
    ['DNS', dns.join(', ')],
    ['domains', domains.join(', ')],
    ['MAC', link.mac_address],
    ['MTU', link.mtu === null ? null : String(link.mtu)],
    ['driver', link.driver],
    ['index', String(link.index)],
    ['flags', link.flags.join(', ')],
  ];
  return rows.flatMap(([label, value]) => (value === null || value === '' ? [] : [[label, value] as const]));
}
