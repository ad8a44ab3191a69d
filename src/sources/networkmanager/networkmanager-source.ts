/** NetworkManager as a source of facts: devices and host from the bus (NetworkManager's D-Bus reference). */
import type { Fact, NetworkManagerFact } from '../../core/model/fact.ts';
import type { BusSignal, CallResult } from '../../ports/bus-connection.ts';
import { type BusValue, booleanOf, dictionaryOf, numberOf, textOf, textsOf } from '../../wire/dbus/value.ts';
import { parsePropertiesChanged } from '../shared/bus-properties.ts';
import type { BusSourceParts } from '../shared/bus-source-parts.ts';
import { ReadRetry } from '../shared/read-retry.ts';
import { getManagedObjects, Interface, networkManager, signalRules } from './bus-names.ts';
import { Devices } from './devices.ts';
import { Mirror } from './mirror.ts';
import { connectivity, hostState } from './state-names.ts';

export class NetworkManagerSource implements Disposable {
  readonly #parts: BusSourceParts;
  readonly #retry: ReadRetry;
  readonly #initialReport = Promise.withResolvers<void>();
  readonly #mirror = new Mirror();
  readonly #devices: Devices;
  #host: Readonly<Record<string, string>> = {};
  #subscription: Disposable | undefined;
  #owner: string | undefined;
  /** The mirror is filled. */
  #isRead = false;
  /** The initial report is made; from then on, changes are reported. */
  #isReported = false;
  /** The kernel's links are known. Without their indexes no device can be reported. */
  #hasLinks = false;

  constructor(parts: BusSourceParts) {
    this.#parts = parts;
    const { clock } = parts;
    const log = parts.log.with({ component: 'networkmanager', backend: 'NetworkManager' });
    this.#retry = new ReadRetry('NetworkManager', clock, log);
    const report = (fact: NetworkManagerFact): void => parts.sink([fact]);
    this.#devices = new Devices({ mirror: this.#mirror, clock, log, report });
  }

  /**
   * Resolves when NetworkManager has been read, or is known to be absent, for the first time. The report
   * follows as soon as the kernel's links are known.
   */
  get initialReport(): Promise<void> {
    return this.#initialReport.promise;
  }

  /** Starts to follow NetworkManager. */
  start(): void {
    this.#subscription = this.#parts.bus.follow({
      name: networkManager.name,
      signals: signalRules,
      appeared: (owner) => this.#appeared(owner),
      vanished: () => this.#gone({ kind: 'networkManagerVanished' }),
      lost: (cause) => this.#gone({ kind: 'sourceLostSync', source: 'NetworkManager', cause }),
      signal: (signal) => this.#signal(signal),
    });
  }

  /** Learns which links exist, and their names. To be called before other receivers of the same facts. */
  onKernelFacts(facts: readonly Fact[]): void {
    if (facts.some(({ kind }) => kind === 'kernelRead')) this.#hasLinks = true;
    this.#devices.onKernelFacts(facts);
    if (!this.#isReported) this.#reportAll();
  }

  [Symbol.dispose](): void {
    this.#subscription?.[Symbol.dispose]();
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
    this.#initialReport.resolve();
  }

  #forget(): void {
    this.#owner = undefined;
    this.#isRead = false;
    this.#isReported = false;
    this.#devices.forget();
    this.#retry.cancel();
  }

  /** One call, so that the answer is consistent: it includes every earlier signal and no later one. */
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
      this.#reportAll();
    } else {
      const reason = result.ok ? 'invalid answer of GetManagedObjects' : result.message;
      this.#retry.failed(reason, () => this.#read());
    }
    this.#initialReport.resolve();
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

  #reportAll(): void {
    if (!this.#isRead || !this.#hasLinks) return;
    this.#isReported = true;
    this.#parts.sink([{ kind: 'networkManagerRead', host: this.#host, devices: this.#devices.reportAll() }]);
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
    const change = parsePropertiesChanged(values);
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

  /** The initial report includes everything before it. */
  #emit(fact: NetworkManagerFact): void {
    if (this.#isReported) this.#parts.sink([fact]);
  }
}
