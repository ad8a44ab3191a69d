/** Maps link names to indexes, from kernel facts: NetworkManager knows its devices by name alone. */
import type { Fact } from '../../core/model/fact.ts';
import type { IfIndex } from '../../core/model/ids.ts';
import type { LinkObject } from '../../core/model/kernel-objects.ts';

export class LinkNames {
  readonly #names = new Map<IfIndex, string>();
  readonly #indexes = new Map<string, IfIndex>();

  indexOf(name: string): IfIndex | undefined {
    return this.#indexes.get(name);
  }

  /** Returns true if any name belongs to another link now. */
  onKernelFacts(facts: readonly Fact[]): boolean {
    return facts.reduce((isChanged, fact) => this.#take(fact) || isChanged, false);
  }

  #take(fact: Fact): boolean {
    switch (fact.kind) {
      case 'linkObserved':
        return this.#name(fact.link);
      case 'linkVanished':
        return this.#forget(fact.index);
      case 'kernelRead': {
        const isChanged = this.#replace(fact.snapshot.links);
        return this.onKernelFacts(fact.meanwhile ?? []) || isChanged;
      }
      default:
        return false;
    }
  }

  #replace(links: readonly LinkObject[]): boolean {
    const present = new Set(links.map(({ index }) => index));
    const gone = [...this.#names.keys()].filter((index) => !present.has(index));
    const isChanged = gone.map((index) => this.#forget(index)).includes(true);
    return links.map((link) => this.#name(link)).includes(true) || isChanged;
  }

  #name({ index, name }: LinkObject): boolean {
    if (this.#names.get(index) === name && this.#indexes.get(name) === index) return false;
    this.#forget(index);
    this.#names.set(index, name);
    this.#indexes.set(name, index);
    return true;
  }

  #forget(index: IfIndex): boolean {
    const name = this.#names.get(index);
    if (name === undefined) return false;
    this.#names.delete(index);
    if (this.#indexes.get(name) === index) this.#indexes.delete(name);
    return true;
  }
}
