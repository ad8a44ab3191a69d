/*
 * Makes the kernel talk: adds and takes away routes or addresses of a link, at a rate, and says how many requests it made.
 *
 *   load routes|addresses LINK PAIRS RATE KEEP
 *     PAIRS times one is added and, 1000 later, taken away again, RATE requests a second in all (0: as fast as it goes);
 *     the last KEEP of them stay. Prints requests, refusals and microseconds.
 *
 * Routes are 10.0.0.0/8 host routes of the main table, addresses are of 10.0.0.0/8, /32 each: of these the kernel tells a
 * second time, as a route of the local table.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WINDOW = 1000, BATCH = 32 };

struct request {
  struct nlmsghdr header;
  union {
    struct rtmsg route;
    struct ifaddrmsg address;
  };
};

struct batch {
  int socket;
  size_t length;
  unsigned count;
  uint64_t sent, refused;
  uint8_t bytes[BATCH * 128] __attribute__((aligned(8)));
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Refusals are answered, successes are not. */
static void count_refusals(struct batch *batch) {
  uint8_t answer[8192];
  ssize_t length;
  while ((length = recv(batch->socket, answer, sizeof answer, MSG_DONTWAIT)) > 0) {
    const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
    for (size_t left = (size_t)length; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) batch->refused++;
  }
}

static void flush(struct batch *batch) {
  if (batch->length == 0) return;
  if (send(batch->socket, batch->bytes, batch->length, 0) < 0) fail("send");
  batch->sent += batch->count;
  batch->length = batch->count = 0;
  count_refusals(batch);
}

static void attribute(struct nlmsghdr *header, uint16_t type, const void *value, uint16_t length) {
  struct rtattr *attribute = (struct rtattr *)((uint8_t *)header + NLMSG_ALIGN(header->nlmsg_len));
  attribute->rta_type = type;
  attribute->rta_len = RTA_LENGTH(length);
  memcpy((uint8_t *)attribute + RTA_LENGTH(0), value, length);
  header->nlmsg_len = NLMSG_ALIGN(header->nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

static void request(struct batch *batch, bool routes, bool add, int index, uint32_t number) {
  if (batch->count == BATCH) flush(batch);
  uint8_t *bytes = batch->bytes + batch->length;
  struct request *request = (struct request *)bytes;
  struct nlmsghdr *header = (struct nlmsghdr *)bytes;
  const uint32_t to = htonl(0x0a000001u + number);
  memset(bytes, 0, 128);
  header->nlmsg_flags = NLM_F_REQUEST | (add ? NLM_F_CREATE | NLM_F_EXCL : 0);
  if (routes) {
    header->nlmsg_type = add ? RTM_NEWROUTE : RTM_DELROUTE;
    header->nlmsg_len = NLMSG_LENGTH(sizeof request->route);
    request->route = (struct rtmsg){.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_table = RT_TABLE_MAIN,
        .rtm_protocol = RTPROT_STATIC, .rtm_scope = RT_SCOPE_LINK, .rtm_type = RTN_UNICAST};
    attribute(header, RTA_DST, &to, sizeof to);
    attribute(header, RTA_OIF, &index, sizeof index);
  } else {
    header->nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR;
    header->nlmsg_len = NLMSG_LENGTH(sizeof request->address);
    request->address = (struct ifaddrmsg){.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = (uint32_t)index};
    attribute(header, IFA_LOCAL, &to, sizeof to);
    attribute(header, IFA_ADDRESS, &to, sizeof to);
  }
  batch->length += NLMSG_ALIGN(header->nlmsg_len);
  batch->count++;
}

/* Waits until as many requests as have been made may have been made. */
static void pace(struct batch *batch, int64_t start, uint64_t rate) {
  if (rate == 0) return;
  const int64_t early = start + (int64_t)((batch->sent + batch->count) * 1000000 / rate) - now_us();
  if (early < 1000) return;
  flush(batch);
  const struct timespec time = {early / 1000000, early % 1000000 * 1000};
  nanosleep(&time, NULL);
}

int main(int argc, char **argv) {
  static struct batch batch;
  if (argc != 6) {
    fputs("usage: load routes|addresses LINK PAIRS RATE KEEP\n", stderr);
    return 2;
  }
  const bool routes = strcmp(argv[1], "routes") == 0;
  const int index = (int)if_nametoindex(argv[2]);
  const uint32_t pairs = (uint32_t)strtoul(argv[3], NULL, 10), keep = (uint32_t)strtoul(argv[5], NULL, 10);
  const uint64_t rate = strtoull(argv[4], NULL, 10);
  struct sockaddr_nl self = {.nl_family = AF_NETLINK};
  batch.socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (index == 0 || batch.socket < 0 || bind(batch.socket, (struct sockaddr *)&self, sizeof self) < 0) fail(argv[2]);
  const int64_t start = now_us();
  for (uint32_t i = 0; i < pairs + WINDOW; i++) {
    if (i < pairs) request(&batch, routes, true, index, i);
    if (i >= WINDOW && i - WINDOW + keep < pairs) request(&batch, routes, false, index, i - WINDOW);
    pace(&batch, start, rate);
  }
  flush(&batch);
  printf("%llu %llu %lld\n", (unsigned long long)batch.sent, (unsigned long long)batch.refused, (long long)(now_us() - start));
  return 0;
}
