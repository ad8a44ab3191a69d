/*
 * Hooks as child processes, on the JavaScript thread: start, signal, report, reap.
 *
 * A child is reaped only after its onExit has returned (or, if that returned true, by childRelease). Until
 * then no other process can get its number, and a signal to its group reaches no other process.
 */
#define _GNU_SOURCE
#include "children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* ---- reporting ---- */

static void wait_for(const struct child *child) {
  siginfo_t info;
  while (waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED) < 0 && errno == EINTR) {
  }
}

/* Reaps the zombie and removes the child from our lists. */
static void reap(struct children *children, struct child *child) {
  wait_for(child);
  close_fd(&child->pidfd);
  for (struct child **link = &children->all; *link; link = &(*link)->next) {
    if (*link != child) continue;
    *link = child->next;
    break;
  }
  free_child(child);
  if (!children->all) napi_unref_threadsafe_function(children->addon->env, children->report);
}

static double micros(struct timeval time) { return (double)time.tv_sec * 1e6 + (double)time.tv_usec; }

static void set_or_null(napi_env env, napi_value object, const char *name, bool known, double number) {
  if (known) {
    set_number(env, object, name, number);
  } else {
    set_null(env, object, name);
  }
}

static napi_value describe(napi_env env, const struct child *child) {
  napi_value result;
  if (napi_create_object(env, &result) != napi_ok) return NULL;
  set_number(env, result, "pid", child->pid);
  set_or_null(env, result, "code", child->code >= 0, child->code);
  set_or_null(env, result, "signal", child->signal >= 0, child->signal);
  set_bytes(env, result, "stdout", child->outputs[0].bytes, child->outputs[0].length);
  set_bytes(env, result, "stderr", child->outputs[1].bytes, child->outputs[1].length);
  set_number(env, result, "dropped", (double)child->dropped);
  set_number(env, result, "userMicros", micros(child->usage.ru_utime));
  set_number(env, result, "systemMicros", micros(child->usage.ru_stime));
  /* Until its exec a child of vfork is counted with our memory: a peak that is not above ours means nothing. */
  set_or_null(env, result, "maxRssKb", child->usage.ru_maxrss > child->own_peak_kb, (double)child->usage.ru_maxrss);
  set_number(env, result, "durationMicros", (double)(child->ended_us - child->started_us));
  set_bool(env, result, "outputStillOpen", child->output_still_open);
  return result;
}

/* Calls onExit; true if it reserves the child. */
static bool call_on_exit(napi_env env, struct child *child) {
  napi_value undefined, handler, result, answer = NULL;
  bool reserve = false;
  if (napi_get_undefined(env, &undefined) == napi_ok &&
      napi_get_reference_value(env, child->on_exit, &handler) == napi_ok && (result = describe(env, child)))
    napi_call_function(env, undefined, handler, 1, &result, &answer);
  napi_delete_reference(env, child->on_exit);
  child->on_exit = NULL;
  raise_pending(env);
  return answer && napi_get_value_bool(env, answer, &reserve) == napi_ok && reserve;
}

static struct child *take_completed(struct children *children) {
  pthread_mutex_lock(&children->lock);
  struct child *list = children->completed;
  children->completed = NULL;
  children->completed_tail = &children->completed;
  children->queued = false;
  pthread_mutex_unlock(&children->lock);
  return list;
}

static void report(napi_env env, napi_value unused, void *context, void *data) {
  struct children *children = context;
  (void)unused;
  (void)data;
  if (!env) return; /* the environment is ending: children_stop frees what is queued */
  for (struct child *child = take_completed(children), *next; child; child = next) {
    napi_handle_scope scope;
    next = child->next_in_queue;
    if (napi_open_handle_scope(env, &scope) != napi_ok) continue;
    child->reserved = call_on_exit(env, child);
    if (!child->reserved) reap(children, child);
    napi_close_handle_scope(env, scope);
  }
}

/* ---- beginning and end ---- */

static void children_stop_hook(void *data) {
  struct children *children = data;
  children_stop(children->addon);
}

static void report_finalized(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

/* If our parent ignored SIGCHLD, which survives an exec, the kernel reaps and reports no end. */
static int keep_zombies(void) {
  struct sigaction action;
  if (sigaction(SIGCHLD, NULL, &action) < 0) return errno;
  if (action.sa_handler != SIG_IGN && !(action.sa_flags & SA_NOCLDWAIT)) return 0;
  if (action.sa_handler == SIG_IGN) action.sa_handler = SIG_DFL;
  action.sa_flags &= ~SA_NOCLDWAIT;
  return sigaction(SIGCHLD, &action, NULL) < 0 ? errno : 0;
}

static int start_watching(napi_env env, struct children *children) {
  napi_value name;
  int error = keep_zombies();
  if (error) return error;
  children->epoll = epoll_create1(EPOLL_CLOEXEC);
  children->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (children->epoll < 0 || children->wake < 0 ||
      epoll_ctl(children->epoll, EPOLL_CTL_ADD, children->wake, &event) < 0)
    return errno;
  if (napi_create_string_utf8(env, "netevd:children", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, children, report_finalized, children, report,
                                      &children->report) != napi_ok)
    return ENOMEM;
  /* The process must stay alive only while there is a child. */
  napi_unref_threadsafe_function(env, children->report);
  return thread_start(&children->thread, "netevd:children", watch_children, children);
}

static struct children *children_of(napi_env env, int *error) {
  struct addon *addon = addon_of(env);
  if (addon->children) return addon->children;
  struct children *children = calloc(1, sizeof *children);
  *error = ENOMEM;
  if (!children) return NULL;
  children->addon = addon;
  children->epoll = children->wake = -1;
  children->completed_tail = &children->completed;
  pthread_mutex_init(&children->lock, NULL);
  *error = start_watching(env, children);
  if (*error) {
    close_fd(&children->epoll);
    close_fd(&children->wake);
    if (children->report) {
      napi_release_threadsafe_function(children->report, napi_tsfn_abort); /* frees the rest */
    } else {
      free(children);
    }
    return NULL;
  }
  addon->children = children;
  napi_add_env_cleanup_hook(env, children_stop_hook, children);
  return children;
}

/* The environment ends. Children that still run are not touched: the daemon has decided about them before. */
void children_stop(struct addon *addon) {
  struct children *children = addon->children;
  if (!children) return;
  addon->children = NULL;
  stop_watching(children);
  pthread_join(children->thread, NULL);
  while (children->all) {
    struct child *child = children->all;
    siginfo_t info;
    children->all = child->next;
    unwatch_child(children, child);
    if (child->exited) waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED | WNOHANG);
    close_fd(&child->pidfd);
    if (child->on_exit) napi_delete_reference(addon->env, child->on_exit);
    free_child(child);
  }
  close_fd(&children->epoll);
  close_fd(&children->wake);
  children->completed = NULL;
  napi_release_threadsafe_function(children->report, napi_tsfn_abort);
}

/* ---- starting ---- */

struct arguments {
  char *file, *cwd;
  char **argv, **envp;
  struct bytes input;
  int32_t output_limit;
  napi_value on_exit;
  int32_t note_fd;
  struct bytes note; /* empty if there is none */
};

static void free_arguments(struct arguments *arguments) {
  free(arguments->file);
  free(arguments->cwd);
  free_strings(arguments->argv);
  free_strings(arguments->envp);
}

/* Optional: `note`, and then `noteFd`. */
static bool read_note(napi_env env, napi_value options, struct arguments *arguments) {
  napi_valuetype type;
  napi_value note = get_property(env, options, "note");
  if (!note || napi_typeof(env, note, &type) != napi_ok || type == napi_undefined) return true;
  return read_bytes(env, note, &arguments->note) && read_int32(env, get_property(env, options, "noteFd"), &arguments->note_fd) &&
         arguments->note_fd >= 0;
}

static bool read_arguments(napi_env env, napi_callback_info info, struct arguments *arguments) {
  napi_value options;
  napi_valuetype type;
  if (!read_args(env, info, 1, &options)) return false;
  arguments->file = read_string(env, get_property(env, options, "file"), NULL);
  arguments->cwd = read_string(env, get_property(env, options, "cwd"), NULL);
  arguments->argv = read_strings(env, get_property(env, options, "argv"));
  arguments->envp = read_strings(env, get_property(env, options, "env"));
  arguments->on_exit = get_property(env, options, "onExit");
  return arguments->file && arguments->cwd && arguments->argv && arguments->argv[0] && arguments->envp &&
         read_bytes(env, get_property(env, options, "stdin"), &arguments->input) &&
         read_int32(env, get_property(env, options, "outputLimit"), &arguments->output_limit) &&
         arguments->output_limit >= 0 && read_note(env, options, arguments) && arguments->on_exit &&
         napi_typeof(env, arguments->on_exit, &type) == napi_ok && type == napi_function;
}

/* In a daemon started without standard streams a new descriptor may have one of their numbers: moves it. */
static int above_stdio(int fd) {
  if (fd < 0 || fd > 2) return fd;
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  close(fd);
  return moved;
}

/* One pipe: the non-blocking reading end in *ours, the writing end in *theirs. */
static int open_pipe(int *ours, int *theirs) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return errno;
  *ours = above_stdio(ends[0]);
  *theirs = above_stdio(ends[1]);
  if (*ours < 0 || *theirs < 0 || fcntl(*ours, F_SETFL, O_NONBLOCK) < 0) return errno;
  return 0;
}

static int open_stdio(struct child *child, const struct bytes *input, int stdio[3]) {
  int fd = sealed_memfd("netevd-event", input->data, input->length);
  if (fd < 0) return -fd;
  stdio[0] = above_stdio(fd);
  if (stdio[0] < 0) return errno;
  int error = open_pipe(&child->outputs[0].watch.fd, &stdio[1]);
  return error ? error : open_pipe(&child->outputs[1].watch.fd, &stdio[2]);
}

static int start_process(struct child *child, const struct arguments *arguments) {
  int stdio[3] = {-1, -1, -1};
  struct rusage own;
  int error = open_stdio(child, &arguments->input, stdio);
  if (!error) {
    struct spawn_request request = {arguments->file,
                                    arguments->argv,
                                    arguments->envp,
                                    arguments->cwd,
                                    {stdio[0], stdio[1], stdio[2]},
                                    arguments->note_fd,
                                    arguments->note.data,
                                    arguments->note.length};
    child->started_us = monotonic_us();
    error = spawn_process(&request, &child->pid, &child->pidfd);
  }
  if (getrusage(RUSAGE_SELF, &own) == 0) child->own_peak_kb = own.ru_maxrss;
  for (int i = 0; i < 3; i++) close_fd(&stdio[i]);
  return error;
}

static void close_child(struct child *child) {
  close_fd(&child->outputs[0].watch.fd);
  close_fd(&child->outputs[1].watch.fd);
  free_child(child);
}

static struct child *make_child(size_t output_limit) {
  struct child *child = calloc(1, sizeof *child);
  if (!child) return NULL;
  child->pidfd = child->exit.fd = -1;
  child->outputs[0].watch.fd = child->outputs[1].watch.fd = -1;
  child->exit.child = child->outputs[0].watch.child = child->outputs[1].watch.child = child;
  child->output_limit = output_limit;
  return child;
}

static int start_child(struct children *children, const struct arguments *arguments, struct child **started) {
  struct child *child = make_child((size_t)arguments->output_limit);
  if (!child) return ENOMEM;
  int error = start_process(child, arguments);
  if (error) {
    close_child(child);
    return error;
  }
  child->exit.fd = child->pidfd;
  error = watch_child(children, child);
  if (error) { /* a child that cannot be watched must not run */
    kill(-child->pid, SIGKILL);
    wait_for(child);
    discard_child(children, child);
    return error;
  }
  *started = child;
  return 0;
}

/* Field 22 of /proc/PID/stat (proc(5)): with the pid it identifies a process until the next boot. */
static double start_time(pid_t pid) {
  char path[32], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = '\0';
  char *field = strrchr(text, ')'); /* the name before it may contain any character */
  for (int number = 2; field && number < 22; number++) field = strchr(field + 1, ' ');
  return field ? (double)strtoull(field, NULL, 10) : 0;
}

static napi_value adopt(napi_env env, struct children *children, struct child *child) {
  napi_value started;
  if (!children->all) napi_ref_threadsafe_function(env, children->report);
  child->next = children->all;
  children->all = child;
  if (napi_create_object(env, &started) != napi_ok) return NULL;
  set_number(env, started, "pid", child->pid);
  set_number(env, started, "startTime", start_time(child->pid));
  return started;
}

static napi_value child_spawn(napi_env env, napi_callback_info info) {
  struct arguments arguments = {0};
  napi_ref on_exit = NULL;
  if (!read_arguments(env, info, &arguments)) {
    free_arguments(&arguments);
    return throw_usage(env,
                       "childSpawn({file, argv: string[], env: string[], cwd, stdin: Uint8Array, outputLimit, note?, noteFd?, onExit}): "
                       "strings without NUL, argv not empty");
  }
  int error = 0;
  struct child *child = NULL;
  struct children *children = children_of(env, &error);
  if (children && napi_create_reference(env, arguments.on_exit, 1, &on_exit) != napi_ok) error = ENOMEM;
  if (children && !error) error = start_child(children, &arguments, &child);
  if (error) {
    if (on_exit) napi_delete_reference(env, on_exit);
    throw_errno(env, arguments.file, error);
    free_arguments(&arguments);
    return NULL;
  }
  free_arguments(&arguments);
  child->on_exit = on_exit; /* completed or not, only this thread uses it */
  return adopt(env, children, child);
}

/* ---- signalling ---- */

static struct child *find(napi_env env, int32_t pid) {
  struct children *children = addon_of(env)->children;
  struct child *child = children ? children->all : NULL;
  while (child && child->pid != pid) child = child->next;
  return child;
}

static napi_value child_kill(napi_env env, napi_callback_info info) {
  napi_value args[2];
  int32_t pid, number;
  if (!read_args(env, info, 2, args) || !read_int32(env, args[0], &pid) || !read_int32(env, args[1], &number))
    return throw_usage(env, "childKill(pid, signal)");
  /* kill(-1) reaches every process, kill(0) this one */
  if (pid <= 1 || !find(env, pid)) return make_number(env, -ESRCH);
  return make_number(env, kill(-pid, number) < 0 ? -errno : 0);
}

static napi_value child_release(napi_env env, napi_callback_info info) {
  napi_value arg;
  int32_t pid;
  if (!read_args(env, info, 1, &arg) || !read_int32(env, arg, &pid)) return throw_usage(env, "childRelease(pid)");
  struct child *child = find(env, pid);
  if (!child || !child->reserved) return make_number(env, -ESRCH);
  reap(addon_of(env)->children, child);
  return make_number(env, 0);
}

napi_status children_define(napi_env env, napi_value exports) {
  static const struct method methods[] = {
      {"childSpawn", child_spawn},
      {"childKill", child_kill},
      {"childRelease", child_release},
  };
  return DEFINE_METHODS(env, exports, methods);
}
