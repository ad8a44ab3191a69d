/** Which link has which name, by the kernel's word: NetworkManager knows its devices by their names alone. */
import type { Fact } from '../../core/model/fact.ts';
import type { IfIndex } from '../../core/model/ids.ts';
import type { LinkObject } from '../../core/model/kernel-objects.ts';

export class LinkNames {
  readonly #names = new Map<IfIndex, string>();
  readonly #indexes = new Map<string, IfIndex>();

  indexOf(name: string): IfIndex | undefined {
    return this.#indexes.get(name);
  }

  /** Takes in what the kernel has said; tells whether any name has another link now. */
  onKernelFacts(facts: readonly Fact[]): boolean {
    return facts.reduce((isNews, fact) => this.#take(fact) || isNews, false);
  }

  #take(fact: Fact): boolean {
    switch (fact.kind) {
      case 'linkObserved':
        return this.#name(fact.link);
      case 'linkVanished':
        return this.#forget(fact.index);
      case 'kernelRead': {
        const isNews = this.#replace(fact.snapshot.links);
        return this.onKernelFacts(fact.meanwhile ?? []) || isNews;
      }
      default:
        return false;
    }
  }

  #replace(links: readonly LinkObject[]): boolean {
    const there = new Set(links.map(({ index }) => index));
    const gone = [...this.#names.keys()].filter((index) => !there.has(index));
    const isNews = gone.map((index) => this.#forget(index)).includes(true);
    return links.map((link) => this.#name(link)).includes(true) || isNews;
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
