/**
 * The client side of authentication (D-Bus Specification, "Authentication Protocol") with the mechanism
 * EXTERNAL: the bus gets the user id of the client from the kernel, and the one sent here must only match it.
 */
import { encodeUtf8 } from './utf8.ts';

/** Maximum length of a line from the server; libdbus allows 16 KiB. */
const maxLineLength = 16_384;

export type HandshakeStep =
  | { readonly kind: 'more' }
  /** The bus accepted the client; `rest` are bytes of messages that arrived already. */
  | { readonly kind: 'accepted'; readonly rest: Uint8Array }
  | { readonly kind: 'failed'; readonly problem: string };

export class Handshake {
  #line: number[] = [];

  /**
   * Returns what the client sends first. Messages may follow at once: the bus reads them only after it
   * accepted the client. Waiting for its answer would cost two round trips.
   */
  open(uid: number): Uint8Array {
    const digits = [...String(uid)].map((digit) => digit.charCodeAt(0).toString(16)).join('');
    return encodeUtf8(`\0AUTH EXTERNAL ${digits}\r\nBEGIN\r\n`);
  }

  push(bytes: Uint8Array): HandshakeStep {
    const newline = bytes.indexOf(0x0a);
    const taken = newline < 0 ? bytes.length : newline + 1;
    if (this.#line.length + taken > maxLineLength) return { kind: 'failed', problem: 'its line is too long' };
    this.#line.push(...bytes.subarray(0, taken));
    if (newline < 0) return { kind: 'more' };
    const line = String.fromCharCode(...this.#line);
    if (/^OK [0-9a-f]{32}\r\n$/i.test(line)) {
      return { kind: 'accepted', rest: bytes.subarray(taken) };
    }
    const problem = line.startsWith('REJECTED')
      ? 'the bus rejects this user'
      : 'the peer does not speak D-Bus';
    return { kind: 'failed', problem };
  }
}
