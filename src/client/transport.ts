/** How requests reach the server. Injected: the same client works over a unix socket and in a browser. */

/** What of a request there is to say. */
export interface TransportRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Sends one request; `path` begins with `/`. Rejects without an answer, as fetch does. */
export type Transport = (path: string, request: TransportRequest) => Promise<Response>;

/** The part of `fetch` that is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A transport over `fetch`. `base` has no slash at its end; '' in a page of the server itself. */
export function fetchTransport(fetch: Fetch, base: string, token: () => string | undefined): Transport {
  return (path, { headers, ...request }) => {
    const secret = token();
    const authorization = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
    // netevd never redirects: another server, asked by mistake, could send a request to a third.
    return fetch(`${base}${path}`, {
      ...request,
      redirect: 'error',
      headers: { ...headers, ...authorization },
    });
  };
}
