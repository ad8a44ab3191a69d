/** Sets the transient host name in systemd-hostnamed (org.freedesktop.hostname1(5)). */
import type { ResolverCall, ResolverOutcome, ResolverResult } from '../../core/resolver/call.ts';
import type { BusConnection, CallResult } from '../../ports/bus-connection.ts';
import { type BusBody, textOf } from '../../wire/dbus/value.ts';

export type HostCall = Extract<ResolverCall, { readonly kind: 'setHostname' | 'resetHostname' }>;

/** Whether a call is about the host's name. */
export const isHostCall = (call: ResolverCall): call is HostCall => !('link' in call);

const name = 'org.freedesktop.hostname1';
const service = { destination: name, path: '/org/freedesktop/hostname1', mayStartService: true } as const;

/** Makes one call after another. The bus starts hostnamed where it does not run. */
export class HostnamedRunner {
  readonly #bus: BusConnection;

  constructor(bus: BusConnection) {
    this.#bus = bus;
  }

  /** Resolves with the outcome of each call, in order. Never rejects for an answer. */
  async run(calls: readonly HostCall[]): Promise<readonly ResolverOutcome[]> {
    const outcomes: ResolverOutcome[] = [];
    for (const call of calls) {
      const result = call.kind === 'setHostname' ? await this.#set(call.name) : await this.#reset(call);
      outcomes.push({ call, result });
    }
    return outcomes;
  }

  async #set(hostName: string): Promise<ResolverResult> {
    const before = await this.#property('Hostname');
    if (before === hostName) return { kind: 'done', before };
    const answer = await this.#setHostname(hostName);
    if (!answer.ok) return failed(answer);
    // hostnamed reports success even if a static name overrules the new one.
    const staticName = await this.#property('StaticHostname');
    const isOverruled = staticName !== undefined && staticName !== '' && staticName !== hostName;
    return {
      kind: 'done',
      ...(before !== undefined && { before }),
      ...(isOverruled && { staticName }),
    };
  }

  /**
   * Sets the name back; empty: the static one, else the default. A name that another program has set since
   * stays.
   */
  async #reset({ expected, to }: HostCall & { readonly kind: 'resetHostname' }): Promise<ResolverResult> {
    const now = await this.#property('Hostname');
    if (now !== undefined && (now !== expected || now === to)) return { kind: 'done' };
    const answer = await this.#setHostname(to);
    return answer.ok ? { kind: 'done' } : failed(answer);
  }

  #setHostname(hostName: string): Promise<CallResult> {
    return this.#call(name, 'SetHostname', { signature: 'sb', values: [hostName, false] });
  }

  async #property(property: string): Promise<string | undefined> {
    const body = { signature: 'ss', values: [name, property] };
    const answer = await this.#call('org.freedesktop.DBus.Properties', 'Get', body);
    return answer.ok ? textOf(answer.values[0]) : undefined;
  }

  #call(of: string, member: string, body: BusBody): Promise<CallResult> {
    const { promise, resolve } = Promise.withResolvers<CallResult>();
    this.#bus.call({ ...service, interface: of, member, body }, resolve);
    return promise;
  }
}

const failed = (answer: CallResult & { readonly ok: false }): ResolverResult => ({
  kind: 'failed',
  error: answer.name,
  text: answer.message,
});
