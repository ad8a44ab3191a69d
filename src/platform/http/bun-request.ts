/** Requests and answers of the runtime's HTTP server as those of `ports/http.ts`. */
import type {
  BodyRead,
  BodyStream,
  HttpAnswer,
  HttpCaller,
  HttpHandler,
  HttpRequest,
} from '../../ports/http.ts';

/** Answers a request of `Bun.serve`. */
export async function answerRequest(
  request: Request,
  caller: HttpCaller,
  handler: HttpHandler,
): Promise<Response> {
  return toResponse(await handler(fromRequest(request, caller)), request.method === 'HEAD');
}

/** The target is taken as text: the authority that the runtime puts before it comes from the header Host. */
function fromRequest(request: Request, caller: HttpCaller): HttpRequest {
  const [target = '/'] = request.url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').split('#');
  const [path = '/', ...query] = target.split('?');
  return {
    method: request.method,
    path: path === '' ? '/' : path,
    query: query.join('?'),
    caller,
    header: (name) => request.headers.get(name) ?? undefined,
    body: (limit) => readBody(request, limit),
  };
}

async function readBody(request: Request, limit: number): Promise<BodyRead> {
  if (Number(request.headers.get('content-length')) > limit) return { ok: false, problem: 'too-large' };
  if (request.body === null) return { ok: true, bytes: new Uint8Array() };
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of request.body) {
      size += piece.length;
      if (size > limit) return { ok: false, problem: 'too-large' };
      pieces.push(piece);
    }
  } catch {
    // The runtime says nothing better than that the connection ended.
    return { ok: false, problem: 'cut' };
  }
  return { ok: true, bytes: Buffer.concat(pieces) };
}

/** HEAD has the headers of GET; its body is left out, and a stream is not begun. */
function toResponse({ status, headers, body }: HttpAnswer, isHead: boolean): Response {
  if (body.kind === 'stream') {
    if (!isHead) return new Response(readable(body.stream), { status, headers });
    body.stream.cancel();
    return new Response(null, { status, headers });
  }
  return new Response(body.kind === 'bytes' ? body.bytes : null, { status, headers });
}

/**
 * Pulled: one joined piece for each time that the socket takes one. Against a stream that is pushed into, this costs a
 * fifth of the CPU time with 200 readers, and what waits stays in a queue that its owner can bound.
 */
function readable(stream: BodyStream): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) =>
        new Promise<void>((resolve) => {
          const step = (): void => {
            const piece = stream.take();
            if (piece === undefined) {
              stream.whenReady(step);
              return;
            }
            if (piece === null) controller.close();
            else controller.enqueue(piece);
            resolve();
          };
          step();
        }),
      cancel: () => stream.cancel(),
    },
    { highWaterMark: 0 },
  );
}
