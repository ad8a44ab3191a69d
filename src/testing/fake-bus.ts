/** A bus in memory. Services appear, answer and emit on request of a test, at once and in its order. */
import type {
  BusCall,
  BusConnection,
  BusSignal,
  CallResult,
  ServiceFollower,
  SignalRule,
} from '../ports/bus-connection.ts';

/** Answers a call now, or stores `answer` and calls it later. */
export type Answerer = (call: BusCall, answer: (result: CallResult) => void) => void;

interface Service {
  readonly owner: string;
  readonly answer: Answerer;
}

interface Subscription {
  readonly follower: ServiceFollower;
  /** The sender whose signals it gets; undefined before the first report and while the name has no owner. */
  owner: string | undefined;
  isLost: boolean;
}

const disconnected: CallResult = {
  ok: false,
  name: 'netevd.Disconnected',
  message: 'no connection to the bus',
};

export class FakeBus implements BusConnection {
  /** Calls that were made, in their order. */
  readonly calls: BusCall[] = [];
  readonly #services = new Map<string, Service>();
  readonly #subscriptions = new Set<Subscription>();
  readonly #waiting = new Set<(result: CallResult) => void>();
  #isConnected = true;
  #connections = 0;

  follow(follower: ServiceFollower): Disposable {
    const subscription: Subscription = { follower, owner: undefined, isLost: false };
    this.#subscriptions.add(subscription);
    if (this.#isConnected) this.#reportOwner(subscription);
    return { [Symbol.dispose]: () => void this.#subscriptions.delete(subscription) };
  }

  call(call: BusCall, done: (result: CallResult) => void): void {
    this.calls.push(call);
    if (!this.#isConnected) {
      done(disconnected);
      return;
    }
    const service = this.#services.get(call.destination) ?? this.#byOwner(call.destination);
    if (service === undefined) {
      done({
        ok: false,
        name: 'org.freedesktop.DBus.Error.NameHasNoOwner',
        message: `Name "${call.destination}" does not exist`,
      });
      return;
    }
    this.#waiting.add(done);
    service.answer(call, (result) => {
      if (this.#waiting.delete(done)) done(result);
    });
  }

  /** A service acquires the name, also from another one. Returns its unique name. */
  own(name: string, answer: Answerer = () => {}): string {
    const owner = `:1.${++this.#connections}`;
    this.#services.set(name, { owner, answer });
    if (this.#isConnected) this.#ownerChanged(name);
    return owner;
  }

  release(name: string): void {
    this.#services.delete(name);
    if (this.#isConnected) this.#ownerChanged(name);
  }

  /** A signal of the name's owner. */
  emit(name: string, signal: BusSignal): void {
    const owner = this.#services.get(name)?.owner;
    if (owner !== undefined) this.emitFrom(owner, signal);
  }

  /** A signal of the sender with this unique name. */
  emitFrom(sender: string, signal: BusSignal): void {
    if (!this.#isConnected) return;
    for (const { follower, owner, isLost } of [...this.#subscriptions]) {
      if (!isLost && owner === sender && follower.signals.some((rule) => fits(rule, signal))) {
        follower.signal(signal);
      }
    }
  }

  /** Reports that the name's owner sends more signals than are followed. */
  overrun(name: string): void {
    for (const subscription of this.#of(name)) {
      subscription.isLost = true;
      subscription.follower.lost('overrun');
    }
  }

  recover(name: string): void {
    for (const subscription of this.#of(name)) {
      subscription.owner = undefined;
      this.#reportOwner(subscription);
    }
  }

  disconnect(): void {
    this.#isConnected = false;
    for (const done of [...this.#waiting]) done(disconnected);
    this.#waiting.clear();
    for (const subscription of [...this.#subscriptions]) {
      subscription.isLost = true;
      subscription.owner = undefined;
      subscription.follower.lost('disconnected');
    }
  }

  connect(): void {
    this.#isConnected = true;
    for (const subscription of [...this.#subscriptions]) this.#reportOwner(subscription);
  }

  #of(name: string): Subscription[] {
    return [...this.#subscriptions].filter(({ follower }) => follower.name === name);
  }

  #byOwner(owner: string): Service | undefined {
    return [...this.#services.values()].find((service) => service.owner === owner);
  }

  #ownerChanged(name: string): void {
    for (const subscription of this.#of(name)) this.#reportOwner(subscription);
  }

  #reportOwner(subscription: Subscription): void {
    const { follower } = subscription;
    const owner = this.#services.get(follower.name)?.owner;
    const wasOwned = subscription.owner !== undefined;
    subscription.owner = owner;
    subscription.isLost = false;
    if (owner === undefined || wasOwned) follower.vanished();
    if (owner !== undefined) follower.appeared(owner);
  }
}

function fits(rule: SignalRule, signal: BusSignal): boolean {
  return (
    rule.interface === signal.interface &&
    rule.member === signal.member &&
    (rule.path === undefined || rule.path === signal.path) &&
    (rule.pathNamespace === undefined ||
      rule.pathNamespace === signal.path ||
      signal.path.startsWith(`${rule.pathNamespace}/`))
  );
}
