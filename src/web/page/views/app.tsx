/** The page as a whole, in reading order. */
import type { JSX } from 'preact';
import { connectionText } from '../../model/connection.ts';
import { usePage } from '../context.ts';
import { About } from './about.tsx';
import { Broken } from './broken.tsx';
import { Help } from './help.tsx';
import { Hooks } from './hooks.tsx';
import { Links } from './links.tsx';
import { Routing } from './routing.tsx';
import { TimelineSection } from './timeline.tsx';
import { TopBar } from './top-bar.tsx';

export function App(): JSX.Element {
  const { store, time } = usePage();
  const isKnown = store.status.value !== undefined;
  const { stale } = connectionText(store.connection.value, 0, time, isKnown);
  return (
    <div class={stale ? 'page stale' : 'page'}>
      <TopBar />
      <main>
        <Broken />
        <Links />
        <TimelineSection />
        <Hooks />
        <Routing />
        <About />
      </main>
      <Help />
    </div>
  );
}
