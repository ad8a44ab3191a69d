/*
 * Starts a program by vfork: parent and child share their memory until the exec, so that the cost does not
 * grow with our memory, and the child can report why it failed. Not by posix_spawn, which cannot set the
 * umask or a limit, and not by the runtime's own spawn, whose standard streams are sockets: `echo text
 * >/dev/stderr` fails on those (ENXIO).
 */
#define _GNU_SOURCE
#include "netevd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  LAST_SIGNAL = 64,
  /* As systemd sets it: more breaks programs that use select(2). The runtime raised ours to the hard limit. */
  OPEN_FILES = 1024,
  /*
   * For the user as a whole. If hooks used up every process, the runtime would end ours: it starts threads
   * for its garbage collection now and then. TasksMax of the unit is twice as much.
   */
  PROCESSES = 4096,
};

/* The kernel's struct, equal on every architecture that Bun supports: glibc's does not reach signals 32 and 33. */
struct kernel_sigaction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)(void);
  uint64_t mask;
};

static int set_signal_mask(uint64_t mask, uint64_t *before) {
  return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, before, sizeof mask);
}

/* Ignored signals stay ignored after an exec (the runtime ignores SIGPIPE), and handlers are the parent's code. */
static void reset_signals(void) {
  static const struct kernel_sigaction initial; /* SIG_DFL */
  for (int number = 1; number <= LAST_SIGNAL; number++) {
    if (number == SIGKILL || number == SIGSTOP) continue;
    syscall(SYS_rt_sigaction, number, &initial, NULL, sizeof initial.mask);
  }
}

static void lower_limits(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > OPEN_FILES) {
    limit.rlim_cur = OPEN_FILES;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  /* Cannot be raised again, unlike the soft limit. */
  if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_max > PROCESSES) {
    limit.rlim_cur = limit.rlim_max = PROCESSES;
    setrlimit(RLIMIT_NPROC, &limit);
  }
}

/*
 * A hook has no capability, whoever starts it. Ambient and inheritable ones would be passed on, and a program
 * that root starts gets the whole bounding set, which a root without CAP_SETPCAP (that of a container) cannot
 * empty. With no_new_privs it gets no more of that set than its starter has at the exec, which is nothing
 * (capabilities(7)).
 */
static int give_up_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2];
  memset(none, 0, sizeof none);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return (int)syscall(SYS_capset, &header, none);
}

/* linux/landlock.h of Linux 6.12 (ABI 6): older headers do not have `scoped`. The system calls have one number everywhere. */
struct signal_scope {
  uint64_t handled_access_fs, handled_access_net, scoped;
};
enum { SCOPE_SIGNAL = 1 << 1, SYS_LANDLOCK_CREATE_RULESET = 444, SYS_LANDLOCK_RESTRICT_SELF = 446 };

/*
 * Hooks are processes of our user, which could end us: with a scope of its own (landlock(7)), a hook and what it starts send
 * signals to each other alone. We are outside and reach all of them. A kernel without it refuses, and the hook runs as before.
 */
static void confine_signals(void) {
  const struct signal_scope scope = {.scoped = SCOPE_SIGNAL};
  int ruleset = (int)syscall(SYS_LANDLOCK_CREATE_RULESET, &scope, sizeof scope, 0U);
  if (ruleset < 0) return;
  syscall(SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0U);
  close(ruleset);
}

/*
 * The child itself notes that the program starts. If the parent is killed now, the child still execs, and a
 * note by the parent would be missing. The parent notices a failed write.
 */
static void put_down(const struct spawn_request *request) {
  if (request->note_length == 0) return;
  while (write(request->note_fd, request->note, request->note_length) < 0 && errno == EINTR) {
  }
}

/* Makes only async-signal-safe calls; writes nothing of the parent's memory but *error. Returns only on failure. */
static void become(const struct spawn_request *request, volatile int *error) {
  reset_signals();
  /* A session, not only a group: without a controlling terminal neither ^C nor a read from the tty involves a hook. */
  bool ready = setsid() >= 0;
  if (ready) put_down(request);
  for (int fd = 0; ready && fd < 3; fd++) ready = dup2(request->stdio[fd], fd) == fd;
  ready = ready && syscall(SYS_close_range, 3U, ~0U, 0U) == 0;
  ready = ready && chdir(request->cwd) == 0;
  ready = ready && give_up_capabilities() == 0;
  if (ready) {
    confine_signals();
    umask(022);
    lower_limits();
    set_signal_mask(0, NULL);
    execve(request->file, request->argv, request->envp);
  }
  *error = errno;
}

static __attribute__((noinline)) pid_t fork_and_become(const struct spawn_request *request, volatile int *error) {
  pid_t pid = vfork();
  if (pid == 0) {
    become(request, error);
    _exit(127);
  }
  return pid;
}

static void reap(pid_t pid) {
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
  }
}

int spawn_process(const struct spawn_request *request, pid_t *pid, int *pidfd) {
  volatile int error = 0;
  uint64_t before = 0;
  /* No handler of the runtime may run in the child, on our memory. */
  set_signal_mask(~0ULL, &before);
  *pid = fork_and_become(request, &error);
  int fork_error = *pid < 0 ? errno : 0;
  set_signal_mask(before, NULL);
  if (fork_error) return fork_error;
  if (error) {
    reap(*pid);
    return error;
  }
  /* No other process can have the number: only we reap this child. */
  *pidfd = (int)syscall(SYS_pidfd_open, *pid, 0);
  if (*pidfd >= 0) return 0;
  error = errno;
  kill(-*pid, SIGKILL);
  reap(*pid);
  return error;
}
