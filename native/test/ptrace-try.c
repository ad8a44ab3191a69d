/*
 * ptrace-try PID... - tries to attach to each process as its debugger (PTRACE_SEIZE), and prints one result for
 * each: `allowed`, or the errno name. A hook that wants the daemon's privileges would do the same.
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
