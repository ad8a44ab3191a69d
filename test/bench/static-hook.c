/*
 * The quickest hook there can be: a static program that looks at the clock first, and then writes that time, and the one in
 * STARTED, into the FIFO above its directory.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  char path[4096], line[64];
  const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL, *started = getenv("STARTED");
  if (!slash || snprintf(path, sizeof path, "%.*s/../fifo", (int)(slash - argv[0]), argv[0]) >= (int)sizeof path) return 1;
  int length = snprintf(line, sizeof line, "%.1f %s\n", (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3, started ? started : "0");
  int fd = open(path, O_WRONLY);
  return fd >= 0 && write(fd, line, (size_t)length) == length ? 0 : 1;
}
