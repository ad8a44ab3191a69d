/** Where the daemon answers. Pure. */

export type Endpoint =
  /** `isOff`: the configuration has `api.enabled: false`. */
  | { readonly kind: 'unix'; readonly path: string; readonly isOff?: true }
  /** `url` has no slash at its end. */
  | { readonly kind: 'http'; readonly url: string };

export type ParsedEndpoint =
  | { readonly ok: true; readonly endpoint: Endpoint }
  | { readonly ok: false; readonly problem: string };

/** Parses `--endpoint`: `unix:/path`, `unix:///path`, `http://host:port` or `https://host:port`. */
export function parseEndpoint(text: string): ParsedEndpoint {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length).replace(/^\/\/(?=\/)/, '');
    if (path.startsWith('/')) return { ok: true, endpoint: { kind: 'unix', path } };
    return { ok: false, problem: `'${text}' needs an absolute path: unix:/run/netevd/netevd.sock` };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return {
      ok: false,
      problem: `'${text}' is neither unix:/path nor http://host:port nor https://host:port`,
    };
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return { ok: false, problem: `'${text}' may have a host, a port and a path only` };
  }
  return { ok: true, endpoint: { kind: 'http', url: url.href.replace(/\/+$/, '') } };
}

/** The endpoint as a person writes it. */
export const endpointText = (endpoint: Endpoint): string =>
  endpoint.kind === 'unix' ? endpoint.path : endpoint.url;
