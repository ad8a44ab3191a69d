/*
 * The limit of what a network event daemon can do: a C program that waits for netlink and starts a hook with posix_spawn.
 * And the stopwatch, the same for this program and for any other daemon.
 *
 *   event-to-hook serve LINK HOOK             prints "ready"; starts HOOK each time LINK goes down
 *   event-to-hook measure LINK FIFO   for each line that it reads: takes LINK down and up, and prints the microseconds from
 *                                     before the system call until the hook's first line, and those from before
 *                                     posix_spawn, where the hook knows that (else 0)
 *
 * The hook writes one line into FIFO. Where that is two numbers, they are the time of its first line and the time before
 * posix_spawn, in microseconds of CLOCK_MONOTONIC; where not, the time is taken when the line arrives.
 *
 * Run inside a network namespace with a veth pair (event-to-hook.ts).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* ---- the daemon ---- */

static void start_hook(char *hook) {
  static char started[64];
  static char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LINK=one", "STATE=off", started, NULL};
  char *const argv[] = {hook, NULL};
  posix_spawnattr_t attributes;
  sigset_t all, none;
  pid_t pid;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  snprintf(started, sizeof started, "STARTED=%.0f", now_us());
  int error = posix_spawn(&pid, hook, NULL, &attributes, argv, environment);
  posix_spawnattr_destroy(&attributes);
  if (error) {
    errno = error;
    fail("posix_spawn");
  }
}

/* Whether the datagram says that the link went down; *was_up is kept from one to the next. */
static bool went_down(const struct nlmsghdr *header, size_t left, int index, bool *was_up) {
  bool down = false;
  for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
    const struct ifinfomsg *link = NLMSG_DATA(header);
    if (header->nlmsg_type != RTM_NEWLINK || link->ifi_index != index) continue;
    bool up = link->ifi_flags & IFF_UP;
    down = down || (*was_up && !up);
    *was_up = up;
  }
  return down;
}

static void serve(const char *link, char *hook) {
  static uint8_t buffer[65536] __attribute__((aligned(8)));
  struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), index = (int)if_nametoindex(link);
  bool was_up = true;
  if (fd < 0 || index == 0 || bind(fd, (struct sockaddr *)&self, sizeof self) < 0) fail("netlink");
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    if (poll(&readable, 1, -1) < 0) fail("poll");
    ssize_t length = recv(fd, buffer, sizeof buffer, 0);
    if (length < 0) fail("recv");
    if (went_down((const struct nlmsghdr *)buffer, (size_t)length, index, &was_up)) start_hook(hook);
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
  }
}

/* ---- the stopwatch ---- */

static void set_up(int fd, const char *link, bool up) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", link);
  if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) fail("SIOCGIFFLAGS");
  request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
  if (ioctl(fd, SIOCSIFFLAGS, &request) < 0) fail("SIOCSIFFLAGS");
}

static void measure(const char *link, const char *path) {
  /* For writing too: so it never comes to its end between two hooks. */
  int fifo = open(path, O_RDWR | O_CLOEXEC), control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const struct timespec quiet = {0, 8 * 1000 * 1000}; /* a quiet machine: each event for itself */
  if (fifo < 0 || control < 0) fail(path);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    struct pollfd readable = {.fd = fifo, .events = POLLIN};
    set_up(control, link, true);
    nanosleep(&quiet, NULL);
    double start = now_us();
    set_up(control, link, false);
    if (poll(&readable, 1, 5000) != 1) fail("no hook ran within five seconds");
    double arrived = now_us(), end = 0, spawned = 0;
    ssize_t length = read(fifo, line, sizeof line - 1); /* the whole line: what is left would be the next sample */
    if (length < 1) fail("read");
    line[length] = '\0';
    if (sscanf(line, "%lf %lf", &end, &spawned) < 1 || end == 0) end = arrived;
    nanosleep(&quiet, NULL);
    printf("%.1f %.1f\n", end - start, spawned == 0 ? 0 : end - spawned);
    fflush(stdout);
  }
}

int main(int argc, char **argv) {
  if (argc == 4 && !strcmp(argv[1], "serve")) {
    serve(argv[2], argv[3]);
  } else if (argc == 4 && !strcmp(argv[1], "measure")) {
    measure(argv[2], argv[3]);
  } else {
    fputs("usage: event-to-hook serve LINK HOOK | measure LINK FIFO\n", stderr);
    return 2;
  }
  return 0;
}
