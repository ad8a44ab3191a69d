/** Parses option 121, Classless Static Routes (RFC 3442), and the equivalent Microsoft option 249. */
import { formatIpv4, networkOf, parseIp } from '../../core/model/address.ts';
import type { ClasslessRoute } from './lease.ts';
import { type OptionValue, readBytes } from './option-value.ts';

/** The names that dhclient and its distributions use, preferred ones first. */
export const classlessRouteOptions: readonly string[] = [
  'rfc3442-classless-static-routes',
  'classless-static-routes',
  'unknown-121',
  'ms-classless-static-routes',
  'microsoft-classless-static-routes',
  'unknown-249',
];

/** Returns undefined if any part of the value violates the RFC. */
export function readClasslessRoutes(value: OptionValue): readonly ClasslessRoute[] | undefined {
  const bytes = readBytes(value);
  return bytes === undefined ? readDescriptors(value) : decodeRoutes(Uint8Array.from(bytes));
}

/** Decodes a sequence of width, significant octets of the destination, and router. */
function decodeRoutes(bytes: Uint8Array): readonly ClasslessRoute[] | undefined {
  const routes: ClasslessRoute[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const width = bytes[offset] ?? 0;
    const significant = Math.ceil(width / 8);
    const end = offset + 1 + significant + 4;
    if (width > 32 || end > bytes.length) return undefined;
    const destination = new Uint8Array(4);
    destination.set(bytes.subarray(offset + 1, offset + 1 + significant));
    routes.push(route(formatIpv4(destination, 0), width, formatIpv4(bytes, offset + 1 + significant)));
    offset = end;
  }
  return routes.length === 0 ? undefined : routes;
}

/** Parses the format of RHEL: `24.10.5.6 10.0.0.1, 0 10.0.0.254`. */
function readDescriptors(value: OptionValue): readonly ClasslessRoute[] | undefined {
  const routes: ClasslessRoute[] = [];
  for (const item of value) {
    const [descriptor, router] = item.map((token) => token.text);
    const match = /^(\d{1,2})((?:\.\d{1,3}){0,4})$/.exec(descriptor ?? '');
    const gateway = parseIp(router ?? '');
    if (match === null || gateway === undefined || item.length !== 2 || gateway.includes(':'))
      return undefined;
    const width = Number(match[1]);
    const octets = (match[2] ?? '').split('.').slice(1);
    const destination = parseIp([...octets, '0', '0', '0', '0'].slice(0, 4).join('.'));
    if (width > 32 || octets.length < Math.ceil(width / 8) || destination === undefined) return undefined;
    routes.push(route(destination, width, gateway));
  }
  return routes.length === 0 ? undefined : routes;
}

function route(
  destination: ReturnType<typeof formatIpv4>,
  width: number,
  router: ReturnType<typeof formatIpv4>,
): ClasslessRoute {
  const prefix = networkOf(destination, width);
  return router === '0.0.0.0' ? { destination: prefix } : { destination: prefix, gateway: router };
}
