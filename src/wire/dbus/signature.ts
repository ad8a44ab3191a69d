/** Parses signatures: the types of values (D-Bus Specification, "Type Signatures"). */

/**
 * A complete type: its code, and the types that it contains. `{` is an entry of a dictionary, key and value.
 */
export interface BusType {
  readonly code: string;
  readonly inner: readonly BusType[];
}

const basicCodes = 'ybnqiuxtdsogh';
const maxSignatureLength = 255;
/** Maximum nesting of arrays and of structs, each (D-Bus Specification, "Valid Signatures"). */
const maxNesting = 32;

const isBasic = (code: string): boolean => code.length === 1 && basicCodes.includes(code);

/** Returns the complete types of a signature; undefined if it is invalid. */
export function parseSignature(text: string): readonly BusType[] | undefined {
  if (text.length > maxSignatureLength) return undefined;
  const types: BusType[] = [];
  let at = 0;
  while (at < text.length) {
    const one = completeType(text, at, 0, 0);
    if (one === undefined) return undefined;
    types.push(one.type);
    at = one.end;
  }
  return types;
}

interface ParsedType {
  readonly type: BusType;
  readonly end: number;
}

function completeType(text: string, at: number, arrays: number, structs: number): ParsedType | undefined {
  const code = text.charAt(at);
  if (isBasic(code) || code === 'v') return { type: { code, inner: [] }, end: at + 1 };
  if (code === 'a' && arrays < maxNesting) return arrayType(text, at, arrays + 1, structs);
  if (code === '(' && structs < maxNesting) return structType(text, at, arrays, structs + 1);
  return undefined;
}

function arrayType(text: string, at: number, arrays: number, structs: number): ParsedType | undefined {
  const element =
    text.charAt(at + 1) === '{'
      ? entryType(text, at + 1, arrays, structs + 1)
      : completeType(text, at + 1, arrays, structs);
  return element && { type: { code: 'a', inner: [element.type] }, end: element.end };
}

function structType(text: string, at: number, arrays: number, structs: number): ParsedType | undefined {
  const inner: BusType[] = [];
  let next = at + 1;
  while (text.charAt(next) !== ')') {
    const member = completeType(text, next, arrays, structs);
    if (member === undefined) return undefined;
    inner.push(member.type);
    next = member.end;
  }
  return inner.length === 0 ? undefined : { type: { code: '(', inner }, end: next + 1 };
}

function entryType(text: string, at: number, arrays: number, structs: number): ParsedType | undefined {
  if (structs > maxNesting || !isBasic(text.charAt(at + 1))) return undefined;
  const key: BusType = { code: text.charAt(at + 1), inner: [] };
  const value = completeType(text, at + 2, arrays, structs);
  if (value === undefined || text.charAt(value.end) !== '}') return undefined;
  return { type: { code: '{', inner: [key, value.type] }, end: value.end + 1 };
}

/** Returns the alignment of a type in bytes (D-Bus Specification, "Marshaling"). */
export function alignmentOf(code: string): 1 | 2 | 4 | 8 {
  if ('ygv'.includes(code)) return 1;
  if ('nq'.includes(code)) return 2;
  return 'xtd({'.includes(code) ? 8 : 4;
}
