/*
 * Gives back pages that can be read again: pages of mapped files, above all of the executable itself, most of
 * which is code for the start. They stay in the page cache; a page that is needed returns with a minor fault.
 */
#define _GNU_SOURCE
#include "netevd.h"

#include <malloc.h>
#include <stdio.h>
#include <sys/mman.h>

/* One mapping of /proc/self/smaps (proc(5)). */
struct mapping {
  unsigned long start, end;
  bool file; /* private, of a file, and not writable */
  bool dirty; /* has pages that differ from the file: relocations */
};

static bool read_header(const char *line, struct mapping *mapping) {
  char permissions[5];
  unsigned long inode;
  int fields = sscanf(line, "%lx-%lx %4s %*x %*x:%*x %lu", &mapping->start, &mapping->end, permissions, &inode);
  if (fields != 4) return false;
  mapping->file = inode != 0 && permissions[1] == '-' && permissions[3] == 'p';
  mapping->dirty = false;
  return true;
}

static bool is_dirty(const char *line) {
  unsigned long kilobytes;
  return (sscanf(line, "Anonymous: %lu", &kilobytes) == 1 || sscanf(line, "Private_Dirty: %lu", &kilobytes) == 1) && kilobytes > 0;
}

static double give_back(const struct mapping *mapping) {
  const size_t length = mapping->end - mapping->start;
  if (!mapping->file || mapping->dirty) return 0;
  /* The addresses come from the kernel. */
  return madvise((void *)mapping->start, length, MADV_DONTNEED) == 0 ? (double)length : 0;
}

static napi_value memory_trim(napi_env env, napi_callback_info info) {
  (void)info;
  char line[4096 + 256]; /* PATH_MAX and the numbers before it */
  struct mapping mapping = {0}, next;
  double total = 0;
  FILE *file = fopen("/proc/self/smaps", "re");
  if (!file) return make_number(env, 0);
  while (fgets(line, sizeof line, file)) {
    if (read_header(line, &next)) {
      total += give_back(&mapping);
      mapping = next;
    } else {
      mapping.dirty = mapping.dirty || is_dirty(line);
    }
  }
  total += give_back(&mapping);
  fclose(file);
  malloc_trim(0);
  return make_number(env, total);
}

napi_status trim_define(napi_env env, napi_value exports) {
  static const struct method methods[] = {{"memoryTrim", memory_trim}};
  return DEFINE_METHODS(env, exports, methods);
}
