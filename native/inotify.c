/*
 * Directory changes that can be asked for at any moment, inotify(7): the kernel queues an event before the system call
 * that caused it returns, so an empty queue proves that nothing has changed.
 */
#define _GNU_SOURCE
#include "netevd.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

static const uint32_t entry_changes = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |
                                      IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR;

static napi_value inotify_open(napi_env env, napi_callback_info info) {
  (void)info;
  int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  return fd < 0 ? throw_errno(env, "inotify_init1", errno) : make_number(env, fd);
}

static napi_value inotify_watch(napi_env env, napi_callback_info info) {
  napi_value args[2];
  int32_t fd;
  char *path = NULL;
  if (!read_args(env, info, 2, args) || !read_int32(env, args[0], &fd) || !(path = read_string(env, args[1], NULL)))
    return throw_usage(env, "inotifyWatch(fd, path)");
  int watch = inotify_add_watch(fd, path, entry_changes);
  int outcome = watch < 0 ? -errno : watch;
  free(path);
  return make_number(env, outcome);
}

static napi_value inotify_drain(napi_env env, napi_callback_info info) {
  napi_value arg, result = NULL;
  int32_t fd;
  if (!read_args(env, info, 1, &arg) || !read_int32(env, arg, &fd)) return throw_usage(env, "inotifyDrain(fd)");
  char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
  bool changed = false;
  ssize_t length;
  while ((length = read(fd, events, sizeof events)) > 0 || (length < 0 && errno == EINTR))
    if (length > 0) changed = true;
  if (length < 0 && errno != EAGAIN) return throw_errno(env, "read of inotify", errno);
  napi_get_boolean(env, changed, &result);
  return result;
}

napi_status inotify_define(napi_env env, napi_value exports) {
  static const struct method methods[] = {
      {"inotifyOpen", inotify_open}, {"inotifyWatch", inotify_watch}, {"inotifyDrain", inotify_drain}};
  return DEFINE_METHODS(env, exports, methods);
}
