/* Our own threads. */
#define _GNU_SOURCE
#include "netevd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

struct start {
  const char *name; /* a literal */
  void *(*run)(void *);
  void *arg;
};

static void *enter(void *data) {
  struct start start = *(struct start *)data;
  free(data);
  /* These threads only read descriptors that are open already. */
  thread_shed_capabilities();
  /* Only now: a thread that is visible with our name has no capabilities. */
  pthread_setname_np(pthread_self(), start.name);
  return start.run(start.arg);
}

int thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *arg) {
  struct start *start = malloc(sizeof *start);
  if (!start) return ENOMEM;
  *start = (struct start){name, run, arg};
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error) {
    free(start);
    return error;
  }
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  /* The runtime's handlers belong on the runtime's threads; only the work signal must reach ours. */
  sigset_t blocked, before;
  sigfillset(&blocked);
  sigdelset(&blocked, thread_work_signal());
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  error = pthread_create(thread, &attributes, enter, start);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (error) free(start);
  return error;
}
