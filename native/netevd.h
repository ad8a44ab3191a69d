/*
 * The native part of netevd: what Linux offers and JavaScript cannot reach. Uses Node-API only (never libuv),
 * so that the same file loads in Bun, for which it is made, and in Node, where the sanitizers run.
 *
 * Threads: every exported function runs on the JavaScript thread. We have two kinds of threads, the reader of
 * a netlink socket (netlink-read.c) and the one that watches all children (child-watch.c). Neither calls
 * Node-API except for napi_call_threadsafe_function.
 */
#ifndef NETEVD_H
#define NETEVD_H

#define NAPI_VERSION 8
#include <node_api.h>

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct netlink;
struct children;

/* Everything that one JavaScript environment has open: its instance data, freed by module.c when it ends. */
struct addon {
  napi_env env;
  struct netlink *sockets; /* list, newest first */
  int32_t next_handle;
  struct children *children; /* NULL until the first spawn */
  int query_fd;              /* netlink socket of netlinkQuery, -1 until used */
  int datagram_fd;           /* unbound AF_UNIX socket of dgramSend, -1 until used */
  int inet_fd;               /* for SIOCETHTOOL, -1 until used */
};

struct addon *addon_of(napi_env env);

/* What each file adds to the module, and what it frees when the environment ends. */
napi_status netlink_define(napi_env env, napi_value exports);
napi_status query_define(napi_env env, napi_value exports);
napi_status children_define(napi_env env, napi_value exports);
napi_status dgram_define(napi_env env, napi_value exports);
napi_status priv_define(napi_env env, napi_value exports);
napi_status sys_define(napi_env env, napi_value exports);
napi_status trim_define(napi_env env, napi_value exports);
napi_status inotify_define(napi_env env, napi_value exports);
void netlink_close_all(struct addon *addon);
void children_stop(struct addon *addon);

/* ---- threads (thread.c) and time (clock.c) ---- */

/* Starts a thread with a small stack that blocks every signal except those that must reach it. Returns 0 or errno. */
int thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *arg);

/* CLOCK_MONOTONIC. */
int64_t monotonic_us(void);

/* ---- spawn (spawn.c) ---- */

struct spawn_request {
  const char *file;
  char *const *argv;
  char *const *envp;
  const char *cwd;
  int stdio[3]; /* each 3 or greater */
  /* What the child itself writes right before the exec, and where; length 0: nothing. */
  int note_fd;
  const void *note;
  size_t note_length;
};

/* Starts a program in its own session. Returns 0, or the errno of what failed in parent or child (exec included). */
int spawn_process(const struct spawn_request *request, pid_t *pid, int *pidfd);

/* ---- memfd (memfd.c) ---- */

/* A sealed anonymous file with these bytes and offset 0; or -errno. No process can change it. */
int sealed_memfd(const char *name, const void *bytes, size_t length);

/* ---- privileges (priv.c) ---- */

/* Drops every capability of the calling thread, unless the process may still become another user. */
void thread_shed_capabilities(void);
/* The signal that carries work to other threads (see priv.c): our own threads do not block it. */
int thread_work_signal(void);

/* ---- values (values.c) ---- */

struct bytes {
  uint8_t *data;
  size_t length;
};

/* Throws an Error with `code` (the errno name) and `errno`; returns NULL for the caller to return. */
napi_value throw_errno(napi_env env, const char *what, int error);
/* Throws a TypeError; returns NULL. */
napi_value throw_usage(napi_env env, const char *usage);

/* Reads up to `want` arguments; false if there are fewer. */
bool read_args(napi_env env, napi_callback_info info, size_t want, napi_value *args);

bool read_bytes(napi_env env, napi_value value, struct bytes *bytes);
bool read_int32(napi_env env, napi_value value, int32_t *number);
bool read_int64(napi_env env, napi_value value, int64_t *number);
/* A malloc'd copy, its length without the final NUL in *length (if that is NULL, a NUL inside is refused). */
char *read_string(napi_env env, napi_value value, size_t *length);
/* A malloc'd, NULL-terminated array of malloc'd strings. */
char **read_strings(napi_env env, napi_value value);
void free_strings(char **strings);
/* A malloc'd array of numbers; *count may be 0, then the pointer is still not NULL. */
uint32_t *read_uint32s(napi_env env, napi_value value, size_t *count);
napi_value get_property(napi_env env, napi_value object, const char *name);

void set_number(napi_env env, napi_value object, const char *name, double number);
void set_bool(napi_env env, napi_value object, const char *name, bool value);
void set_null(napi_env env, napi_value object, const char *name);
void set_string(napi_env env, napi_value object, const char *name, const char *text);
void set_bytes(napi_env env, napi_value object, const char *name, const void *data, size_t length);

napi_value make_number(napi_env env, double number);
napi_value make_bytes(napi_env env, const void *data, size_t length);
napi_value make_null(napi_env env);

/* Passes a pending exception of a callback to the runtime as an uncaught one: it is a bug and must not be lost. */
void raise_pending(napi_env env);

struct method {
  const char *name;
  napi_callback run;
};
napi_status define_methods(napi_env env, napi_value exports, const struct method *methods, size_t count);
#define DEFINE_METHODS(env, exports, list) define_methods(env, exports, list, sizeof(list) / sizeof *(list))

#endif
