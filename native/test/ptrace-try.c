/*
 * ptrace-try PID... - tries to become the debugger of each process (PTRACE_SEIZE), and prints one word for each: `allowed`, or
 * the errno's name. What a hook would do that wants what the daemon has.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (ptrace(PTRACE_SEIZE, atoi(argv[i]), NULL, NULL) == 0) {
      puts("allowed");
      ptrace(PTRACE_DETACH, atoi(argv[i]), NULL, NULL);
    } else {
      puts(strerrorname_np(errno));
    }
  }
  return 0;
}
