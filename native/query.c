/*
 * Queries the kernel and waits for the answer (statistics of a link, the route to an address), on a socket of
 * its own: the answers do not mix with the notifications.
 */
#define _GNU_SOURCE
#include "netevd.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, ANSWER_MAX = 16 * 1024 * 1024 };

struct answer {
  uint8_t *bytes;
  size_t length, capacity;
};

static int open_query_socket(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (fd < 0) return -errno;
  const int on = 1;
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  struct sockaddr_nl self = {.nl_family = AF_NETLINK};
  if (bind(fd, (struct sockaddr *)&self, sizeof self) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

static int make_room(struct answer *answer) {
  if (answer->capacity - answer->length >= CHUNK) return 0;
  if (answer->capacity >= ANSWER_MAX) return EMSGSIZE;
  size_t capacity = answer->capacity ? answer->capacity * 2 : CHUNK;
  uint8_t *bytes = realloc(answer->bytes, capacity);
  if (!bytes) return ENOMEM;
  answer->bytes = bytes;
  answer->capacity = capacity;
  return 0;
}

/* Whether the datagram ends the answer to `request`: DONE, an error or acknowledgement, or a single message. */
static bool ends_answer(const uint8_t *datagram, size_t length, const struct nlmsghdr *request) {
  while (length >= sizeof(struct nlmsghdr)) {
    struct nlmsghdr header;
    memcpy(&header, datagram, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > length) return true; /* the decoder reports it */
    if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) return true;
    if (!(header.nlmsg_flags & NLM_F_MULTI) && !(request->nlmsg_flags & NLM_F_ACK)) return true;
    size_t step = NLMSG_ALIGN(header.nlmsg_len);
    if (step >= length) break;
    datagram += step;
    length -= step;
  }
  return false;
}

static bool answers(const uint8_t *datagram, size_t length, const struct nlmsghdr *request) {
  struct nlmsghdr header;
  if (length < sizeof header) return false;
  memcpy(&header, datagram, sizeof header);
  return header.nlmsg_seq == request->nlmsg_seq;
}

/* Receives one datagram, waiting until `deadline`; its length in *length, 0 if it was not from the kernel. */
static int receive_one(int fd, struct answer *answer, int64_t deadline, size_t *length) {
  for (;;) {
    struct sockaddr_nl sender;
    struct iovec vector = {answer->bytes + answer->length, CHUNK};
    struct msghdr message = {
        .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &vector, .msg_iovlen = 1};
    ssize_t count = recvmsg(fd, &message, MSG_DONTWAIT);
    if (count >= 0) {
      if (message.msg_flags & MSG_TRUNC) return EMSGSIZE;
      *length = message.msg_namelen == sizeof sender && sender.nl_pid == 0 ? (size_t)count : 0;
      return 0;
    }
    if (errno != EAGAIN && errno != EINTR) return errno;
    int64_t left = deadline - monotonic_us();
    if (left <= 0) return ETIMEDOUT;
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    if (errno == EAGAIN) poll(&readable, 1, (int)((left + 999) / 1000));
  }
}

static int ask(int fd, const struct bytes *request, int32_t timeout, struct answer *answer) {
  struct nlmsghdr header;
  memcpy(&header, request->data, sizeof header);
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  const int64_t deadline = monotonic_us() + (int64_t)timeout * 1000;
  if (sendto(fd, request->data, request->length, MSG_DONTWAIT, (struct sockaddr *)&kernel, sizeof kernel) < 0)
    return errno;
  for (;;) {
    size_t length = 0;
    int error = make_room(answer);
    if (!error) error = receive_one(fd, answer, deadline, &length);
    if (error) return error;
    const uint8_t *datagram = answer->bytes + answer->length;
    if (!answers(datagram, length, &header)) {
      /* Other senders must not keep us here. */
      if (monotonic_us() > deadline) return ETIMEDOUT;
      continue;
    }
    answer->length += length;
    if (ends_answer(datagram, length, &header)) return 0;
  }
}

static napi_value netlink_query(napi_env env, napi_callback_info info) {
  napi_value args[2];
  struct bytes request;
  int32_t timeout;
  if (!read_args(env, info, 2, args) || !read_bytes(env, args[0], &request) || !read_int32(env, args[1], &timeout) ||
      request.length < sizeof(struct nlmsghdr))
    return throw_usage(env, "netlinkQuery(Uint8Array of one message, timeoutMs)");
  struct addon *addon = addon_of(env);
  if (addon->query_fd < 0) addon->query_fd = open_query_socket();
  if (addon->query_fd < 0) return throw_errno(env, "netlinkQuery: socket", -addon->query_fd);

  struct answer answer = {0};
  int error = ask(addon->query_fd, &request, timeout, &answer);
  napi_value result = NULL;
  if (error) {
    /* Parts of the dump may still arrive: the next query gets a new socket. */
    close(addon->query_fd);
    addon->query_fd = -1;
    throw_errno(env, "netlinkQuery", error);
  } else {
    result = make_bytes(env, answer.bytes, answer.length);
  }
  free(answer.bytes);
  return result;
}

napi_status query_define(napi_env env, napi_value exports) {
  static const struct method methods[] = {{"netlinkQuery", netlink_query}};
  return DEFINE_METHODS(env, exports, methods);
}
