/* What the JavaScript side of a netlink socket (netlink.c) and the thread that reads it (netlink-read.c) share. */
#ifndef NETEVD_NETLINK_H
#define NETEVD_NETLINK_H

#include "netevd.h"

#include <stdatomic.h>

enum {
  /* A part of a dump has 32 KiB (af_netlink.c), but one link's message may have more: an attribute can have 64 KiB. */
  SLOT_SIZE = 128 * 1024,
  SLOT_COUNT = 16,
  SLAB_SIZE = 256 * 1024,
  INDEX_MAX = 1024, /* datagrams of one call: some milliseconds of JavaScript */
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
  int references; /* the list, the threadsafe function, a running delivery; JavaScript thread only */
  bool closed;

  int socket;
  int wake; /* eventfd: ends the thread */
  bool forced;
  uint32_t port_id;
  pthread_t thread;
  napi_threadsafe_function deliver;

  pthread_mutex_t lock;  /* protects the fields below */
  pthread_cond_t drained; /* JavaScript has taken a slab, or the socket is being closed */
  struct slab slabs[2];
  int filling;
  bool queued; /* a delivery is on its way */
  bool stopping;

  uint8_t *slots; /* of the thread: SLOT_COUNT times SLOT_SIZE */
  _Atomic uint64_t datagrams, bytes, overruns, truncated, foreign, wakeups;
};

/* The thread: reads until `wake` becomes readable, or reading fails for good. */
void *read_netlink(void *netlink);

#endif
