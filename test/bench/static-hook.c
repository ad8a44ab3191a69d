/* The quickest hook there can be: a static program whose first line writes one byte into ./fifo beside it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char path[4096];
  const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
  if (!slash || snprintf(path, sizeof path, "%.*s/fifo", (int)(slash - argv[0]), argv[0]) >= (int)sizeof path) return 1;
  int fd = open(path, O_WRONLY);
  return fd >= 0 && write(fd, "x", 1) == 1 ? 0 : 1;
}
