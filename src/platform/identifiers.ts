/** Names and digests that the machine or the runtime gives. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** What runs this program: `bun 1.4.5`. */
export const runtimeName = (): string => `bun ${Bun.version}`;

/** The name of this machine, gethostname(2). It can change. */
export const hostName = (): string => hostname();

/** A UUIDv4 (RFC 9562). */
export const newUuid = (): string => randomUUID();

/** A digest for entity tags: fast, and never used where somebody could gain by a collision. */
export const textDigest = (text: string): string => Bun.hash(text).toString(36);
