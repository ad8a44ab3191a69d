/* Bytes as a descriptor that no receiver can change under another one's eyes. */
#define _GNU_SOURCE
#include "netevd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

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
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
  if (fd < 0 && errno == EINVAL) fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); /* before Linux 6.3 */
  if (fd < 0) return -errno;
  int error = write_all(fd, bytes, length);
  if (!error && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) error = errno;
  if (error) {
    close(fd);
    return -error;
  }
  return fd;
}
