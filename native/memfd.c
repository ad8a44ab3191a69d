/* Copies bytes to a descriptor whose content no receiver can change. */
#define _GNU_SOURCE
#include "netevd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_NOEXEC_SEAL 0x0008U
#define MFD_EXEC 0x0010U
#endif

/*
 * MFD_NOEXEC_SEAL only where sysctl vm.memfd_noexec demands it (EACCES): it adds a seal, and the journal of
 * older systemd versions accepts a message only with exactly the four seals of its protocol.
 */
static int create(const char *name) {
  const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int fd = memfd_create(name, flags | MFD_EXEC);
  if (fd < 0 && errno == EINVAL) fd = memfd_create(name, flags); /* before Linux 6.3 */
  if (fd < 0 && errno == EACCES) fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);
  return fd;
}

static int write_all(int fd, const uint8_t *bytes, size_t length) {
  size_t done = 0;
  while (done < length) {
    /* pwrite leaves the offset, which the receiver shares, at 0 */
    ssize_t written = pwrite(fd, bytes + done, length - done, (off_t)done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    done += (size_t)written;
  }
  return 0;
}

int sealed_memfd(const char *name, const void *bytes, size_t length) {
  int fd = create(name);
  if (fd < 0) return -errno;
  int error = write_all(fd, bytes, length);
  if (!error && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) error = errno;
  if (error) {
    close(fd);
    return -error;
  }
  return fd;
}
