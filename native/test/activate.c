/*
 * activate SOCKET MODE PROGRAM [ARG...] - becomes PROGRAM with a listening socket as descriptor 3, as the service manager
 * does for a socket unit (sd_listen_fds(3)). SOCKET is replaced; MODE is octal.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void fail(const char *what) {
  fprintf(stderr, "activate: %s: %s\n", what, strerror(errno));
  exit(1);
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char pid[16];
  if (argc < 4 || strlen(argv[1]) >= sizeof address.sun_path) {
    fprintf(stderr, "usage: activate SOCKET MODE PROGRAM [ARG...]\n");
    return 2;
  }
  strcpy(address.sun_path, argv[1]);
  unlink(argv[1]);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail(argv[1]);
  if (chmod(argv[1], (mode_t)strtol(argv[2], NULL, 8)) < 0 || listen(listener, 128) < 0) fail(argv[1]);
  if (listener != 3 && (dup2(listener, 3) < 0 || close(listener) < 0)) fail("descriptor 3");
  snprintf(pid, sizeof pid, "%d", (int)getpid());
  setenv("LISTEN_PID", pid, 1);
  setenv("LISTEN_FDS", "1", 1);
  execv(argv[3], argv + 3);
  fail(argv[3]);
}
