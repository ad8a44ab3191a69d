/* Single calls to the system: a link's driver, users and groups, the lock of a file. */
#define _GNU_SOURCE
#include "netevd.h"

#include <errno.h>
#include <grp.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOKUP_MAX = 1024 * 1024, GROUPS_MAX = 65536 /* NGROUPS_MAX of linux/limits.h */ };

static napi_value link_driver(napi_env env, napi_callback_info info) {
  napi_value arg;
  char *name = NULL;
  if (!read_args(env, info, 1, &arg) || !(name = read_string(env, arg, NULL)))
    return throw_usage(env, "linkDriver(name)");
  struct addon *addon = addon_of(env);
  if (addon->inet_fd < 0) addon->inet_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
  struct ifreq request;
  memset(&request, 0, sizeof request);
  bool fits = strlen(name) < sizeof request.ifr_name;
  if (fits) strcpy(request.ifr_name, name);
  free(name);
  request.ifr_data = (char *)&driver;
  /* Links without ethtool operations, and links that are gone, have no driver name. */
  if (!fits || addon->inet_fd < 0 || ioctl(addon->inet_fd, SIOCETHTOOL, &request) < 0) return make_null(env);
  size_t length = strnlen(driver.driver, sizeof driver.driver);
  napi_value result = NULL;
  if (length == 0) return make_null(env);
  napi_create_string_utf8(env, driver.driver, length, &result);
  return result;
}

static napi_value monotonic_micros(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result = NULL;
  napi_create_bigint_int64(env, monotonic_us(), &result);
  return result;
}

static napi_value supplementary_groups(napi_env env, const struct passwd *user) {
  int count = 64;
  gid_t *groups = NULL;
  for (;;) {
    int room = count;
    gid_t *larger = realloc(groups, (size_t)room * sizeof *groups);
    if (!larger) break;
    groups = larger;
    if (getgrouplist(user->pw_name, user->pw_gid, groups, &count) >= 0) break;
    if (count <= room) count = room * 2;
    if (count > GROUPS_MAX) break;
  }
  napi_value list = NULL;
  if (groups && count <= GROUPS_MAX && napi_create_array(env, &list) == napi_ok) {
    for (int i = 0; i < count; i++) napi_set_element(env, list, (uint32_t)i, make_number(env, groups[i]));
  }
  free(groups);
  return list;
}

static napi_value describe_user(napi_env env, const struct passwd *user) {
  napi_value result, groups = supplementary_groups(env, user);
  if (!groups) return throw_errno(env, "getgrouplist", ENOMEM);
  if (napi_create_object(env, &result) != napi_ok) return NULL;
  set_number(env, result, "uid", user->pw_uid);
  set_number(env, result, "gid", user->pw_gid);
  napi_set_named_property(env, result, "groups", groups);
  set_string(env, result, "home", user->pw_dir);
  return result;
}

static napi_value lookup_user(napi_env env, napi_callback_info info) {
  napi_value arg, result = NULL;
  char *name = NULL, *buffer = NULL;
  if (!read_args(env, info, 1, &arg) || !(name = read_string(env, arg, NULL)))
    return throw_usage(env, "lookupUser(name)");
  struct passwd entry, *user = NULL;
  int error = ERANGE;
  for (size_t size = 4096; error == ERANGE && size <= LOOKUP_MAX; size *= 2) {
    free(buffer);
    buffer = malloc(size);
    error = buffer ? getpwnam_r(name, &entry, buffer, size, &user) : ENOMEM;
  }
  /* "Not found" is 0, or one of several errnos where a database is absent (getpwnam(3)). */
  if (user) {
    result = describe_user(env, user);
  } else if (error == 0 || error == ENOENT || error == ESRCH) {
    result = make_null(env);
  } else {
    throw_errno(env, "lookupUser", error);
  }
  free(buffer);
  free(name);
  return result;
}

static napi_value lookup_group(napi_env env, napi_callback_info info) {
  napi_value arg, result = NULL;
  char *name = NULL, *buffer = NULL;
  if (!read_args(env, info, 1, &arg) || !(name = read_string(env, arg, NULL)))
    return throw_usage(env, "lookupGroup(name)");
  struct group entry, *group = NULL;
  int error = ERANGE;
  for (size_t size = 4096; error == ERANGE && size <= LOOKUP_MAX; size *= 2) {
    free(buffer);
    buffer = malloc(size);
    error = buffer ? getgrnam_r(name, &entry, buffer, size, &group) : ENOMEM;
  }
  if (group) {
    result = make_number(env, group->gr_gid);
  } else if (error == 0 || error == ENOENT || error == ESRCH) {
    result = make_null(env);
  } else {
    throw_errno(env, "lookupGroup", error);
  }
  free(buffer);
  free(name);
  return result;
}

static napi_value file_lock(napi_env env, napi_callback_info info) {
  napi_value arg, result = NULL;
  int32_t fd;
  if (!read_args(env, info, 1, &arg) || !read_int32(env, arg, &fd)) return throw_usage(env, "fileLock(fd)");
  int outcome;
  do {
    outcome = flock(fd, LOCK_EX | LOCK_NB);
  } while (outcome < 0 && errno == EINTR);
  if (outcome < 0 && errno != EWOULDBLOCK) return throw_errno(env, "flock", errno);
  napi_get_boolean(env, outcome == 0, &result);
  return result;
}

/* Who connected to a Unix socket (unix(7), SO_PEERCRED), as of the connect(2). */
static napi_value peer_credentials(napi_env env, napi_callback_info info) {
  napi_value arg, result = NULL;
  int32_t fd;
  if (!read_args(env, info, 1, &arg) || !read_int32(env, arg, &fd)) return throw_usage(env, "peerCredentials(fd)");
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return throw_errno(env, "getsockopt", errno);
  if (napi_create_object(env, &result) != napi_ok) return NULL;
  set_number(env, result, "pid", peer.pid);
  set_number(env, result, "uid", peer.uid);
  set_number(env, result, "gid", peer.gid);
  return result;
}

napi_status sys_define(napi_env env, napi_value exports) {
  static const struct method methods[] = {
      {"linkDriver", link_driver},   {"monotonicMicros", monotonic_micros}, {"lookupUser", lookup_user},
      {"lookupGroup", lookup_group}, {"fileLock", file_lock},           {"peerCredentials", peer_credentials},
  };
  return DEFINE_METHODS(env, exports, methods);
}
