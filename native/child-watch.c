/*
 * The one thread for all children. It waits for their ends and reads their output all the time, so that a
 * hook that floods its output never blocks, and a silent one costs nothing.
 *
 * A script ends with its process. Output that its descendants write later is theirs: after the end the thread
 * empties the pipes; a pipe that another process keeps open gets a short grace period and is then closed.
 */
#define _GNU_SOURCE
#include "children.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

enum {
  GRACE_US = 100 * 1000,
  READ_SIZE = 64 * 1024, /* the capacity of a pipe */
  READS_PER_TURN = 4,    /* a child that floods must not starve the others */
  EVENTS = 64,
};

/* What the thread alone uses. */
struct watcher {
  struct children *children;
  struct child *lingering; /* exited, with a pipe still open */
  struct child *finished;  /* queued after this turn: events of the turn may still point at them */
  uint8_t scratch[READ_SIZE];
};

static int add_watch(int epoll, struct watch *watch) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, watch->fd, &event) < 0 ? errno : 0;
}

/* Removed by descriptor, not by closing: a child between fork and exec may have a copy for a moment. */
static int end_watch(int epoll, struct watch *watch) {
  int fd = watch->fd;
  if (fd >= 0) epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
  watch->fd = -1;
  return fd;
}

static void close_output(int epoll, struct output *output) {
  int fd = end_watch(epoll, &output->watch);
  if (fd >= 0) close(fd);
}

int watch_child(struct children *children, struct child *child) {
  /* Taking the lock once makes everything that was written to the child visible to the thread. */
  pthread_mutex_lock(&children->lock);
  int error = add_watch(children->epoll, &child->outputs[0].watch);
  if (!error) error = add_watch(children->epoll, &child->outputs[1].watch);
  /* Last: from here on the child may be completed at any time. */
  if (!error) error = add_watch(children->epoll, &child->exit);
  pthread_mutex_unlock(&children->lock);
  return error;
}

void unwatch_child(struct children *children, struct child *child) {
  close_output(children->epoll, &child->outputs[0]);
  close_output(children->epoll, &child->outputs[1]);
  end_watch(children->epoll, &child->exit); /* the descriptor stays open until the child is reaped */
}

void free_child(struct child *child) {
  free(child->outputs[0].bytes);
  free(child->outputs[1].bytes);
  free(child);
}

static void wake(struct children *children) { eventfd_write(children->wake, 1); }

void discard_child(struct children *children, struct child *child) {
  pthread_mutex_lock(&children->lock);
  child->next_in_queue = children->discarded;
  children->discarded = child;
  pthread_mutex_unlock(&children->lock);
  wake(children);
}

void stop_watching(struct children *children) {
  pthread_mutex_lock(&children->lock);
  children->stopping = true;
  pthread_mutex_unlock(&children->lock);
  wake(children);
}

/* How many of `length` more bytes the output can take. */
static size_t make_room(struct child *child, struct output *output, size_t length) {
  size_t kept = child->outputs[0].length + child->outputs[1].length;
  size_t room = child->output_limit - kept;
  if (length > room) length = room;
  if (output->length + length > output->capacity) {
    size_t capacity = output->capacity ? output->capacity : 4096;
    while (capacity < output->length + length) capacity *= 2;
    uint8_t *bytes = realloc(output->bytes, capacity);
    if (!bytes) return 0;
    output->bytes = bytes;
    output->capacity = capacity;
  }
  return length;
}

static void keep_output(struct child *child, struct output *output, const uint8_t *bytes, size_t length) {
  size_t room = make_room(child, output, length);
  if (room > 0) memcpy(output->bytes + output->length, bytes, room);
  output->length += room;
  child->dropped += length - room;
}

/* Reads what is available, for one turn; the watch ends with the pipe. */
static void drain(struct watcher *watcher, struct child *child, struct output *output) {
  for (int turn = 0; output->watch.fd >= 0 && turn < READS_PER_TURN; turn++) {
    ssize_t count = read(output->watch.fd, watcher->scratch, sizeof watcher->scratch);
    if (count > 0) {
      keep_output(child, output, watcher->scratch, (size_t)count);
    } else if (count < 0 && errno == EAGAIN) {
      return;
    } else if (count == 0 || errno != EINTR) {
      close_output(watcher->children->epoll, output);
    }
  }
}

static bool pipes_open(const struct child *child) {
  return child->outputs[0].watch.fd >= 0 || child->outputs[1].watch.fd >= 0;
}

static void finish(struct watcher *watcher, struct child *child) {
  child->next_in_queue = watcher->finished;
  watcher->finished = child;
}

/* Reads the result and leaves the zombie: as long as it exists, its number means this child and its group. */
static bool read_status(struct child *child) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  /* The system call itself: waitid of glibc has no rusage. */
  long result = syscall(SYS_waitid, P_PIDFD, child->exit.fd, &info, WEXITED | WNOHANG | WNOWAIT, &child->usage);
  if (result == 0 && info.si_pid == 0) return false; /* not ended yet */
  child->code = result == 0 && info.si_code == CLD_EXITED ? info.si_status : -1;
  child->signal = result == 0 && info.si_code != CLD_EXITED ? info.si_status : -1;
  child->exited = true;
  child->ended_us = monotonic_us();
  return true;
}

static void on_exit_event(struct watcher *watcher, struct child *child) {
  if (!read_status(child)) return;
  end_watch(watcher->children->epoll, &child->exit);
  for (int i = 0; i < 2; i++) drain(watcher, child, &child->outputs[i]);
  if (!pipes_open(child)) {
    finish(watcher, child);
    return;
  }
  child->grace_ends_us = child->ended_us + GRACE_US;
  child->next_in_queue = watcher->lingering;
  watcher->lingering = child;
}

static void on_event(struct watcher *watcher, struct watch *watch) {
  if (watch->fd < 0) return; /* ended earlier in this turn */
  struct child *child = watch->child;
  if (watch == &child->exit) {
    on_exit_event(watcher, child);
  } else {
    drain(watcher, child, watch == &child->outputs[0].watch ? &child->outputs[0] : &child->outputs[1]);
  }
}

/* Finishes children whose pipes are closed or whose grace is over. Returns the milliseconds until the next, or -1. */
static int sweep(struct watcher *watcher) {
  int64_t next = INT64_MAX, now = watcher->lingering ? monotonic_us() : 0;
  for (struct child **link = &watcher->lingering; *link;) {
    struct child *child = *link;
    child->output_still_open = pipes_open(child);
    if (child->output_still_open && child->grace_ends_us > now) {
      if (child->grace_ends_us < next) next = child->grace_ends_us;
      link = &child->next_in_queue;
      continue;
    }
    *link = child->next_in_queue;
    unwatch_child(watcher->children, child);
    finish(watcher, child);
  }
  return next == INT64_MAX ? -1 : (int)((next - now + 999) / 1000);
}

static void hand_over(struct watcher *watcher) {
  struct children *children = watcher->children;
  if (!watcher->finished) return;
  pthread_mutex_lock(&children->lock);
  while (watcher->finished) {
    struct child *child = watcher->finished;
    watcher->finished = child->next_in_queue;
    child->next_in_queue = NULL;
    *children->completed_tail = child;
    children->completed_tail = &child->next_in_queue;
  }
  if (!children->queued) {
    children->queued = napi_call_threadsafe_function(children->report, NULL, napi_tsfn_nonblocking) == napi_ok;
  }
  pthread_mutex_unlock(&children->lock);
}

/* Between two turns no event can point at a discarded child. False: the thread ends. */
static bool begin_turn(struct children *children) {
  eventfd_t ignored;
  pthread_mutex_lock(&children->lock);
  bool going = !children->stopping;
  struct child *discarded = children->discarded;
  children->discarded = NULL;
  pthread_mutex_unlock(&children->lock);
  eventfd_read(children->wake, &ignored);
  while (discarded) {
    struct child *child = discarded;
    discarded = child->next_in_queue;
    unwatch_child(children, child);
    close(child->pidfd);
    free_child(child);
  }
  return going;
}

void *watch_children(void *arg) {
  struct watcher *watcher = calloc(1, sizeof *watcher);
  if (!watcher) abort(); /* 64 KiB at the first spawn: the process cannot continue sensibly */
  watcher->children = arg;
  struct epoll_event events[EVENTS];
  while (begin_turn(watcher->children)) {
    int timeout = sweep(watcher);
    hand_over(watcher);
    int count = epoll_wait(watcher->children->epoll, events, EVENTS, timeout);
    /* See watch_child. */
    pthread_mutex_lock(&watcher->children->lock);
    pthread_mutex_unlock(&watcher->children->lock);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr) on_event(watcher, events[i].data.ptr);
    }
  }
  free(watcher);
  return NULL;
}
