/* cpu-of PID: microseconds of CPU that a process has used, threads that have ended included, as the scheduler counts them. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
  clockid_t clock;
  struct timespec used;
  if (argc != 2 || clock_getcpuclockid(atoi(argv[1]), &clock) != 0 || clock_gettime(clock, &used) != 0) return 1;
  printf("%lld\n", (long long)used.tv_sec * 1000000 + used.tv_nsec / 1000);
  return 0;
}
