/** A bus in memory: services come and go, answer and speak as a test has them do, at once and in its order. */
import type {
  BusCall,
  BusConnection,
  BusSignal,
  CallResult,
  ServiceFollower,
  SignalRule,
} from '../ports/bus-connection.ts';

/** Answers a call now, or keeps `answer` and calls it later. */
export type Answerer = (call: BusCall, answer: (result: CallResult) => void) => void;

interface Service {
  readonly owner: string;
  readonly answer: Answerer;
}

interface Following {
  readonly follower: ServiceFollower;
  /** Whose signals it hears; undefined while it was told that there is nobody, or nothing yet. */
  owner: string | undefined;
  isLost: boolean;
}

const disconnected: CallResult = {
  ok: false,
  name: 'netevd.Disconnected',
  message: 'there is no connection to the bus',
};

export class FakeBus implements BusConnection {
  /** Calls that were made, in their order. */
  readonly calls: BusCall[] = [];
  readonly #services = new Map<string, Service>();
  readonly #following = new Set<Following>();
  readonly #waiting = new Set<(result: CallResult) => void>();
  #isConnected = true;
  #connections = 0;

  follow(follower: ServiceFollower): Disposable {
    const following: Following = { follower, owner: undefined, isLost: false };
    this.#following.add(following);
    if (this.#isConnected) this.#tellOwner(following);
    return { [Symbol.dispose]: () => void this.#following.delete(following) };
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

  /** A service takes the name, also from another; its unique name is the result. */
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

  /** A signal of whoever has this unique name. */
  emitFrom(sender: string, signal: BusSignal): void {
    if (!this.#isConnected) return;
    for (const { follower, owner, isLost } of [...this.#following]) {
      if (!isLost && owner === sender && follower.signals.some((rule) => fits(rule, signal))) {
        follower.signal(signal);
      }
    }
  }

  /** Signals of the name are more than the bus's client follows. */
  overrun(name: string): void {
    for (const following of this.#of(name)) {
      following.isLost = true;
      following.follower.lost('overrun');
    }
  }

  recover(name: string): void {
    for (const following of this.#of(name)) {
      following.owner = undefined;
      this.#tellOwner(following);
    }
  }

  disconnect(): void {
    this.#isConnected = false;
    for (const done of [...this.#waiting]) done(disconnected);
    this.#waiting.clear();
    for (const following of [...this.#following]) {
      following.isLost = true;
      following.owner = undefined;
      following.follower.lost('disconnected');
    }
  }

  connect(): void {
    this.#isConnected = true;
    for (const following of [...this.#following]) this.#tellOwner(following);
  }

  #of(name: string): Following[] {
    return [...this.#following].filter(({ follower }) => follower.name === name);
  }

  #byOwner(owner: string): Service | undefined {
    return [...this.#services.values()].find((service) => service.owner === owner);
  }

  #ownerChanged(name: string): void {
    for (const following of this.#of(name)) this.#tellOwner(following);
  }

  #tellOwner(following: Following): void {
    const { follower } = following;
    const owner = this.#services.get(follower.name)?.owner;
    const wasThere = following.owner !== undefined;
    following.owner = owner;
    following.isLost = false;
    if (owner === undefined || wasThere) follower.vanished();
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
