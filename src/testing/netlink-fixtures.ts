/** The datagrams and the output of iproute2 that test/fixtures/netlink/capture.sh has captured. */
import { readdirSync, readFileSync } from 'node:fs';
import { type MessageHeader, parseMessages } from '../wire/netlink/message.ts';

const root = new URL('../../test/fixtures/netlink/', import.meta.url);

export const scenarios = ['addresses', 'errors', 'links', 'names', 'routes', 'rules'] as const;
export type Scenario = (typeof scenarios)[number];
export type DumpName = 'links' | 'addresses' | 'routes' | 'rules';

/** One message and its datagram. */
export interface CapturedMessage {
  readonly header: MessageHeader;
  readonly datagram: Uint8Array;
}

/** The datagrams of a fixture file, in order. */
export function capturedDatagrams(scenario: string, file: string): Uint8Array[] {
  return readFileSync(new URL(`${scenario}/${file}`, root), 'latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Uint8Array.fromHex(line));
}

/** The messages of a fixture file, in order. Fails where a datagram does not decode. */
export function capturedMessages(scenario: string, file: string): CapturedMessage[] {
  const messages: CapturedMessage[] = [];
  for (const datagram of capturedDatagrams(scenario, file)) {
    const result = parseMessages(datagram, 0, datagram.length, (header) =>
      messages.push({ header, datagram }),
    );
    if (!result.ok) throw new Error(`${scenario}/${file}: ${JSON.stringify(result)}`);
  }
  return messages;
}

/** Every captured datagram. */
export function allDatagrams(): Uint8Array[] {
  return scenarios.flatMap((scenario) =>
    readdirSync(new URL(`${scenario}/`, root))
      .filter((file) => file.endsWith('.hex'))
      .flatMap((file) => capturedDatagrams(scenario, file)),
  );
}

/**
 * The output of `ip -j -d -N` at the moment of a dump: all its lists as one. Bytes that are not UTF-8 are read as Latin-1,
 * so that none is lost; control characters, which ip leaves as they are, are escaped as JSON demands.
 */
export function ipOutput(scenario: Scenario, dump: DumpName): Readonly<Record<string, unknown>>[] {
  return readFileSync(new URL(`${scenario}/${dump}.jsonl`, root), 'latin1')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line.replace(/\p{Cc}/gu, escapeControl)) as Record<string, unknown>[]);
}

const escapeControl = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
