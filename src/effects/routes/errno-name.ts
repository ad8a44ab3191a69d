/** The names of errno numbers, as the planner and the operator know them. */
import { constants } from 'node:os';

const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) {
  // EAGAIN and EWOULDBLOCK, EOPNOTSUPP and ENOTSUP have one number: the first name is the usual one.
  if (!names.has(number)) names.set(number, name);
}
names.set(constants.errno.EOPNOTSUPP, 'EOPNOTSUPP');
names.set(constants.errno.EAGAIN, 'EAGAIN');

/** `EEXIST`; `E` and the number where it has no name. */
export const errnoName = (errno: number): string => names.get(errno) ?? `E${errno}`;
