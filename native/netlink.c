/*
 * One NETLINK_ROUTE socket with a thread that reads it.
 *
 * The thread drains the socket with recvmmsg, packs the datagrams into one of two slabs and wakes JavaScript
 * once. JavaScript then swaps the slabs: it reads the full one while the thread fills the other. The slabs
 * are ArrayBuffers of JavaScript, kept alive by references until the thread has ended, so that nothing is
 * copied twice and the garbage collector needs no coordination.
 *
 * If JavaScript is slow, the thread waits with its slab full. Then the kernel's buffer fills, and only the
 * kernel drops messages, and reports that (ENOBUFS). See netlink(7) and docs/decisions/0002-native-part.md.
 */
#define _GNU_SOURCE
#include "netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- delivering ---- */

static void drop_reference(struct netlink *netlink) {
  if (--netlink->references == 0) free(netlink);
}

static void call_handler(napi_env env, napi_value handler, const struct slab *slab) {
  napi_value undefined, args[5], result;
  if (napi_get_undefined(env, &undefined) != napi_ok ||
      napi_get_reference_value(env, slab->bytes_ref, &args[0]) != napi_ok ||
      napi_get_reference_value(env, slab->index_ref, &args[1]) != napi_ok)
    return;
  args[2] = make_number(env, slab->count);
  args[3] = make_number(env, slab->flags);
  args[4] = make_number(env, slab->error);
  napi_call_function(env, undefined, handler, 5, args, &result);
  raise_pending(env);
}

/* Runs on the JavaScript thread for each announcement. */
static void deliver(napi_env env, napi_value handler, void *context, void *data) {
  struct netlink *netlink = context;
  (void)data;
  if (!env || netlink->closed) return; /* an announcement that was on its way when the socket was closed */
  pthread_mutex_lock(&netlink->lock);
  struct slab *full = &netlink->slabs[netlink->filling];
  netlink->filling = 1 - netlink->filling;
  netlink->queued = false;
  pthread_cond_signal(&netlink->drained);
  pthread_mutex_unlock(&netlink->lock);

  netlink->references++; /* the handler may close the socket */
  call_handler(env, handler, full);
  full->used = 0;
  full->count = 0;
  full->flags = 0;
  full->error = 0;
  drop_reference(netlink);
}

static void deliver_finalized(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  drop_reference(data);
}

static bool make_slab(napi_env env, struct slab *slab) {
  napi_value buffer, array;
  void *memory = NULL;
  if (napi_create_arraybuffer(env, SLAB_SIZE, &memory, &buffer) != napi_ok ||
      napi_create_typedarray(env, napi_uint8_array, SLAB_SIZE, buffer, 0, &array) != napi_ok ||
      napi_create_reference(env, array, 1, &slab->bytes_ref) != napi_ok)
    return false;
  slab->bytes = memory;
  if (napi_create_arraybuffer(env, INDEX_MAX * 2 * sizeof(int32_t), &memory, &buffer) != napi_ok ||
      napi_create_typedarray(env, napi_int32_array, INDEX_MAX * 2, buffer, 0, &array) != napi_ok ||
      napi_create_reference(env, array, 1, &slab->index_ref) != napi_ok)
    return false;
  slab->index = memory;
  return true;
}

static void drop_slab(napi_env env, struct slab *slab) {
  if (slab->bytes_ref) napi_delete_reference(env, slab->bytes_ref);
  if (slab->index_ref) napi_delete_reference(env, slab->index_ref);
  slab->bytes_ref = slab->index_ref = NULL;
}

/* Frees everything but the thread and the threadsafe function. */
static void release(struct netlink *netlink) {
  if (netlink->socket >= 0) close(netlink->socket);
  if (netlink->wake >= 0) close(netlink->wake);
  if (netlink->slots) munmap(netlink->slots, (size_t)SLOT_COUNT * SLOT_SIZE);
  netlink->socket = netlink->wake = -1;
  netlink->slots = NULL;
  drop_slab(netlink->addon->env, &netlink->slabs[0]);
  drop_slab(netlink->addon->env, &netlink->slabs[1]);
}

static void close_netlink(struct netlink *netlink) {
  for (struct netlink **link = &netlink->addon->sockets; *link; link = &(*link)->next) {
    if (*link != netlink) continue;
    *link = netlink->next;
    break;
  }
  netlink->closed = true;
  pthread_mutex_lock(&netlink->lock);
  netlink->stopping = true;
  pthread_cond_signal(&netlink->drained);
  pthread_mutex_unlock(&netlink->lock);
  /* The thread waits for the condition, which has been signalled, or for this; nothing else in it can block. */
  eventfd_write(netlink->wake, 1);
  pthread_join(netlink->thread, NULL);
  release(netlink);
  napi_release_threadsafe_function(netlink->deliver, napi_tsfn_abort);
  drop_reference(netlink);
}

static void close_at_exit(void *data) { close_netlink(data); }

void netlink_close_all(struct addon *addon) {
  while (addon->sockets) {
    struct netlink *netlink = addon->sockets;
    close_netlink(netlink);
  }
}

/* ---- opening ---- */

static int set_receive_buffer(struct netlink *netlink, int size) {
  if (size <= 0) return 0;
  netlink->forced = setsockopt(netlink->socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == 0;
  if (netlink->forced) return 0;
  return setsockopt(netlink->socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) < 0 ? errno : 0;
}

static int join_groups(int socket, const uint32_t *groups, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (setsockopt(socket, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i], sizeof groups[i]) < 0) return errno;
  }
  return 0;
}

static int open_socket(struct netlink *netlink, const uint32_t *groups, size_t count, int receive_buffer) {
  netlink->socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (netlink->socket < 0) return errno;
  int error = set_receive_buffer(netlink, receive_buffer);
  if (error) return error;
  const int on = 1;
  /* Errors with text, no echo of the request, and dumps that apply their filters (Linux 4.12, 4.20). */
  setsockopt(netlink->socket, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(netlink->socket, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  setsockopt(netlink->socket, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  /* Bound before the memberships: bind with nl_groups = 0 clears groups 1 to 32. */
  struct sockaddr_nl self = {.nl_family = AF_NETLINK};
  socklen_t length = sizeof self;
  if (bind(netlink->socket, (struct sockaddr *)&self, sizeof self) < 0) return errno;
  if (getsockname(netlink->socket, (struct sockaddr *)&self, &length) < 0) return errno;
  netlink->port_id = self.nl_pid;
  return join_groups(netlink->socket, groups, count);
}

static int prepare(struct netlink *netlink, const uint32_t *groups, size_t count, int receive_buffer) {
  netlink->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (netlink->wake < 0) return errno;
  /* A mapping, not malloc: pages that no datagram reaches are never allocated. */
  void *slots = mmap(NULL, (size_t)SLOT_COUNT * SLOT_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (slots == MAP_FAILED) return errno;
  netlink->slots = slots;
  return open_socket(netlink, groups, count, receive_buffer);
}

static napi_value abandon(napi_env env, struct netlink *netlink, const char *what, int error) {
  release(netlink);
  free(netlink);
  return throw_errno(env, what, error);
}

static napi_value start(napi_env env, struct netlink *netlink, napi_value handler) {
  napi_value name;
  if (!make_slab(env, &netlink->slabs[0]) || !make_slab(env, &netlink->slabs[1]) ||
      napi_create_string_utf8(env, "netevd:netlink", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env, handler, NULL, name, 0, 1, netlink, deliver_finalized, netlink, deliver,
                                      &netlink->deliver) != napi_ok)
    return abandon(env, netlink, "netlinkOpen", ENOMEM);
  netlink->references = 2;
  int error = thread_start(&netlink->thread, "netevd:netlink", read_netlink, netlink);
  if (error) {
    release(netlink);
    netlink->closed = true;
    netlink->references = 1;
    napi_release_threadsafe_function(netlink->deliver, napi_tsfn_abort);
    return throw_errno(env, "netlinkOpen: thread", error);
  }
  netlink->handle = ++netlink->addon->next_handle;
  netlink->next = netlink->addon->sockets;
  netlink->addon->sockets = netlink;
  /* Clean-up hooks run newest first: the thread ends before the runtime frees its threadsafe function. */
  napi_add_env_cleanup_hook(env, close_at_exit, netlink);
  return make_number(env, netlink->handle);
}

static napi_value netlink_open(napi_env env, napi_callback_info info) {
  static const char usage[] = "netlinkOpen({groups: number[], receiveBuffer: number, onBatch: function})";
  napi_value options, handler;
  napi_valuetype type;
  int32_t receive_buffer;
  size_t count = 0;
  if (!read_args(env, info, 1, &options)) return throw_usage(env, usage);
  handler = get_property(env, options, "onBatch");
  if (!handler || napi_typeof(env, handler, &type) != napi_ok || type != napi_function ||
      !read_int32(env, get_property(env, options, "receiveBuffer"), &receive_buffer))
    return throw_usage(env, usage);
  uint32_t *groups = read_uint32s(env, get_property(env, options, "groups"), &count);
  if (!groups) return throw_usage(env, usage);

  struct netlink *netlink = calloc(1, sizeof *netlink);
  if (!netlink) {
    free(groups);
    return throw_errno(env, "netlinkOpen", ENOMEM);
  }
  netlink->addon = addon_of(env);
  netlink->socket = netlink->wake = -1;
  pthread_mutex_init(&netlink->lock, NULL);
  pthread_cond_init(&netlink->drained, NULL);
  int error = prepare(netlink, groups, count, receive_buffer);
  free(groups);
  if (error) return abandon(env, netlink, "netlinkOpen", error);
  return start(env, netlink, handler);
}

/* ---- the rest of the interface ---- */

static struct netlink *find(napi_env env, napi_value value) {
  int32_t handle;
  if (!read_int32(env, value, &handle)) return NULL;
  struct netlink *netlink = addon_of(env)->sockets;
  while (netlink && netlink->handle != handle) netlink = netlink->next;
  return netlink;
}

static napi_value netlink_send(napi_env env, napi_callback_info info) {
  napi_value args[2];
  struct bytes message;
  if (!read_args(env, info, 2, args) || !read_bytes(env, args[1], &message))
    return throw_usage(env, "netlinkSend(handle, Uint8Array)");
  struct netlink *netlink = find(env, args[0]);
  if (!netlink) return make_number(env, -EBADF);
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  ssize_t sent;
  do {
    sent = sendto(netlink->socket, message.data, message.length, MSG_DONTWAIT, (struct sockaddr *)&kernel, sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  return make_number(env, sent < 0 ? -errno : (double)sent);
}

static napi_value netlink_stats(napi_env env, napi_callback_info info) {
  napi_value handle, stats;
  if (!read_args(env, info, 1, &handle)) return throw_usage(env, "netlinkStats(handle)");
  struct netlink *netlink = find(env, handle);
  if (!netlink) return throw_errno(env, "netlinkStats", EBADF);
  int buffer = 0;
  socklen_t length = sizeof buffer;
  getsockopt(netlink->socket, SOL_SOCKET, SO_RCVBUF, &buffer, &length);
  if (napi_create_object(env, &stats) != napi_ok) return NULL;
  set_number(env, stats, "datagrams", (double)atomic_load(&netlink->datagrams));
  set_number(env, stats, "bytes", (double)atomic_load(&netlink->bytes));
  set_number(env, stats, "overruns", (double)atomic_load(&netlink->overruns));
  set_number(env, stats, "truncated", (double)atomic_load(&netlink->truncated));
  set_number(env, stats, "foreign", (double)atomic_load(&netlink->foreign));
  set_number(env, stats, "wakeups", (double)atomic_load(&netlink->wakeups));
  set_number(env, stats, "receiveBuffer", buffer);
  set_bool(env, stats, "forced", netlink->forced);
  set_number(env, stats, "portId", netlink->port_id);
  return stats;
}

static napi_value netlink_close(napi_env env, napi_callback_info info) {
  napi_value handle;
  if (!read_args(env, info, 1, &handle)) return throw_usage(env, "netlinkClose(handle)");
  struct netlink *netlink = find(env, handle);
  if (netlink) {
    napi_remove_env_cleanup_hook(env, close_at_exit, netlink);
    close_netlink(netlink);
  }
  return NULL;
}

napi_status netlink_define(napi_env env, napi_value exports) {
  static const struct method methods[] = {
      {"netlinkOpen", netlink_open},
      {"netlinkSend", netlink_send},
      {"netlinkStats", netlink_stats},
      {"netlinkClose", netlink_close},
  };
  return DEFINE_METHODS(env, exports, methods);
}
