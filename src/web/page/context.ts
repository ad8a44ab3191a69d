/** What every view can reach: the store, what a person can do, and the time. */
import type { ReadonlySignal } from '@preact/signals';
import { type Context, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Store } from '../feed/store.ts';
import type { LocalTime } from '../model/time.ts';
import type { Actions } from './actions.ts';

export interface PageContext {
  readonly store: Store;
  readonly actions: Actions;
  readonly time: LocalTime;
  /** The server's clock, in milliseconds: moves each second, and each half minute. */
  readonly second: ReadonlySignal<number>;
  readonly halfMinute: ReadonlySignal<number>;
}

export const Page: Context<PageContext | undefined> = createContext<PageContext | undefined>(undefined);

/** Throws outside of the page, which is a bug. */
export function usePage(): PageContext {
  const page = useContext(Page);
  if (page === undefined) throw new Error('a view outside of the page');
  return page;
}
