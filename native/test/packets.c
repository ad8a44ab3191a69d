/*
 * Packets for tests of routing, of both families:
 *
 *   packets ping SOURCE DESTINATION COUNT   echo requests, one after another; exit 0 if each was answered
 *   packets serve PORT                      TCP: sends each client the address at which it was reached
 *   packets ask SOURCE DESTINATION PORT     TCP: prints what the server sends
 *
 * SOURCE may be "any". Nothing waits longer than two seconds.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int fail(const char *what) {
  perror(what);
  return 1;
}

static struct addrinfo *numeric(const char *host, const char *port) {
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found = NULL;
  if (getaddrinfo(host, port, &hints, &found) != 0) {
    fprintf(stderr, "not an address: %s\n", host);
    exit(2);
  }
  return found;
}

/* A socket bound to `source`, if that is given. */
static int open_socket(int family, int type, int protocol, const char *source) {
  int fd = socket(family, type, protocol);
  if (fd < 0) return -1;
  struct timeval timeout = {.tv_sec = 2};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  if (strcmp(source, "any") == 0) return fd;
  struct addrinfo *from = numeric(source, "0");
  int bound = bind(fd, from->ai_addr, from->ai_addrlen);
  freeaddrinfo(from);
  if (bound == 0) return fd;
  close(fd);
  return -1;
}

static unsigned short checksum(const unsigned short *words, int count) {
  unsigned sum = 0;
  for (int i = 0; i < count; i++) sum += words[i];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (unsigned short)~sum;
}

/* Whether the answer to request `number` of this process arrives in time. */
static int answered(int fd, int family, unsigned short id, unsigned short number) {
  unsigned char bytes[1500];
  for (;;) {
    ssize_t length = recv(fd, bytes, sizeof bytes, 0);
    if (length < 0) return 0;
    const unsigned char *at = bytes;
    if (family == AF_INET) {
      int header = 4 * (bytes[0] & 15);
      at += header;
      length -= header;
    }
    if (length < 8) continue;
    unsigned char reply = family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
    unsigned short got[2];
    memcpy(got, at + 4, sizeof got);
    if (at[0] == reply && got[0] == id && got[1] == number) return 1;
  }
}

static int ping(const char *source, const char *destination, int count) {
  struct addrinfo *to = numeric(destination, NULL);
  int family = to->ai_family;
  int fd = open_socket(family, SOCK_RAW, family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6, source);
  if (fd < 0) return fail("socket");
  unsigned short id = (unsigned short)getpid();
  for (unsigned short number = 0; number < count; number++) {
    unsigned short request[4] = {0, 0, id, number};
    unsigned char type = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
    memcpy(request, &type, 1);
    if (family == AF_INET) request[1] = checksum(request, 4);
    if (sendto(fd, request, sizeof request, 0, to->ai_addr, to->ai_addrlen) < 0) return fail("send");
    if (!answered(fd, family, id, number)) {
      fprintf(stderr, "no answer from %s\n", destination);
      return 1;
    }
  }
  freeaddrinfo(to);
  return 0;
}

static int serve(int port) {
  int fd = socket(AF_INET6, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((unsigned short)port)};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&any, sizeof any) != 0 || listen(fd, 16) != 0) return fail("listen");
  puts("ready");
  fflush(stdout);
  for (;;) {
    int client = accept(fd, NULL, NULL);
    if (client < 0) return fail("accept");
    struct sockaddr_in6 own;
    socklen_t length = sizeof own;
    char text[NI_MAXHOST] = "";
    getsockname(client, (struct sockaddr *)&own, &length);
    getnameinfo((struct sockaddr *)&own, length, text, sizeof text, NULL, 0, NI_NUMERICHOST);
    dprintf(client, "%s\n", text);
    close(client);
  }
}

static int ask(const char *source, const char *destination, const char *port) {
  struct addrinfo *to = numeric(destination, port);
  int fd = open_socket(to->ai_family, SOCK_STREAM, 0, source);
  if (fd < 0) return fail("socket");
  if (connect(fd, to->ai_addr, to->ai_addrlen) != 0) return fail("connect");
  char text[256];
  ssize_t length = read(fd, text, sizeof text);
  if (length <= 0) return fail("read");
  fwrite(text, 1, (size_t)length, stdout);
  freeaddrinfo(to);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 5 && strcmp(argv[1], "ping") == 0) return ping(argv[2], argv[3], atoi(argv[4]));
  if (argc == 3 && strcmp(argv[1], "serve") == 0) return serve(atoi(argv[2]));
  if (argc == 5 && strcmp(argv[1], "ask") == 0) return ask(argv[2], argv[3], argv[4]);
  fprintf(stderr, "usage: packets ping SOURCE DESTINATION COUNT | serve PORT | ask SOURCE DESTINATION PORT\n");
  return 2;
}
