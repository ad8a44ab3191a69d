/*
 * landlock-abi - prints the version of Landlock's interface (landlock_create_ruleset(2)), 0 where the kernel has none. Signal
 * scopes are there from 6 on.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SYS_LANDLOCK_CREATE_RULESET = 444, CREATE_RULESET_VERSION = 1 };

int main(void) {
  long version = syscall(SYS_LANDLOCK_CREATE_RULESET, NULL, 0UL, (unsigned)CREATE_RULESET_VERSION);
  printf("%ld\n", version < 0 ? 0 : version);
  return 0;
}
