/** A packet as a person describes it. */
import { familyOf, parseIp } from '../../model/address.ts';
import type { Flow } from './lookup-input.ts';

export interface FlowText {
  readonly source: string;
  readonly destination: string;
  /** The packet came in by this link; otherwise this machine sends it. */
  readonly iif?: string | undefined;
  readonly mark?: number | undefined;
}

export type ParsedFlow =
  | { readonly ok: true; readonly flow: Flow }
  | { readonly ok: false; readonly problem: string };

/** `uid`: the user who sends it, where no link received it. */
export function parseFlow({ source, destination, iif, mark = 0 }: FlowText, uid: number): ParsedFlow {
  const from = parseIp(source);
  const to = parseIp(destination);
  if (from === undefined) return { ok: false, problem: `${source} is not an IP address` };
  if (to === undefined) return { ok: false, problem: `${destination} is not an IP address` };
  if (familyOf(from) !== familyOf(to)) {
    return { ok: false, problem: `${from} and ${to} are of different address families` };
  }
  const origin = iif === undefined ? { uid } : { inputInterface: iif };
  return { ok: true, flow: { source: from, destination: to, mark, tos: 0, ...origin } };
}
