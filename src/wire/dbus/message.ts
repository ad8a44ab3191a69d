/** Parses and encodes messages (D-Bus Specification, "Message Format"); arguments only on request. */
import { isBusInterfaceName, isMemberName, isObjectPath, isUniqueName, isWellKnownName } from './names.ts';
import { Reader, readValue } from './reader.ts';
import { type BusType, parseSignature } from './signature.ts';
import { type BusBody, type BusValue, unwrap } from './value.ts';
import { Writer, writeValues } from './writer.ts';

export const MessageKind = { call: 1, reply: 2, error: 3, signal: 4 } as const;

/** Flags of a call: no reply expected; do not start the service for it. */
export const MessageFlag = { noReplyExpected: 1, noAutoStart: 2 } as const;

/** Bytes before the array of header fields. */
export const fixedHeaderLength = 16;

/** The header fields of a message; missing ones are absent. */
export interface BusMessageHeader {
  /** A `MessageKind`, or a kind of a later version of the protocol. */
  readonly kind: number;
  readonly flags: number;
  readonly serial: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly destination?: string;
  readonly sender?: string;
  readonly signature: string;
}

/** A received message; its bytes are valid until the next ones are read. */
export interface Message {
  readonly header: BusMessageHeader;
  /** The marshalled arguments; absent if they were too long. */
  readonly body?: MarshalledBody;
}

export interface MarshalledBody {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly isLittle: boolean;
}

/** The length of a message, from its first sixteen bytes. */
export interface MessageSize {
  /** Fixed part, fields and padding. */
  readonly header: number;
  readonly body: number;
}

export type BusParseResult<T> =
  | ({ readonly ok: true } & T)
  | { readonly ok: false; readonly problem: string };

const invalid = (problem: string): { readonly ok: false; readonly problem: string } => ({
  ok: false,
  problem,
});

const littleEndian = 0x6c;
const bigEndian = 0x42;
const protocolVersion = 1;
/** 128 MiB in all, at most 64 for the array of fields (D-Bus Specification, "Message Format"). */
const maxMessageLength = 2 ** 27;
const maxFieldsLength = 2 ** 26;

/** Parses the length of a message. `bytes` must have sixteen bytes or more from `offset`. */
export function parseSize(bytes: Uint8Array, offset: number): BusParseResult<MessageSize> {
  const order = bytes[offset];
  if (order !== littleEndian && order !== bigEndian) return invalid('a message has no byte order');
  if (bytes[offset + 3] !== protocolVersion) return invalid('a message is not of version 1 of the protocol');
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, fixedHeaderLength);
  const isLittle = order === littleEndian;
  const body = view.getUint32(4, isLittle);
  const fields = view.getUint32(12, isLittle);
  const header = fixedHeaderLength + Math.ceil(fields / 8) * 8;
  if (fields > maxFieldsLength || header + body > maxMessageLength) {
    return invalid(`a message of ${header + body} bytes is longer than the protocol allows`);
  }
  return { ok: true, header, body };
}

const fieldNames: readonly (keyof BusMessageHeader | undefined)[] = [
  undefined,
  'path',
  'interface',
  'member',
  'errorName',
  'replySerial',
  'destination',
  'sender',
  'signature',
];

const isAnyName = (name: string): boolean => isUniqueName(name) || isWellKnownName(name);

/** The type of each field and the check of its value. */
const fieldRules: Readonly<Record<string, readonly [signature: string, isValid: (text: string) => boolean]>> =
  {
    path: ['o', isObjectPath],
    interface: ['s', isBusInterfaceName],
    member: ['s', isMemberName],
    errorName: ['s', isBusInterfaceName],
    destination: ['s', isAnyName],
    sender: ['s', isAnyName],
    signature: ['g', (text) => parseSignature(text) !== undefined],
  };

const fieldType: BusType = {
  code: '(',
  inner: [
    { code: 'y', inner: [] },
    { code: 'v', inner: [] },
  ],
};

/** Parses the header of the message at `offset`; `bytes` must contain all `size.header` bytes. */
export function parseHeader(
  bytes: Uint8Array,
  offset: number,
  size: MessageSize,
): BusParseResult<{ header: BusMessageHeader; isLittle: boolean }> {
  const isLittle = bytes[offset] === littleEndian;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, fixedHeaderLength);
  const kind = bytes[offset + 1] as number;
  const serial = view.getUint32(8, isLittle);
  if (kind === 0 || serial === 0) return invalid('a message has no type or no serial');
  const fieldsEnd = offset + fixedHeaderLength + view.getUint32(12, isLittle);
  const range = { origin: offset, from: offset + fixedHeaderLength, to: fieldsEnd };
  const reader = new Reader(bytes, range, isLittle);
  const header: Record<string, string | number> = {
    kind,
    flags: bytes[offset + 2] as number,
    serial,
    signature: '',
  };
  while (reader.problem === undefined && reader.at < fieldsEnd) {
    const [code, value] = readValue(reader, fieldType, 1) as readonly BusValue[];
    if (reader.problem === undefined) takeField(header, reader, Number(code), value as BusValue);
  }
  if (reader.problem !== undefined) return invalid(reader.problem);
  const complete = header as unknown as BusMessageHeader;
  const missing = missingField(complete);
  if (missing !== undefined) return invalid(`a message lacks its ${missing}`);
  if (size.body > 0 && complete.signature === '') return invalid('a message has arguments and no signature');
  return { ok: true, header: complete, isLittle };
}

/** Stores a field in the header; ignores unknown fields, as the specification requires. */
function takeField(
  header: Record<string, string | number>,
  reader: Reader,
  code: number,
  variant: BusValue,
): void {
  const name = fieldNames[code];
  if (name === undefined) return;
  const value = unwrap(variant);
  const signature = (variant as { readonly signature: string }).signature;
  if (name === 'replySerial') {
    if (signature === 'u' && value !== 0) header[name] = value as number;
    else reader.fail('the serial of a reply is none');
    return;
  }
  const [type, isValid] = fieldRules[name] as (typeof fieldRules)[string];
  if (signature === type && typeof value === 'string' && isValid(value)) header[name] = value;
  else reader.fail(`the ${name} of a message is none`);
}

function missingField(header: BusMessageHeader): string | undefined {
  const required: Readonly<Record<number, readonly (keyof BusMessageHeader)[]>> = {
    [MessageKind.call]: ['path', 'member'],
    [MessageKind.reply]: ['replySerial'],
    [MessageKind.error]: ['replySerial', 'errorName'],
    [MessageKind.signal]: ['path', 'interface', 'member'],
  };
  return required[header.kind]?.find((name) => header[name] === undefined);
}

/** Parses the arguments of a message. */
export function parseBody(message: Message): BusParseResult<{ values: readonly BusValue[] }> {
  const { header, body } = message;
  if (body === undefined) return invalid('the arguments were too long');
  const types = parseSignature(header.signature) ?? [];
  const { bytes, from, to, isLittle } = body;
  const reader = new Reader(bytes, { origin: from, from, to }, isLittle);
  const values: BusValue[] = [];
  for (const type of types) {
    values.push(readValue(reader, type, 1));
    if (reader.problem !== undefined) return invalid(reader.problem);
  }
  if (reader.at !== to) return invalid(`${to - reader.at} bytes are left over`);
  return { ok: true, values };
}

export type OutgoingMessage = Omit<BusMessageHeader, 'signature' | 'sender'> & { readonly body?: BusBody };

/** Encodes a message. Throws if its values do not match the signature, which is a bug. */
export function encodeMessage(message: OutgoingMessage): Uint8Array {
  const { signature, values } = message.body ?? { signature: '', values: [] };
  const body = new Writer();
  writeValues(body, signature, values);
  const writer = new Writer();
  for (const byte of [littleEndian, message.kind, message.flags, protocolVersion]) writer.uint8(byte);
  writer.uint32(body.size);
  writer.uint32(message.serial);
  writer.uint32(0);
  for (const [code, name] of fieldNames.entries()) {
    const value =
      name === 'signature' ? signature || undefined : name && message[name as keyof OutgoingMessage];
    if (name === undefined || value === undefined) continue;
    const type = name === 'replySerial' ? 'u' : (fieldRules[name] as (typeof fieldRules)[string])[0];
    writer.align(8);
    writer.uint8(code);
    writer.signature(type);
    writeValues(writer, type, [value as string | number]);
  }
  writer.patch(12, writer.size - fixedHeaderLength);
  writer.align(8);
  writer.raw(body.finish());
  return writer.finish();
}
