/*
 * Sends one datagram to a Unix socket: for sd_notify(3), and for the native protocol of the systemd journal
 * (https://systemd.io/JOURNAL_NATIVE_PROTOCOL), in which an entry that is too large travels as a sealed
 * memfd.
 */
#define _GNU_SOURCE
#include "netevd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* `@name` and a leading NUL both mean the abstract namespace (unix(7)). Returns 0 or errno. */
static int make_address(const char *path, size_t length, struct sockaddr_un *address, socklen_t *address_length) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (length == 0) return EINVAL;
  const bool abstract = path[0] == '@' || path[0] == '\0';
  if (!abstract && memchr(path, '\0', length)) return EINVAL;
  /* A path needs its final NUL; an abstract name has none, and its length counts. */
  const size_t most = sizeof address->sun_path - (abstract ? 0 : 1);
  if (length > most) return ENAMETOOLONG;
  memcpy(address->sun_path, path, length);
  if (abstract) address->sun_path[0] = '\0';
  *address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (abstract ? 0 : 1));
  return 0;
}

static int send_message(int fd, const struct msghdr *message) {
  ssize_t sent;
  do {
    sent = sendmsg(fd, message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

static int send_as_memfd(int fd, struct msghdr *message, const struct bytes *data) {
  int memfd = sealed_memfd("netevd-message", data->data, data->length);
  if (memfd < 0) return -memfd;
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  control.header.cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(&control.header), &memfd, sizeof memfd);
  message->msg_iov = NULL;
  message->msg_iovlen = 0;
  message->msg_control = &control;
  message->msg_controllen = sizeof control.space;
  int error = send_message(fd, message);
  close(memfd);
  return error;
}

static int send_datagram(int fd, const char *path, size_t path_length, const struct bytes *data) {
  struct sockaddr_un address;
  socklen_t address_length = 0;
  int error = make_address(path, path_length, &address, &address_length);
  if (error) return error;
  struct iovec vector = {data->data, data->length};
  struct msghdr message = {
      .msg_name = &address, .msg_namelen = address_length, .msg_iov = &vector, .msg_iovlen = 1};
  error = send_message(fd, &message);
  /* ENOBUFS: more than the kernel allocates in one piece */
  return error == EMSGSIZE || error == ENOBUFS ? send_as_memfd(fd, &message, data) : error;
}

static napi_value dgram_send(napi_env env, napi_callback_info info) {
  napi_value args[2];
  struct bytes data;
  size_t length = 0;
  char *path = NULL;
  if (!read_args(env, info, 2, args) || !read_bytes(env, args[1], &data) ||
      !(path = read_string(env, args[0], &length)))
    return throw_usage(env, "dgramSend(path, Uint8Array)");
  struct addon *addon = addon_of(env);
  int error = 0;
  if (addon->datagram_fd < 0) addon->datagram_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (addon->datagram_fd < 0) error = errno;
  if (!error) error = send_datagram(addon->datagram_fd, path, length, &data);
  free(path);
  return make_number(env, -error);
}

napi_status dgram_define(napi_env env, napi_value exports) {
  static const struct method methods[] = {{"dgramSend", dgram_send}};
  return DEFINE_METHODS(env, exports, methods);
}
