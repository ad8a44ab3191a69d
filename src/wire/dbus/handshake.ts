/**
 * How a client tells a bus who it is (D-Bus Specification, "Authentication Protocol"), by the mechanism EXTERNAL: the bus
 * asks the kernel for the user id of the socket's other end, so what is said here must only agree with it.
 */
import { encodeUtf8 } from './utf8.ts';

/** A line of a server is shorter than this; libdbus allows 16 KiB. */
const maxLineLength = 16_384;

export type HandshakeStep =
  | { readonly kind: 'more' }
  /** The bus knows us; `rest` are bytes of messages that came already. */
  | { readonly kind: 'accepted'; readonly rest: Uint8Array }
  | { readonly kind: 'failed'; readonly problem: string };

export class Handshake {
  #line: number[] = [];

  /**
   * What the client sends first. Messages may follow it at once: the bus reads on when it has let us in, and does not
   * otherwise. Waiting for its leave would cost two round trips.
   */
  open(uid: number): Uint8Array {
    const digits = [...String(uid)].map((digit) => digit.charCodeAt(0).toString(16)).join('');
    return encodeUtf8(`\0AUTH EXTERNAL ${digits}\r\nBEGIN\r\n`);
  }

  push(bytes: Uint8Array): HandshakeStep {
    const newline = bytes.indexOf(0x0a);
    const taken = newline < 0 ? bytes.length : newline + 1;
    if (this.#line.length + taken > maxLineLength) return { kind: 'failed', problem: 'its line has no end' };
    this.#line.push(...bytes.subarray(0, taken));
    if (newline < 0) return { kind: 'more' };
    const line = String.fromCharCode(...this.#line);
    if (/^OK [0-9a-f]{32}\r\n$/i.test(line)) {
      return { kind: 'accepted', rest: bytes.subarray(taken) };
    }
    const problem = line.startsWith('REJECTED') ? 'it does not let this user in' : 'it does not speak D-Bus';
    return { kind: 'failed', problem };
  }
}
