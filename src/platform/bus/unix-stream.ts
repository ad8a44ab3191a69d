/**
 * A stream socket in the file system or in the abstract namespace. Buffers what the peer does not read yet.
 */
import type { BusAddress } from '../../wire/dbus/address.ts';

export interface StreamHandlers {
  opened(): void;
  /** The bytes are valid until this returns. */
  received(bytes: Uint8Array): void;
  /** Called once, last; also where the stream never opened. */
  closed(reason: string): void;
}

export interface ByteStream {
  /** Keeps the bytes. If the peer does not read, the stream is closed in the end. */
  write(bytes: Uint8Array): void;
  /** Closes the stream; `closed` is not called. */
  close(): void;
}

export type OpenStream = (address: BusAddress, handlers: StreamHandlers) => ByteStream;

/** A peer that leaves this many bytes unread counts as gone. */
const maxUnsent = 1_048_576;

export const openUnixStream: OpenStream = (address, handlers) => new UnixStream(address, handlers);

class UnixStream implements ByteStream {
  readonly #handlers: StreamHandlers;
  #socket: Bun.Socket | undefined;
  #unsent: Uint8Array[] = [];
  #unsentLength = 0;
  #isOver = false;

  constructor(address: BusAddress, handlers: StreamHandlers) {
    this.#handlers = handlers;
    const unix = address.kind === 'path' ? address.path : `\0${address.name}`;
    const connecting = Bun.connect({
      unix,
      socket: {
        open: (socket) => this.#open(socket),
        data: (_socket, bytes) => {
          if (!this.#isOver) handlers.received(bytes);
        },
        drain: () => this.#flush(),
        close: (_socket, error) => this.#end(error?.message ?? 'closed by the peer'),
        error: (_socket, error) => this.#end(error.message),
      },
    });
    connecting.catch((cause: unknown) => this.#end(cause instanceof Error ? cause.message : String(cause)));
  }

  write(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#unsent.push(bytes);
    this.#unsentLength += bytes.length;
    this.#flush();
    if (this.#unsentLength > maxUnsent) this.#end('the peer does not read');
  }

  close(): void {
    this.#isOver = true;
    this.#unsent = [];
    this.#socket?.terminate();
  }

  #open(socket: Bun.Socket): void {
    if (this.#isOver) {
      socket.terminate();
      return;
    }
    this.#socket = socket;
    this.#handlers.opened();
  }

  #flush(): void {
    const socket = this.#socket;
    while (socket !== undefined && !this.#isOver) {
      const first = this.#unsent[0];
      if (first === undefined) return;
      const written = socket.write(first);
      if (written < 0) return;
      this.#unsentLength -= written;
      if (written < first.length) {
        this.#unsent[0] = first.subarray(written);
        return;
      }
      this.#unsent.shift();
    }
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.close();
    this.#handlers.closed(reason);
  }
}
