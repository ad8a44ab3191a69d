/* Initializes the addon and cleans up after it. */
#define _GNU_SOURCE
#include "netevd.h"

#include <stdlib.h>
#include <unistd.h>

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

static void release_everything(void *data) {
  struct addon *addon = data;
  netlink_close_all(addon);
  children_stop(addon);
  close_fd(&addon->query_fd);
  close_fd(&addon->datagram_fd);
  close_fd(&addon->inet_fd);
}

static void free_addon(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  release_everything(data); /* does nothing if the clean-up hook has run */
  free(data);
}

NAPI_MODULE_INIT() {
  struct addon *addon = calloc(1, sizeof *addon);
  if (!addon) return NULL;
  addon->env = env;
  addon->query_fd = addon->datagram_fd = addon->inet_fd = -1;
  if (napi_set_instance_data(env, addon, free_addon, NULL) != napi_ok) {
    free(addon);
    return NULL;
  }
  if (napi_add_env_cleanup_hook(env, release_everything, addon) != napi_ok ||
      netlink_define(env, exports) != napi_ok || query_define(env, exports) != napi_ok ||
      children_define(env, exports) != napi_ok || dgram_define(env, exports) != napi_ok ||
      priv_define(env, exports) != napi_ok || sys_define(env, exports) != napi_ok ||
      trim_define(env, exports) != napi_ok || inotify_define(env, exports) != napi_ok) {
    napi_throw_error(env, NULL, "netevd.node: the runtime refused to define the module");
    return NULL;
  }
  return exports;
}
