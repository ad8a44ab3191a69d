/** Policy routing: what is wanted and what is there, and where a packet would go. */
import type { JSX } from 'preact';
import type { RoutingAnswer, RoutingLink } from '../../../client/types.ts';
import { countPieces, gatewayText, missingPieces, routingClass } from '../../model/routing.ts';
import { usePage } from '../context.ts';
import { Explain } from './explain.tsx';
import { Failure, Mark, Remedy, Section } from './parts.tsx';

export function Routing(): JSX.Element {
  const { store } = usePage();
  const routing = store.routing.value;
  return (
    <Section id="routing" title="Policy routing">
      {routing !== undefined &&
        routing !== 'loading' &&
        (routing.ok ? <RoutingLinks routing={routing.value} /> : <Failure problem={routing.problem} />)}
      <Explain />
    </Section>
  );
}

function RoutingLinks({ routing }: { readonly routing: RoutingAnswer }): JSX.Element {
  const { links, leftovers } = routing;
  return (
    <>
      {links.length === 0 && <p class="empty">No link has a table of its own (routing.policy_rules).</p>}
      <ul class="routing">
        {links.map((link) => (
          <RoutingItem key={link.link} link={link} />
        ))}
      </ul>
      {leftovers.length > 0 && <p class="dim">netevd will remove: {leftovers.join('; ')}</p>}
    </>
  );
}

function RoutingItem({ link }: { readonly link: RoutingLink }): JSX.Element {
  const { wanted, found } = countPieces(link);
  const repairs = link.repairs_24h === 0 ? '' : ` · ${link.repairs_24h} repairs in 24 h`;
  return (
    <li>
      <p class="routing-head">
        <Mark state={routingClass(link)} />
        <strong>{link.link}</strong>
        <span>{link.state}</span>
        <span class="dim">
          {link.table === null ? '' : `table ${link.table} · `}
          {found} of {wanted} found{repairs}
        </span>
      </p>
      {link.contested && <p class="caution">Another program keeps deleting what netevd adds.</p>}
      {missingPieces(link).map(({ text, problem }) => (
        <p key={text} class="missing">
          missing: <code>{text}</code> {problem !== null && <span class="dim">({problem})</span>}
        </p>
      ))}
      {link.conflicts.map(({ text, remedy }) => (
        <div key={text}>
          <p class="caution">{text}</p>
          <Remedy text={remedy} />
        </div>
      ))}
      <Diversions link={link} />
      <Pieces link={link} />
    </li>
  );
}

const Diversions = ({ link }: { readonly link: RoutingLink }): JSX.Element => (
  <>
    {link.families
      .flatMap(({ paths }) => paths)
      .filter(({ active, diverted_by: by }) => !active && by !== null)
      .map(({ address, diverted_by: by, remedy }) => (
        <div key={address}>
          <p class="caution">
            Packets from {address} do not leave by {link.link}: {by}
          </p>
          {remedy !== null && <Remedy text={remedy} />}
        </div>
      ))}
  </>
);

const Pieces = ({ link }: { readonly link: RoutingLink }): JSX.Element => (
  <details class="folded">
    <summary>rules and routes</summary>
    {link.families.map((family) => (
      <div key={family.family} class="family">
        <p class="dim">
          {family.family}: {gatewayText(family)}
        </p>
        <ul class="pieces">
          {[...family.rules, ...family.routes].map(({ text, present }) => (
            <li key={text}>
              <Mark state={present ? 'good' : 'bad'} />
              <code>{text}</code>
              {!present && <span class="dim"> missing</span>}
            </li>
          ))}
        </ul>
      </div>
    ))}
  </details>
);
