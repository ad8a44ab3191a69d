/** The dashboard on the invented host. */
import { dashboardContract } from './dashboard-contract.ts';
import { calmHost } from './story.ts';
import { FakeWorld } from './world.ts';

dashboardContract('an invented host', () => Promise.resolve(new FakeWorld(calmHost())));
