/*
 * One NETLINK_ROUTE socket with a thread that reads it.
 *
 * The thread drains the socket with recvmmsg, packs the datagrams into one of two slabs and wakes JavaScript once. When
 * JavaScript comes, the slabs change places: it reads the full one while the thread fills the other. The slabs are
 * ArrayBuffers of JavaScript, held by references until the thread has ended, so that nothing is copied a second time
 * and nobody has to know when the collector is through.
 *
 * A slow JavaScript side makes the thread wait with its slab full; then the kernel's buffer fills, and only the kernel
 * drops, and says so (ENOBUFS). See netlink(7) and docs/decisions/0002-native-part.md.
 */
#define _GNU_SOURCE
#include "netevd.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  SLOT_SIZE = 64 * 1024, /* twice the largest part of a dump (32 KiB, af_netlink.c) */
  SLOT_COUNT = 16,
  SLAB_SIZE = 256 * 1024,
  INDEX_MAX = 1024, /* datagrams of one call: some milliseconds of JavaScript */
  /* A wake-up of JavaScript costs as much as ten messages: in a storm there is one each millisecond, see pace(). */
  WAKE_INTERVAL_US = 1000,
  WAKE_BURST = 8,
};

/* The flags of onBatch, repeated in src/platform/native.ts. */
enum { FLAG_OVERRUN = 1, FLAG_TRUNCATED = 2, FLAG_FOREIGN = 4, FLAG_ERROR = 8 };

struct slab {
  uint8_t *bytes; /* SLAB_SIZE, memory of an ArrayBuffer */
  int32_t *index; /* offset and length of each datagram */
  napi_ref bytes_ref, index_ref;
  size_t used;
  int32_t count;
  uint32_t flags;
  int error;
};

struct netlink {
  struct netlink *next;
  struct addon *addon;
  int32_t handle;
  int references; /* the list, the threadsafe function, a delivery that is going on; JavaScript thread only */
  bool closed;

  int socket;
  int wake; /* eventfd: end the thread */
  bool forced;
  uint32_t port_id;
  pthread_t thread;
  napi_threadsafe_function deliver;

  pthread_mutex_t lock;  /* guards what follows */
  pthread_cond_t drained; /* JavaScript has taken a slab, or the end has come */
  struct slab slabs[2];
  int filling;
  bool queued; /* a delivery is on its way */
  bool stopping;

  uint8_t *slots; /* the thread's own: SLOT_COUNT times SLOT_SIZE */
  _Atomic uint64_t datagrams, bytes, overruns, truncated, foreign, wakeups;
};

/* ---- the reader's thread ---- */

struct received {
  struct mmsghdr headers[SLOT_COUNT];
  struct iovec vectors[SLOT_COUNT];
  struct sockaddr_nl senders[SLOT_COUNT];
};

static int receive(struct netlink *netlink, struct received *received) {
  for (int i = 0; i < SLOT_COUNT; i++) {
    received->vectors[i] = (struct iovec){netlink->slots + (size_t)i * SLOT_SIZE, SLOT_SIZE};
    received->headers[i] = (struct mmsghdr){
        .msg_hdr = {
            .msg_name = &received->senders[i],
            .msg_namelen = sizeof received->senders[i],
            .msg_iov = &received->vectors[i],
            .msg_iovlen = 1,
        }};
  }
  return recvmmsg(netlink->socket, received->headers, SLOT_COUNT, MSG_DONTWAIT, NULL);
}

/* JavaScript hears of what is new, once for all that comes until it takes a slab. */
static void announce(struct netlink *netlink) {
  napi_call_threadsafe_function(netlink->deliver, NULL, napi_tsfn_nonblocking);
}

/* Lock held. Whether the caller has to announce; without the lock, or JavaScript would wake up only to wait for it. */
static bool claim_announcement(struct netlink *netlink) {
  bool claimed = !netlink->queued && !netlink->stopping;
  if (claimed) netlink->queued = true;
  return claimed;
}

/* Waits until `length` more bytes fit the slab that is being filled. Lock held. NULL: the end has come. */
static struct slab *slab_with_room(struct netlink *netlink, size_t length) {
  for (;;) {
    if (netlink->stopping) return NULL;
    struct slab *slab = &netlink->slabs[netlink->filling];
    if (slab->count < INDEX_MAX && SLAB_SIZE - slab->used >= length) return slab;
    if (claim_announcement(netlink)) announce(netlink);
    pthread_cond_wait(&netlink->drained, &netlink->lock);
  }
}

static void note(struct netlink *netlink, uint32_t flags, int error) {
  pthread_mutex_lock(&netlink->lock);
  struct slab *slab = &netlink->slabs[netlink->filling];
  slab->flags |= flags;
  if (error) slab->error = error;
  pthread_mutex_unlock(&netlink->lock);
}

/* Once for all that a wake-up has brought. */
static void announce_news(struct netlink *netlink) {
  pthread_mutex_lock(&netlink->lock);
  const struct slab *slab = &netlink->slabs[netlink->filling];
  bool claimed = (slab->count > 0 || slab->flags) && claim_announcement(netlink);
  pthread_mutex_unlock(&netlink->lock);
  if (claimed) announce(netlink);
}

/* Lock held. */
static bool keep_datagram(struct netlink *netlink, const struct mmsghdr *header) {
  const struct sockaddr_nl *sender = header->msg_hdr.msg_name;
  const size_t length = header->msg_len;
  bool kernel = header->msg_hdr.msg_namelen == sizeof *sender && sender->nl_family == AF_NETLINK && sender->nl_pid == 0;
  bool whole = !(header->msg_hdr.msg_flags & MSG_TRUNC);
  struct slab *slab = slab_with_room(netlink, kernel && whole ? NLMSG_ALIGN(length) : 0);
  if (!slab) return false;
  if (!kernel) {
    atomic_fetch_add(&netlink->foreign, 1);
    slab->flags |= FLAG_FOREIGN;
  } else if (!whole) {
    atomic_fetch_add(&netlink->truncated, 1);
    slab->flags |= FLAG_TRUNCATED;
  } else {
    memcpy(slab->bytes + slab->used, header->msg_hdr.msg_iov->iov_base, length);
    slab->index[2 * slab->count] = (int32_t)slab->used;
    slab->index[2 * slab->count + 1] = (int32_t)length;
    slab->count++;
    slab->used += NLMSG_ALIGN(length);
    atomic_fetch_add(&netlink->datagrams, 1);
    atomic_fetch_add(&netlink->bytes, length);
  }
  return true;
}

static bool keep(struct netlink *netlink, const struct received *received, int count) {
  pthread_mutex_lock(&netlink->lock);
  bool going = true;
  for (int i = 0; going && i < count; i++) going = keep_datagram(netlink, &received->headers[i]);
  pthread_mutex_unlock(&netlink->lock);
  return going;
}

/* Reads until the socket is empty: after an overrun the kernel queues nothing more before that. False: the end. */
static bool drain(struct netlink *netlink, struct received *received) {
  for (;;) {
    int count = receive(netlink, received);
    if (count > 0) {
      if (!keep(netlink, received, count)) return false;
      if (count < SLOT_COUNT) return true; /* empty, or an error that poll will tell */
    } else if (count == 0 || errno == EAGAIN) {
      return true;
    } else if (errno == ENOBUFS) {
      atomic_fetch_add(&netlink->overruns, 1);
      note(netlink, FLAG_OVERRUN, 0);
    } else if (errno != EINTR) {
      note(netlink, FLAG_ERROR, errno);
      return false;
    }
  }
}

/* Readings that may happen at once, in microseconds of the time that has to pass for each. */
struct credit {
  int64_t amount, counted_at;
};

static int64_t count_credit(struct credit *credit) {
  const int64_t now = monotonic_us(), most = (int64_t)WAKE_BURST * WAKE_INTERVAL_US;
  credit->amount += now - credit->counted_at;
  credit->counted_at = now;
  if (credit->amount > most) credit->amount = most;
  return credit->amount;
}

/*
 * What is alone, and what comes in a small burst, is read at once. A storm is read in larger pieces instead, at the price
 * of a millisecond; meanwhile the kernel keeps it. False: the end.
 */
static bool pace(struct netlink *netlink, struct credit *credit) {
  struct pollfd end = {.fd = netlink->wake, .events = POLLIN};
  int64_t missing;
  while ((missing = WAKE_INTERVAL_US - count_credit(credit)) > 0) {
    const struct timespec time = {0, missing * 1000};
    if (ppoll(&end, 1, &time, NULL) > 0) return false;
  }
  credit->amount -= WAKE_INTERVAL_US;
  return true;
}

static void *read_socket(void *arg) {
  struct netlink *netlink = arg;
  struct credit credit = {0, 0};
  struct received *received = calloc(1, sizeof *received);
  if (!received) {
    note(netlink, FLAG_ERROR, ENOMEM);
    announce_news(netlink);
    return NULL;
  }
  struct pollfd watched[2] = {{.fd = netlink->socket, .events = POLLIN}, {.fd = netlink->wake, .events = POLLIN}};
  for (;;) {
    if (poll(watched, 2, -1) < 0) continue; /* EINTR */
    if (watched[1].revents || !pace(netlink, &credit)) break;
    atomic_fetch_add(&netlink->wakeups, 1);
    bool going = drain(netlink, received);
    announce_news(netlink);
    if (!going) break;
  }
  free(received);
  return NULL;
}

/* ---- the JavaScript side ---- */

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
  if (!env || netlink->closed) return; /* an announcement that was under way when the end came */
  pthread_mutex_lock(&netlink->lock);
  struct slab *full = &netlink->slabs[netlink->filling];
  netlink->filling = 1 - netlink->filling;
  netlink->queued = false;
  pthread_cond_signal(&netlink->drained);
  pthread_mutex_unlock(&netlink->lock);

  netlink->references++; /* the handler may close */
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

/* Everything but the thread and the threadsafe function. */
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
  /* Text with errors, no echo of the request, and filters in dumps that really filter (Linux 4.12, 4.20). */
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
  /* A mapping, not malloc: pages that no datagram reaches are never there. */
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
  int error = thread_start(&netlink->thread, "netevd:netlink", read_socket, netlink);
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
  /* Hooks run newest first: the thread has ended before the runtime takes its threadsafe function away. */
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
