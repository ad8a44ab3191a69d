/** How good a state of a link is: decides about shape, colour and order. Pure. */
import type { Interface, OperationalState } from '../../client/types.ts';

/** `partial`: up, and not reachable from beyond the link. `off`: switched off on purpose. */
export type StateClass = 'good' | 'partial' | 'bad' | 'off' | 'unknown';

const classes: Readonly<Record<OperationalState, StateClass>> = {
  routable: 'good',
  enslaved: 'good',
  degraded: 'partial',
  carrier: 'partial',
  'degraded-carrier': 'partial',
  dormant: 'partial',
  'no-carrier': 'bad',
  missing: 'bad',
  off: 'off',
};

/** `unknown` also for words of a newer daemon. */
export const stateClass = (state: string): StateClass => (isOperational(state) ? classes[state] : 'unknown');

/** Whether this is a word for an operational state. */
export const isOperational = (state: string): state is OperationalState => Object.hasOwn(classes, state);

/** Of a link: its operational state, and a setup that failed is bad whatever that is. */
export const linkClass = ({ state, setup }: Pick<Interface, 'state' | 'setup'>): StateClass =>
  setup === 'failed' ? 'bad' : stateClass(state);
