/** Every endpoint: one table for all doors, the metrics and the OpenAPI document. */
import type { ApiEndpoint } from './endpoint.ts';
import { daemonEndpoints } from './endpoints/daemon.ts';
import { eventsEndpoint } from './endpoints/events.ts';
import { hookEndpoints } from './endpoints/hooks.ts';
import { InterfaceList, interfaceEndpoints } from './endpoints/interfaces.ts';
import { routeEndpoints } from './endpoints/routes.ts';
import { routingEndpoints } from './endpoints/routing.ts';
import { streamEndpoint } from './endpoints/stream.ts';
import { timelineEndpoint } from './endpoints/timeline.ts';

export function endpointTable(): readonly ApiEndpoint[] {
  const list = new InterfaceList();
  return [
    ...daemonEndpoints,
    ...interfaceEndpoints(list),
    timelineEndpoint,
    ...routeEndpoints,
    eventsEndpoint,
    streamEndpoint(list),
    ...hookEndpoints,
    ...routingEndpoints,
  ];
}
