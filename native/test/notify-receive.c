/*
 * notify-receive PATH - binds an AF_UNIX datagram socket (PATH with a leading @: abstract), prints "ready",
 * and then each datagram as one line: CLOCK_MONOTONIC in microseconds, a space, the text with its line feeds
 * as '|'. This is what a service manager gets from sd_notify(3).
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

static int bind_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length >= sizeof address.sun_path) return -1;
  memcpy(address.sun_path, path, length + 1);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
  if (path[0] == '@') {
    address.sun_path[0] = '\0';
    size--;
  }
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  return fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 ? fd : -1;
}

int main(int argc, char **argv) {
  static char buffer[65536];
  int fd = argc == 2 ? bind_to(argv[1]) : -1;
  if (fd < 0) {
    perror("notify-receive");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  for (;;) {
    ssize_t length = recv(fd, buffer, sizeof buffer - 1, 0);
    if (length < 0) return 1;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (ssize_t i = 0; i < length; i++) {
      if (buffer[i] == '\n') buffer[i] = '|';
    }
    printf("%lld %.*s\n", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000, (int)length, buffer);
    fflush(stdout);
  }
}
