/** One follower's service across connections: its owner, its match rules, and its signal budget. */
import type { BusCall, CallResult, ServiceFollower, SignalRule } from '../../ports/bus-connection.ts';
import type { Clock } from '../../ports/clock.ts';
import { encodeMatchRule, isWithin } from '../../wire/dbus/match-rule.ts';
import { type BusMessageHeader, type Message, parseBody } from '../../wire/dbus/message.ts';
import { textOf } from '../../wire/dbus/value.ts';
import { type Ownership, type OwnershipInput, ownerUnknown, stepOwnership } from './owner.ts';
import { busName } from './pending-calls.ts';
import { fullBudget, recovery, type SignalBudget, spend } from './signal-budget.ts';

/** The connection, as far as this needs it. */
export interface Caller {
  call(call: BusCall, done: (result: CallResult) => void): void;
  /** The bus refuses a call that the follower depends on. */
  giveUp(reason: string): void;
}

const noOwner = 'org.freedesktop.DBus.Error.NameHasNoOwner';

export class FollowedService implements Disposable {
  readonly #follower: ServiceFollower;
  readonly #clock: Clock;
  #caller: Caller | undefined;
  #ownership: Ownership = ownerUnknown;
  #budget: SignalBudget;
  #recovering: Disposable | undefined;
  #isOver = false;

  constructor(follower: ServiceFollower, clock: Clock) {
    this.#follower = follower;
    this.#clock = clock;
    this.#budget = fullBudget(clock.now());
  }

  /**
   * A new connection is open. Adds the rules before it asks for the owner, so that no signal is missed in
   * between.
   */
  connected(caller: Caller): void {
    this.#caller = caller;
    for (const rule of this.#rules()) {
      caller.call(onBus('AddMatch', 's', rule), (result) => {
        if (!result.ok) this.#refused(caller, result.message);
      });
    }
    caller.call(onBus('GetNameOwner', 's', this.#follower.name), (result) => {
      if (this.#caller !== caller) return;
      if (result.ok) this.#step({ kind: 'ownerIs', owner: textOf(result.values[0]) });
      else if (result.name === noOwner) this.#step({ kind: 'ownerIs', owner: undefined });
      else this.#refused(caller, result.message);
    });
  }

  disconnected(): void {
    this.#caller = undefined;
    this.#step({ kind: 'disconnected' });
  }

  /** Takes any signal; drops without parsing what is not for the follower. */
  take(message: Message): void {
    const { header } = message;
    if (header.sender === busName && header.member === 'NameOwnerChanged') this.#ownerChanged(message);
    else if (this.#ownership.kind === 'owned' && header.sender === this.#ownership.owner) {
      if (this.#follower.signals.some((rule) => fits(rule, header))) this.#deliver(message);
    }
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#recovering?.[Symbol.dispose]();
    for (const rule of this.#rules()) this.#caller?.call(onBus('RemoveMatch', 's', rule), () => {});
    this.#caller = undefined;
  }

  #rules(): string[] {
    const { name, signals } = this.#follower;
    const owner = { sender: busName, interface: busName, member: 'NameOwnerChanged', arg0: name };
    return [owner, ...signals.map((rule) => ({ ...rule, sender: name }))].map(encodeMatchRule);
  }

  #refused(caller: Caller, reason: string): void {
    if (this.#caller === caller) caller.giveUp(reason);
  }

  #ownerChanged(message: Message): void {
    const body = parseBody(message);
    if (!body.ok) return;
    const [name, , owner] = body.values.map(textOf);
    if (name !== this.#follower.name || owner === undefined) return;
    this.#step({ kind: 'ownerIs', owner: owner === '' ? undefined : owner });
  }

  #deliver(message: Message): void {
    const budget = spend(this.#budget, this.#clock.now());
    const body = parseBody(message);
    if (budget === undefined || !body.ok) {
      this.#overrun();
      return;
    }
    this.#budget = budget;
    const { path = '/', interface: from = '', member = '' } = message.header;
    this.#follower.signal({ path, interface: from, member, values: body.values });
  }

  #overrun(): void {
    this.#step({ kind: 'overrun' });
    this.#recovering?.[Symbol.dispose]();
    this.#recovering = this.#clock.schedule(recovery, () => this.#step({ kind: 'recovered' }));
  }

  #step(input: OwnershipInput): void {
    const { ownership, reports } = stepOwnership(this.#ownership, input);
    this.#ownership = ownership;
    for (const report of reports) {
      if (this.#isOver) return;
      if (report.kind === 'appeared') this.#follower.appeared(report.owner);
      else if (report.kind === 'vanished') this.#follower.vanished();
      else this.#follower.lost(report.cause);
    }
  }
}

const onBus = (member: string, signature: string, text: string): BusCall => ({
  destination: busName,
  path: '/org/freedesktop/DBus',
  interface: busName,
  member,
  body: { signature, values: [text] },
});

/** The bus matches rules too, but a peer can send a signal to us directly, past all rules. */
function fits(rule: SignalRule, header: BusMessageHeader): boolean {
  const { path = '/' } = header;
  return (
    rule.interface === header.interface &&
    rule.member === header.member &&
    (rule.path === undefined || rule.path === path) &&
    (rule.pathNamespace === undefined || isWithin(path, rule.pathNamespace))
  );
}
