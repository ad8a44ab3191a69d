/*
 * From exec to READY=1: starts a service as a service manager would, prints the microseconds until it says that it is ready,
 * ends it with SIGTERM and waits for it.
 *
 *   start-to-ready PROGRAM [ARGUMENT...]
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* An abstract name: nothing to clean up. */
static int listen_for_news(void) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  char text[64];
  int length = snprintf(text, sizeof text, "@netevd-start-%d", (int)getpid());
  memcpy(name.sun_path + 1, text + 1, (size_t)length - 1);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&name, (socklen_t)(sizeof name.sun_family + (size_t)length)) < 0) fail("bind");
  setenv("NOTIFY_SOCKET", text, 1);
  return fd;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fputs("usage: start-to-ready PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  const int news = listen_for_news();
  char message[4096];
  pid_t pid;
  int status;
  const int64_t start = now_us();
  if (posix_spawn(&pid, argv[1], NULL, NULL, argv + 1, environ) != 0) fail(argv[1]);
  for (;;) {
    struct pollfd readable = {.fd = news, .events = POLLIN};
    if (poll(&readable, 1, 10000) != 1) {
      kill(pid, SIGKILL);
      fputs("not ready within ten seconds\n", stderr);
      return 1;
    }
    ssize_t length = recv(news, message, sizeof message - 1, 0);
    if (length < 0) fail("recv");
    message[length] = '\0';
    if (strncmp(message, "READY=1", 7) == 0 || strstr(message, "\nREADY=1")) break;
  }
  printf("%lld\n", (long long)(now_us() - start));
  kill(pid, SIGTERM);
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fputs("it did not end well\n", stderr);
    return 1;
  }
  return 0;
}
