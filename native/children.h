/* What the JavaScript side of children (children.c) and the thread that watches them (child-watch.c) share. */
#ifndef NETEVD_CHILDREN_H
#define NETEVD_CHILDREN_H

#include "netevd.h"

#include <sys/resource.h>

struct child;

/* What an epoll event points at. */
struct watch {
  struct child *child;
  int fd; /* -1 once it is over */
};

/* One of the two output pipes, and what was kept of it. */
struct output {
  struct watch watch;
  uint8_t *bytes;
  size_t length, capacity;
};

/*
 * From its registration to its completion a child belongs to the watching thread, before and after to the JavaScript
 * thread; `next`, `held`, `on_exit` are always the latter's.
 */
struct child {
  struct child *next; /* all that are not reaped */
  struct child *next_in_queue;
  pid_t pid;
  int pidfd; /* the JavaScript thread's, open until the child is reaped; exit.fd is the same */
  napi_ref on_exit;
  bool held; /* reported, but not to be reaped yet */

  struct watch exit;
  struct output outputs[2]; /* stdout, stderr */
  size_t output_limit;
  uint64_t dropped;
  bool output_cut;

  bool exited;
  int code, signal; /* -1: not this one; both -1: somebody else took the status */
  struct rusage usage;
  long own_peak_kb; /* of this process at the spawn, see report() */
  int64_t started_us, ended_us, grace_ends_us;
};

struct children {
  struct addon *addon;
  struct child *all;
  napi_threadsafe_function report;
  int epoll;
  int wake;
  pthread_t thread;

  pthread_mutex_t lock; /* guards what follows */
  struct child *completed, **completed_tail;
  struct child *discarded; /* could not be watched: the thread lets go of them */
  bool queued;             /* a report is on its way */
  bool stopping;
};

/* Hands a child over to the thread. 0 or errno; then discard_child takes it back. */
int watch_child(struct children *children, struct child *child);
/* Has the thread drop a child that is reaped already and was never reported, and free it. */
void discard_child(struct children *children, struct child *child);
/* The thread. Completed children are queued, and `report` called. */
void *watch_children(void *children);
/* Makes it end. */
void stop_watching(struct children *children);
/* Closes what the watching has open; where the thread has ended. */
void unwatch_child(struct children *children, struct child *child);
void free_child(struct child *child);

#endif
