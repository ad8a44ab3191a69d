/** Keys of events: `online` and `damping`. */
import { millis } from '../../../core/model/ids.ts';
import type { ConfigValues } from '../../config-values.ts';
import { type Entries, key, listKey, type Unit, unitKey } from '../key.ts';
import { choice, flag, linkPatterns, whole } from '../values.ts';

const inWholeSeconds: Unit<number, ReturnType<typeof millis>> = {
  read: (value) => millis(value * 1000),
  write: (value) => value / 1000,
};

export const online: Entries<ConfigValues['online']> = {
  families: key({
    name: 'families',
    type: choice(['any', 'ipv4', 'ipv6', 'both']),
    default: 'any',
    doc: 'Address families in which the host must have carrier, an address that passed duplicate address detection, and a default route.',
  }),
  links: listKey({
    name: 'links',
    type: linkPatterns(),
    default: [],
    doc: 'Names or globs of the links that count; also one string with spaces between. Empty: all monitored links.',
  }),
};

export const damping: Entries<ConfigValues['damping']> = {
  enabled: key({
    name: 'enabled',
    type: flag(),
    default: false,
    doc: 'Let the hooks of a flapping link wait. The penalty is counted and shown in any case.',
  }),
  halfLife: unitKey({
    name: 'half_life_sec',
    type: whole('a number of seconds', 1, 86_400),
    default: 15,
    unit: inWholeSeconds,
    doc: 'Seconds in which the penalty halves. Each loss of carrier adds 1000.',
  }),
  suppress: key({
    name: 'suppress',
    type: whole('a penalty', 1000, 1_000_000),
    default: 2000,
    doc: 'Above this penalty, the hooks of the link wait.',
  }),
  reuse: key({
    name: 'reuse',
    type: whole('a penalty', 1, 1_000_000),
    default: 750,
    doc: 'Below this penalty, they run for the net difference. Must be less than suppress.',
  }),
  maxSuppress: unitKey({
    name: 'max_suppress_sec',
    type: whole('a number of seconds', 1, 86_400),
    default: 60,
    unit: inWholeSeconds,
    doc: 'They wait no longer than this, whatever the penalty.',
  }),
};
