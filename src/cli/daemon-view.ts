/** What commands that work without the daemon ask it, if it runs. */
import { ApiClient } from '../client/api-client.ts';
import type { Result } from '../client/problem.ts';
import type { HooksAnswer, InterfaceDetails } from '../client/types.ts';
import type { RemoteWorld } from './remote/session.ts';

/** The daemon's own view; a problem if it does not answer. */
export interface DaemonView {
  hooks(): Promise<Result<HooksAnswer>>;
  link(name: string): Promise<Result<InterfaceDetails>>;
}

/** Without an answer in this time the command judges by itself. */
const patienceMs = 2000;

/** Asks over the socket for reading. */
export function daemonView(world: RemoteWorld): DaemonView {
  const transport = world.connect({ kind: 'unix', path: world.sockets().read }, undefined);
  const client = new ApiClient(transport);
  const signal = (): AbortSignal => world.timeout(patienceMs);
  return {
    hooks: () => client.get('/api/v1/hooks', { signal: signal() }),
    link: (name) => client.get('/api/v1/interfaces/{name}', { parameters: { name }, signal: signal() }),
  };
}
