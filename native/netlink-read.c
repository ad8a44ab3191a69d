/*
 * The thread that reads a netlink socket: calls recvmmsg, checks the sender, packs the datagrams into the
 * current slab and wakes JavaScript once.
 */
#define _GNU_SOURCE
#include "netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
  /*
   * Waking both threads costs as much as ten messages. In a burst there is one wake-up each millisecond, see
   * pace(); in a storm that lasts longer than about a tenth of a second, one every four.
   */
  WAKE_INTERVAL_US = 1000,
  WAKE_BURST_US = 8 * WAKE_INTERVAL_US,
  STORM_INTERVAL_US = 4 * WAKE_INTERVAL_US,
  STORM_PATIENCE_US = 256 * 1000,
  FALSE_ALARMS_MAX = 64,
};

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

/* Announces new datagrams, once for all that arrive until JavaScript takes a slab. */
static void announce(struct netlink *netlink) {
  napi_call_threadsafe_function(netlink->deliver, NULL, napi_tsfn_nonblocking);
}

/* Under the lock. Whether to announce. The caller unlocks first, or JavaScript would wake up only to wait. */
static bool claim_announcement(struct netlink *netlink) {
  bool claimed = !netlink->queued && !netlink->stopping;
  if (claimed) netlink->queued = true;
  return claimed;
}

/* Under the lock. Waits until `length` more bytes fit the current slab. NULL: the thread ends. */
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

/* Once for everything that a wake-up brought. */
static void announce_news(struct netlink *netlink) {
  pthread_mutex_lock(&netlink->lock);
  const struct slab *slab = &netlink->slabs[netlink->filling];
  bool claimed = (slab->count > 0 || slab->flags) && claim_announcement(netlink);
  pthread_mutex_unlock(&netlink->lock);
  if (claimed) announce(netlink);
}

/* Under the lock. */
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

/*
 * Reads until the socket is empty: after an overrun the kernel queues nothing before that. False: the thread
 * ends.
 *
 * EINVAL is not about the messages: netlink_recvmsg continues a running dump, and a dump that JavaScript has
 * just requested may have ended before recvmsg gets the lock (netlink_dump, af_netlink.c). Nothing is lost.
 */
static bool drain(struct netlink *netlink, struct received *received) {
  int false_alarms = 0;
  for (;;) {
    int count = receive(netlink, received);
    if (count > 0) {
      false_alarms = 0;
      if (!keep(netlink, received, count)) return false;
      if (count < SLOT_COUNT) return true; /* empty, or an error that poll reports */
    } else if (count == 0 || errno == EAGAIN) {
      return true;
    } else if (errno == ENOBUFS) {
      atomic_fetch_add(&netlink->overruns, 1);
      note(netlink, FLAG_OVERRUN, 0);
    } else if (errno != EINTR && (errno != EINVAL || ++false_alarms > FALSE_ALARMS_MAX)) {
      note(netlink, FLAG_ERROR, errno);
      return false;
    }
  }
}

/* Time that has passed without a read; each read uses `interval` of it. At most `most` accumulates. */
struct credit {
  const int64_t interval, most;
  int64_t amount, counted_at;
};

/* Time until the next read is allowed. */
static int64_t missing_credit(struct credit *credit) {
  const int64_t now = monotonic_us();
  credit->amount += now - credit->counted_at;
  credit->counted_at = now;
  if (credit->amount > credit->most) credit->amount = credit->most;
  return credit->interval - credit->amount;
}

struct pacing {
  struct credit burst, storm;
};

/*
 * Reads a single message or a small burst at once. Reads a longer burst in larger pieces, some milliseconds
 * later; meanwhile the kernel buffers it. False: the thread ends.
 */
static bool pace(struct netlink *netlink, struct pacing *pacing) {
  struct pollfd end = {.fd = netlink->wake, .events = POLLIN};
  for (;;) {
    const int64_t burst = missing_credit(&pacing->burst), storm = missing_credit(&pacing->storm);
    const int64_t missing = burst > storm ? burst : storm;
    if (missing <= 0) break;
    const struct timespec time = {0, missing * 1000};
    if (ppoll(&end, 1, &time, NULL) > 0) return false;
  }
  pacing->burst.amount -= pacing->burst.interval;
  pacing->storm.amount -= pacing->storm.interval;
  return true;
}

void *read_netlink(void *arg) {
  struct netlink *netlink = arg;
  struct pacing pacing = {
      .burst = {.interval = WAKE_INTERVAL_US, .most = WAKE_BURST_US},
      .storm = {.interval = STORM_INTERVAL_US, .most = STORM_PATIENCE_US},
  };
  struct received *received = calloc(1, sizeof *received);
  if (!received) {
    note(netlink, FLAG_ERROR, ENOMEM);
    announce_news(netlink);
    return NULL;
  }
  struct pollfd watched[2] = {{.fd = netlink->socket, .events = POLLIN}, {.fd = netlink->wake, .events = POLLIN}};
  for (;;) {
    if (poll(watched, 2, -1) < 0) continue; /* EINTR */
    if (watched[1].revents || !pace(netlink, &pacing)) break;
    atomic_fetch_add(&netlink->wakeups, 1);
    bool going = drain(netlink, received);
    announce_news(netlink);
    if (!going) break;
  }
  free(received);
  return NULL;
}
