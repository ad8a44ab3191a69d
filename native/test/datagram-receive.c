/*
 * datagram-receive PATH COUNT - binds an AF_UNIX datagram socket (PATH with a leading @: abstract), prints
 * "ready", waits for a line on stdin, and then prints one line for each of COUNT datagrams:
 *   inline LENGTH SUM        the datagram itself
 *   memfd LENGTH SUM SEALS   an empty datagram with a descriptor: its size, the sum of its bytes, its seals
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static unsigned long sum(const uint8_t *bytes, size_t length) {
  unsigned long total = 0;
  for (size_t i = 0; i < length; i++) total += bytes[i];
  return total;
}

static int bind_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length >= sizeof address.sun_path) return -1;
  memcpy(address.sun_path, path, length + 1);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
  if (path[0] == '@') {
    address.sun_path[0] = '\0';
    size--;
  }
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  return fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 ? fd : -1;
}

static void print_memfd(int fd) {
  struct stat status;
  if (fstat(fd, &status) < 0) exit(1);
  size_t length = (size_t)status.st_size;
  const uint8_t *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) exit(1);
  printf("memfd %zu %lu %d\n", length, sum(bytes, length), fcntl(fd, F_GET_SEALS));
}

int main(int argc, char **argv) {
  static uint8_t buffer[1 << 20];
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  int fd = argc == 3 ? bind_to(argv[1]) : -1;
  if (fd < 0) {
    perror("datagram-receive");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  if (getchar() == EOF) return 1;
  for (int left = atoi(argv[2]); left > 0; left--) {
    struct iovec vector = {buffer, sizeof buffer};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};
    ssize_t length = recvmsg(fd, &message, 0);
    if (length < 0) return 1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS) {
      int received;
      memcpy(&received, CMSG_DATA(header), sizeof received);
      print_memfd(received);
    } else {
      printf("inline %zd %lu\n", length, sum(buffer, (size_t)length));
    }
  }
  return 0;
}
