/** The names of errno numbers. */
import { constants } from 'node:os';

const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) {
  // EAGAIN and EWOULDBLOCK, EOPNOTSUPP and ENOTSUP have one number: keep the usual name.
  if (!names.has(number)) names.set(number, name);
}
names.set(constants.errno.EOPNOTSUPP, 'EOPNOTSUPP');
names.set(constants.errno.EAGAIN, 'EAGAIN');

/** `EEXIST`; `E` and the number for an unknown errno. */
export const errnoName = (errno: number): string => names.get(errno) ?? `E${errno}`;
