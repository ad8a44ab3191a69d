/* What the JavaScript side of children (children.c) and the thread that watches them (child-watch.c) share. */
#ifndef NETEVD_CHILDREN_H
#define NETEVD_CHILDREN_H

#include "netevd.h"

#include <sys/resource.h>

struct child;

/* The target of an epoll event. */
struct watch {
  struct child *child;
  int fd; /* -1 once it is closed */
};

/* One of the two output pipes, and its captured output. */
struct output {
  struct watch watch;
  uint8_t *bytes;
  size_t length, capacity;
};

/*
 * From registration to completion a child belongs to the watching thread, before and after to the JavaScript
 * thread; `next`, `reserved` and `on_exit` always to the latter.
 */
struct child {
  struct child *next; /* all that are not reaped */
  struct child *next_in_queue;
  pid_t pid;
  int pidfd; /* used by the JavaScript thread, open until the child is reaped; exit.fd is the same */
  napi_ref on_exit;
  bool reserved; /* reported, but not reaped yet */

  struct watch exit;
  struct output outputs[2]; /* stdout, stderr */
  size_t output_limit;
  uint64_t dropped;
  bool output_still_open;

  bool exited;
  int code, signal; /* -1: not set; both -1: other code collected the status */
  struct rusage usage;
  long own_peak_kb; /* of this process at the spawn, see describe() */
  int64_t started_us, ended_us, grace_ends_us;
};

struct children {
  struct addon *addon;
  struct child *all;
  napi_threadsafe_function report;
  int epoll;
  int wake;
  pthread_t thread;

  pthread_mutex_t lock; /* protects the fields below */
  struct child *completed, **completed_tail;
  struct child *discarded; /* could not be watched: the thread frees them */
  bool queued;             /* a report is on its way */
  bool stopping;
};

/* Passes a child to the thread. 0 or errno; on an error the caller calls discard_child. */
int watch_child(struct children *children, struct child *child);
/* Has the thread free a child that is reaped already and was never reported. */
void discard_child(struct children *children, struct child *child);
/* The thread. It queues completed children and calls `report`. */
void *watch_children(void *children);
/* Makes the thread end. */
void stop_watching(struct children *children);
/* Closes the descriptors of the watcher, after the thread has ended. */
void unwatch_child(struct children *children, struct child *child);
void free_child(struct child *child);

#endif
