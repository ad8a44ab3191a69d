/*
 * Drops privileges in every thread (capabilities(7), credentials(7)).
 *
 * glibc applies setuid and its like to all threads. Capability sets, the bounding set and no_new_privs belong
 * to one thread, and only that thread can change them. The runtime has started its own threads by now, so a
 * signal carries the work to each of them; its handler makes the raw system calls. The result counts as /proc
 * shows it for each thread, not by what was sent.
 *
 * One order matters: no thread may lose its capabilities before glibc's setresuid has run in it; otherwise
 * setresuid fails there and glibc ends the process. Without KEEPCAPS, which is per thread and set in this one
 * only, setresuid itself then removes the capabilities of the others.
 */
#define _GNU_SOURCE
#include "netevd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LAST_CAPABILITY = 63, ANSWER_MS = 200, PATIENCE_MS = 250, QUIET_PASSES = 2 };

static const uint64_t EVERYTHING = ~0ULL, SETPCAP = 1ULL << CAP_SETPCAP;

struct sets {
  uint64_t effective, permitted, inheritable;
};

/* ---- one thread; async-signal-safe: only raw system calls ---- */

static int get_sets(struct sets *sets) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  if (syscall(SYS_capget, &header, data) < 0) return errno;
  sets->effective = data[0].effective | (uint64_t)data[1].effective << 32;
  sets->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
  sets->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
  return 0;
}

static int put_sets(const struct sets *sets) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  for (int half = 0; half < 2; half++) {
    data[half].effective = (uint32_t)(sets->effective >> (32 * half));
    data[half].permitted = (uint32_t)(sets->permitted >> (32 * half));
    data[half].inheritable = (uint32_t)(sets->inheritable >> (32 * half));
  }
  return syscall(SYS_capset, &header, data) < 0 ? errno : 0;
}

static int empty_bounding_set(void) {
  for (unsigned long capability = 0; capability <= LAST_CAPABILITY; capability++) {
    if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
      return errno;
  }
  return 0;
}

/* Keeps only `keep` of this thread's capabilities, and lets neither it nor a program that it starts gain any. */
static int restrict_here(uint64_t keep) {
  struct sets sets;
  int error = get_sets(&sets);
  if (error) return error;
  /* Only CAP_SETPCAP can empty the bounding set. Without it the set stays, and no capability can be gained from it. */
  if ((sets.effective & SETPCAP) && (error = empty_bounding_set())) return error;
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return errno;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return errno;
  sets.permitted &= keep;
  sets.effective = sets.permitted;
  sets.inheritable = 0;
  return put_sets(&sets);
}

void thread_shed_capabilities(void) {
  struct sets sets;
  /* A thread that can still change the user must be able to (see above); setresuid removes them anyway. */
  if (get_sets(&sets) || (sets.effective & 1ULL << CAP_SETUID)) return;
  restrict_here(0);
}

/* ---- the other threads ---- */

/*
 * SIGSYS: even threads that block every signal, as one of the runtime's does, do not block it, because a
 * crash handler needs it. Nothing raises it in a process without a trapping seccomp filter.
 */
int thread_work_signal(void) { return SIGSYS; }

static uint64_t current_keep;
static _Atomic int answers, first_error;

static void on_work_signal(int number) {
  (void)number;
  int saved = errno;
  int error = restrict_here(current_keep), none = 0;
  if (error) atomic_compare_exchange_strong(&first_error, &none, error);
  atomic_fetch_add(&answers, 1);
  errno = saved;
}

struct thread_status {
  uint64_t blocked, inheritable, permitted, effective, bounding, ambient;
  unsigned long long no_new_privs;
};

static bool read_status(pid_t thread, struct thread_status *status) {
  static const char *const names[] = {"SigBlk", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
  uint64_t *const values[] = {&status->blocked,   &status->inheritable, &status->permitted,
                              &status->effective, &status->bounding,    &status->ambient};
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)thread);
  FILE *file = fopen(path, "re");
  if (!file) return false;
  memset(status, 0, sizeof *status);
  while (fgets(line, sizeof line, file)) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
      size_t length = strlen(names[i]);
      if (!strncmp(line, names[i], length) && line[length] == ':') *values[i] = strtoull(line + length + 1, NULL, 16);
    }
    if (!strncmp(line, "NoNewPrivs:", 11)) status->no_new_privs = strtoull(line + 11, NULL, 10);
  }
  fclose(file);
  return true;
}

static bool is_done(const struct thread_status *status, uint64_t keep) {
  bool bounding_left = status->bounding && (status->effective & SETPCAP);
  return status->no_new_privs && !status->ambient && !status->inheritable && !bounding_left &&
         !(status->permitted & ~keep);
}

static void pause_us(long microseconds) {
  const struct timespec step = {0, microseconds * 1000};
  nanosleep(&step, NULL);
}

/* Sends the signal and waits for the answer; false if the thread is gone or does not answer. */
static bool do_in_thread(pid_t thread) {
  const int before = atomic_load(&answers);
  if (syscall(SYS_tgkill, getpid(), thread, thread_work_signal()) < 0) return false;
  for (int waited = 0; waited < ANSWER_MS * 20; waited++) {
    if (atomic_load(&answers) != before) return true;
    pause_us(50);
  }
  return false;
}

struct pass {
  int done; /* threads that got work and did it */
  int left; /* threads that could not get work now */
};

/* One pass over every thread but this one. */
static struct pass make_pass(uint64_t keep) {
  const uint64_t signal_bit = 1ULL << (thread_work_signal() - 1);
  const pid_t self = (pid_t)syscall(SYS_gettid);
  struct pass result = {0, 0};
  struct dirent *entry;
  DIR *tasks = opendir("/proc/self/task");
  if (!tasks) return (struct pass){0, 1}; /* without /proc the threads are unknown */
  while ((entry = readdir(tasks))) {
    struct thread_status status;
    pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
    if (thread <= 0 || thread == self || !read_status(thread, &status) || is_done(&status, keep)) continue;
    if (!(status.blocked & signal_bit) && do_in_thread(thread)) {
      result.done++;
    } else if (syscall(SYS_tgkill, getpid(), thread, 0) == 0) {
      result.left++;
    }
  }
  closedir(tasks);
  return result;
}

/*
 * Repeats passes until two in a row find nothing to do: a thread may have started another, and a listing of
 * /proc can end early if a thread ends meanwhile. A starting thread blocks every signal for a moment, so
 * threads that do get some time. Returns 0 or errno.
 */
static int restrict_others(uint64_t keep, int *unreached) {
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_work_signal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  current_keep = keep;
  atomic_store(&first_error, 0);
  if (sigaction(thread_work_signal(), &action, &before) < 0) return errno;
  struct pass last = {0, 0};
  const int64_t patience_ends = monotonic_us() + PATIENCE_MS * 1000;
  for (int quiet = 0; quiet < QUIET_PASSES && !atomic_load(&first_error);) {
    last = make_pass(keep);
    quiet = last.done || last.left ? 0 : quiet + 1;
    if (last.done || !last.left) continue;
    if (monotonic_us() > patience_ends) break;
    pause_us(1000);
  }
  *unreached = last.left;
  /* The handler stays while a late signal is possible: the default action would end the process. */
  if (!last.left) sigaction(thread_work_signal(), &before, NULL);
  return atomic_load(&first_error);
}

/*
 * Installs a filter that allows everything, with TSYNC: the kernel copies no_new_privs to each thread, also
 * to those that no signal reaches. SPEC_ALLOW: a filter must not enable processor mitigations as a side
 * effect (before Linux 5.16).
 */
static int no_new_privileges_everywhere(void) {
  struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {1, &allow};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return errno;
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                 &program) != 0
             ? EPERM
             : 0;
}

/* ---- the whole process ---- */

/* An incomplete drop is worse than an end: nothing may run with an identity that no one chose. */
static _Noreturn void die(const char *what) {
  dprintf(STDERR_FILENO, "netevd: dropping privileges failed half-way at %s: %s\n", what, strerror(errno));
  abort();
}

/* Keeps capabilities over setresuid, in this thread; with CAP_SETPCAP it also makes uid 0 mean nothing, for good. */
static int set_securebits(bool allowed) {
  const unsigned long bits = SECBIT_KEEP_CAPS | SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
                             SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  int result = allowed ? prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) : prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  return result < 0 ? errno : 0;
}

struct identity {
  uid_t uid;
  gid_t gid;
  const gid_t *groups;
  size_t group_count;
};

static void verify(const struct identity *identity, uint64_t keep) {
  uid_t ruid, euid, suid;
  gid_t rgid, egid, sgid;
  struct sets sets;
  if (getresuid(&ruid, &euid, &suid) || getresgid(&rgid, &egid, &sgid) || get_sets(&sets)) die("reading back");
  if (ruid != identity->uid || euid != identity->uid || suid != identity->uid) die("the user id");
  if (rgid != identity->gid || egid != identity->gid || sgid != identity->gid) die("the group id");
  if (sets.permitted != keep || sets.effective != keep || sets.inheritable) die("the capabilities");
  if (setuid(0) == 0) die("the way back to root, which is open");
}

/* From setgroups on there is no way back: any failure ends the process. */
static int change_identity(const struct identity *identity, uint64_t keep) {
  const struct sets kept = {keep, keep, 0};
  if (setgroups(identity->group_count, identity->groups) < 0) return errno;
  if (setresgid(identity->gid, identity->gid, identity->gid) < 0) die("setresgid");
  if (setresuid(identity->uid, identity->uid, identity->uid) < 0) die("setresuid");
  if ((errno = put_sets(&kept))) die("capset");
  if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0) die("clearing KEEPCAPS");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) die("PR_SET_DUMPABLE");
  verify(identity, keep);
  return 0;
}

static int drop(const struct identity *identity, uint64_t keep, int *unreached, const char **step) {
  struct sets sets;
  *step = "other threads";
  int error = restrict_others(EVERYTHING, unreached); /* see the top: they keep theirs until setresuid */
  if (error) return error;
  *step = "this thread";
  if ((error = restrict_here(EVERYTHING)) || (error = get_sets(&sets))) return error;
  *step = "securebits";
  if ((error = set_securebits(sets.effective & SETPCAP))) return error;
  *step = "setgroups";
  if ((error = change_identity(identity, keep & sets.permitted))) return error;
  if (*unreached && (errno = no_new_privileges_everywhere())) die("seccomp");
  return 0;
}

static int trim(uint64_t keep, int *unreached, const char **step) {
  *step = "PR_SET_DUMPABLE";
  /* First: any process of the same user could control a thread without capabilities but with our memory. */
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return errno;
  *step = "other threads";
  int error = restrict_others(0, unreached);
  if (error) return error;
  *step = "this thread";
  if ((error = restrict_here(keep))) return error;
  *step = "seccomp";
  return *unreached ? no_new_privileges_everywhere() : 0;
}

/* ---- the interface ---- */

static napi_value failed(napi_env env, const char *function, const char *step, int error) {
  char what[64];
  snprintf(what, sizeof what, "%s: %s", function, step);
  return throw_errno(env, what, error);
}

static napi_value privileges_drop(napi_env env, napi_callback_info info) {
  static const char usage[] = "privilegesDrop({uid, gid, groups: number[], keepMask}): uid and gid not 0";
  napi_value options;
  int64_t uid, gid, keep;
  size_t count = 0;
  if (!read_args(env, info, 1, &options) || !read_int64(env, get_property(env, options, "uid"), &uid) ||
      !read_int64(env, get_property(env, options, "gid"), &gid) ||
      !read_int64(env, get_property(env, options, "keepMask"), &keep) || uid <= 0 || uid >= UINT32_MAX || gid <= 0 ||
      gid >= UINT32_MAX || keep < 0)
    return throw_usage(env, usage);
  uint32_t *groups = read_uint32s(env, get_property(env, options, "groups"), &count);
  if (!groups) return throw_usage(env, usage);
  const struct identity identity = {(uid_t)uid, (gid_t)gid, groups, count};
  const char *step = "";
  int unreached = 0, error = drop(&identity, (uint64_t)keep, &unreached, &step);
  free(groups);
  return error ? failed(env, "privilegesDrop", step, error) : make_number(env, unreached);
}

static napi_value privileges_trim(napi_env env, napi_callback_info info) {
  napi_value options;
  int64_t keep;
  if (!read_args(env, info, 1, &options) || !read_int64(env, get_property(env, options, "keepMask"), &keep) || keep < 0)
    return throw_usage(env, "privilegesTrim({keepMask})");
  const char *step = "";
  int unreached = 0, error = trim((uint64_t)keep, &unreached, &step);
  return error ? failed(env, "privilegesTrim", step, error) : make_number(env, unreached);
}

napi_status priv_define(napi_env env, napi_value exports) {
  static const struct method methods[] = {
      {"privilegesDrop", privileges_drop},
      {"privilegesTrim", privileges_trim},
  };
  return DEFINE_METHODS(env, exports, methods);
}
