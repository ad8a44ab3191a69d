/** Messages (D-Bus Specification, "Message Format"): the header at once, the arguments when somebody wants them. */
import { isInterfaceName, isMemberName, isObjectPath, isUniqueName, isWellKnownName } from './names.ts';
import { Reader, readValue } from './reader.ts';
import { type BusType, parseSignature } from './signature.ts';
import { type BusBody, type BusValue, unwrap } from './value.ts';
import { Writer, writeValues } from './writer.ts';

export const MessageKind = { call: 1, reply: 2, error: 3, signal: 4 } as const;

/** Flags of a call: nobody wants an answer; and a service that is not running is not to be started for it. */
export const MessageFlag = { noReplyExpected: 1, noAutoStart: 2 } as const;

/** Bytes before the array of header fields. */
export const fixedHeaderLength = 16;

/** What the header says. What it does not say is absent. */
export interface MessageHeader {
  /** A `MessageKind`, or one that a later version of the protocol will know. */
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

/** A message as it came; its bytes are only good until the next ones are read. */
export interface Message {
  readonly header: MessageHeader;
  /** Where its arguments are; absent where they were too long to keep. */
  readonly body?: MarshalledBody;
}

export interface MarshalledBody {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly isLittle: boolean;
}

/** How long a message is, from its first sixteen bytes. */
export interface MessageSize {
  /** Fixed part, fields and padding. */
  readonly header: number;
  readonly body: number;
}

export type Parsed<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly problem: string };

const bad = (problem: string): { readonly ok: false; readonly problem: string } => ({ ok: false, problem });

const littleEndian = 0x6c;
const bigEndian = 0x42;
const protocolVersion = 1;
/** 128 MiB in all, of which the array of fields can take 64 (D-Bus Specification, "Message Format"). */
const maxMessageLength = 2 ** 27;
const maxFieldsLength = 2 ** 26;

/** `bytes` has sixteen or more from `offset` on. */
export function parseSize(bytes: Uint8Array, offset: number): Parsed<MessageSize> {
  const order = bytes[offset];
  if (order !== littleEndian && order !== bigEndian) return bad('a message has no byte order');
  if (bytes[offset + 3] !== protocolVersion) return bad('a message is not of version 1 of the protocol');
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, fixedHeaderLength);
  const isLittle = order === littleEndian;
  const body = view.getUint32(4, isLittle);
  const fields = view.getUint32(12, isLittle);
  const header = fixedHeaderLength + Math.ceil(fields / 8) * 8;
  if (fields > maxFieldsLength || header + body > maxMessageLength) {
    return bad(`a message of ${header + body} bytes is longer than the protocol allows`);
  }
  return { ok: true, header, body };
}

const fieldNames: readonly (keyof MessageHeader | undefined)[] = [
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

/** What a field must look like, and of which type it is. */
const fieldRules: Readonly<Record<string, readonly [signature: string, isValid: (text: string) => boolean]>> =
  {
    path: ['o', isObjectPath],
    interface: ['s', isInterfaceName],
    member: ['s', isMemberName],
    errorName: ['s', isInterfaceName],
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

/** Reads the header of a message that lies in `bytes` from `offset` on, all `size.header` bytes of it. */
export function parseHeader(
  bytes: Uint8Array,
  offset: number,
  size: MessageSize,
): Parsed<{ header: MessageHeader; isLittle: boolean }> {
  const isLittle = bytes[offset] === littleEndian;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, fixedHeaderLength);
  const kind = bytes[offset + 1] as number;
  const serial = view.getUint32(8, isLittle);
  if (kind === 0 || serial === 0) return bad('a message has no type or no serial');
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
  if (reader.problem !== undefined) return bad(reader.problem);
  const complete = header as unknown as MessageHeader;
  const missing = missingField(complete);
  if (missing !== undefined) return bad(`a message lacks its ${missing}`);
  if (size.body > 0 && complete.signature === '') return bad('a message has arguments and no signature');
  return { ok: true, header: complete, isLittle };
}

/** Fields that are not known are left out, as the specification wants it. */
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

function missingField(header: MessageHeader): string | undefined {
  const required: Readonly<Record<number, readonly (keyof MessageHeader)[]>> = {
    [MessageKind.call]: ['path', 'member'],
    [MessageKind.reply]: ['replySerial'],
    [MessageKind.error]: ['replySerial', 'errorName'],
    [MessageKind.signal]: ['path', 'interface', 'member'],
  };
  return required[header.kind]?.find((name) => header[name] === undefined);
}

/** The arguments of a message. */
export function parseBody(message: Message): Parsed<{ values: readonly BusValue[] }> {
  const { header, body } = message;
  if (body === undefined) return bad('the arguments were too long');
  const types = parseSignature(header.signature) ?? [];
  const { bytes, from, to, isLittle } = body;
  const reader = new Reader(bytes, { origin: from, from, to }, isLittle);
  const values: BusValue[] = [];
  for (const type of types) {
    values.push(readValue(reader, type, 1));
    if (reader.problem !== undefined) return bad(reader.problem);
  }
  if (reader.at !== to) return bad(`${to - reader.at} bytes are left over`);
  return { ok: true, values };
}

export type OutgoingMessage = Omit<MessageHeader, 'signature' | 'sender'> & { readonly body?: BusBody };

/** A message of our own. Throws where it is none: that is a bug. */
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
