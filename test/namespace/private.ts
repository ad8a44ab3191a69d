/** Some tests change users, links and files below /etc: they run in a private root, or not at all. */

/** Throws outside of `test/namespace/private-root.sh`, where what the test changes is the machine's own. */
export function assertPrivate(): void {
  if (process.env['NETEVD_PRIVATE_ROOT'] !== 'inner') {
    throw new Error(
      'this changes the machine: run it by `make test`, which gives it a root and a network of its own',
    );
  }
}
