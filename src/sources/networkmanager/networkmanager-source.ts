/** NetworkManager as a source of facts: what it says of devices and host on the bus (NetworkManager's D-Bus reference). */
import type { Fact, NetworkManagerFact } from '../../core/model/fact.ts';
import type { BusSignal, CallResult } from '../../ports/bus-connection.ts';
import { type BusValue, booleanOf, dictionaryOf, numberOf, textOf, textsOf } from '../../wire/dbus/value.ts';
import { readPropertiesChanged } from '../shared/bus-properties.ts';
import type { BusSourceParts } from '../shared/bus-source-parts.ts';
import { ReadRetry } from '../shared/read-retry.ts';
import { getManagedObjects, Interface, networkManager, signalRules } from './bus-names.ts';
import { Devices } from './devices.ts';
import { Mirror } from './mirror.ts';
import { connectivity, hostState } from './state-names.ts';

export class NetworkManagerSource implements Disposable {
  readonly #parts: BusSourceParts;
  readonly #retry: ReadRetry;
  readonly #firstWord = Promise.withResolvers<void>();
  readonly #mirror = new Mirror();
  readonly #devices: Devices;
  #host: Readonly<Record<string, string>> = {};
  #following: Disposable | undefined;
  #owner: string | undefined;
  /** The mirror is filled. */
  #isRead = false;
  /** The reading was told: from here on, changes are. */
  #isTold = false;
  /** The kernel has told which links there are: without their indexes, nothing can be told of devices. */
  #hasLinks = false;

  constructor(parts: BusSourceParts) {
    this.#parts = parts;
    const { clock } = parts;
    const log = parts.log.with({ component: 'networkmanager', backend: 'NetworkManager' });
    this.#retry = new ReadRetry('NetworkManager', clock, log);
    this.#devices = new Devices({ mirror: this.#mirror, clock, log, tell: (fact) => parts.sink([fact]) });
  }

  /**
   * Resolves when NetworkManager has been read, or is known not to be there, for the first time. What was read is told
   * as soon as the kernel's links are known.
   */
  get firstWord(): Promise<void> {
    return this.#firstWord.promise;
  }

  /** Follows NetworkManager from now on. */
  start(): void {
    this.#following = this.#parts.bus.follow({
      name: networkManager.name,
      signals: signalRules,
      appeared: (owner) => this.#appeared(owner),
      vanished: () => this.#gone({ kind: 'networkManagerVanished' }),
      lost: (cause) => this.#gone({ kind: 'sourceLostSync', source: 'NetworkManager', cause }),
      signal: (signal) => this.#signal(signal),
    });
  }

  /** What the kernel tells: which links there are, and their names. To be called before the same facts are told to others. */
  onKernelFacts(facts: readonly Fact[]): void {
    if (facts.some(({ kind }) => kind === 'kernelRead')) this.#hasLinks = true;
    this.#devices.onKernelFacts(facts);
    if (!this.#isTold) this.#tellReading();
  }

  [Symbol.dispose](): void {
    this.#following?.[Symbol.dispose]();
    this.#forget();
  }

  #appeared(owner: string): void {
    this.#forget();
    this.#owner = owner;
    this.#retry.succeeded();
    this.#parts.sink([{ kind: 'networkManagerAppeared' }]);
    this.#read();
  }

  #gone(fact: Fact): void {
    this.#forget();
    this.#parts.sink([fact]);
    this.#firstWord.resolve();
  }

  #forget(): void {
    this.#owner = undefined;
    this.#isRead = false;
    this.#isTold = false;
    this.#devices.forget();
    this.#retry.cancel();
  }

  /** One call, so that it is one picture: what was said before the answer is in it, what is said after is not. */
  #read(): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#parts.bus.call(getManagedObjects(owner), (result) => {
      if (owner === this.#owner) this.#done(result);
    });
  }

  #done(result: CallResult): void {
    const isRead = result.ok && this.#mirror.fill(result.values[0]);
    if (isRead) {
      this.#isRead = true;
      this.#retry.succeeded();
      this.#devices.adoptAll();
      this.#host = this.#readHost();
      this.#tellReading();
    } else {
      const reason = result.ok ? 'its list of objects is none' : result.message;
      this.#retry.failed(reason, () => this.#read());
    }
    this.#firstWord.resolve();
  }

  #readHost(): Readonly<Record<string, string>> {
    const manager = this.#mirror.get(networkManager.path, Interface.manager);
    const state = hostState(numberOf(manager?.get('State')));
    const reach = connectivity(numberOf(manager?.get('Connectivity')));
    return {
      ...(state !== undefined && { State: state }),
      ...(reach !== undefined && { Connectivity: reach }),
    };
  }

  #tellReading(): void {
    if (!this.#isRead || !this.#hasLinks) return;
    this.#isTold = true;
    this.#parts.sink([{ kind: 'networkManagerRead', host: this.#host, devices: this.#devices.tellAll() }]);
  }

  #signal({ path, interface: name, member, values }: BusSignal): void {
    if (!this.#isRead) return;
    switch (member) {
      case 'StateChanged':
        if (name === Interface.device) this.#devices.changedState(path, values);
        else this.#hostState(values);
        break;
      case 'PropertiesChanged':
        this.#changed(path, values);
        break;
      case 'InterfacesAdded':
        this.#added(textOf(values[0]), values[1]);
        break;
      case 'InterfacesRemoved':
        this.#removed(textOf(values[0]), textsOf(values[1]) ?? []);
    }
  }

  #hostState(values: readonly BusValue[]): void {
    const state = hostState(numberOf(values[0]));
    if (state === undefined) return;
    this.#host = { ...this.#host, State: state };
    this.#emit({ kind: 'networkManagerHostObserved', host: { State: state } });
  }

  #changed(path: string, values: readonly BusValue[]): void {
    const change = readPropertiesChanged(values);
    if (change === undefined || !this.#mirror.change(path, change.interface, change.changed)) return;
    if (change.interface !== Interface.manager) {
      this.#devices.touched(path);
      return;
    }
    if (booleanOf(change.changed.get('Startup')) === false) this.#devices.started();
    const reach = connectivity(numberOf(change.changed.get('Connectivity')));
    if (reach === undefined) return;
    this.#host = { ...this.#host, Connectivity: reach };
    this.#emit({ kind: 'networkManagerHostObserved', host: { Connectivity: reach } });
  }

  #added(path: string | undefined, interfaces: BusValue | undefined): void {
    if (path === undefined) return;
    this.#mirror.add(path, dictionaryOf(interfaces));
    this.#devices.added(path);
  }

  #removed(path: string | undefined, interfaces: readonly string[]): void {
    if (path === undefined) return;
    this.#mirror.remove(path, interfaces);
    this.#devices.removed(path);
  }

  /** What happens before the reading is told is in it. */
  #emit(fact: NetworkManagerFact): void {
    if (this.#isTold) this.#parts.sink([fact]);
  }
}
