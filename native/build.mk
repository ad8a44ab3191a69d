# Builds build/netevd.node; included by the Makefile, and usable alone: make -f native/build.mk
# One C compiler and the headers of node-api-headers; no node-gyp.

NATIVE_CC ?= $(or $(CC),cc)
NATIVE_SOURCES := $(wildcard native/*.c)
NATIVE_HEADERS := $(wildcard native/*.h)
NATIVE_WARNINGS := -Wall -Wextra -Werror -Wformat=2 -Wshadow -Wstrict-prototypes -Wvla
NATIVE_HARDENING := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fvisibility=hidden
NATIVE_CFLAGS := -std=gnu11 -O2 $(NATIVE_WARNINGS) $(NATIVE_HARDENING) -fPIC -pthread \
	-isystem node_modules/node-api-headers/include
NATIVE_LDFLAGS := -shared -s -pthread -Wl,-z,relro,-z,now,-z,noexecstack

build/netevd.node: $(NATIVE_SOURCES) $(NATIVE_HEADERS) native/build.mk
	@mkdir -p build
	$(NATIVE_CC) $(NATIVE_CFLAGS) $(CFLAGS) -o $@.new $(NATIVE_SOURCES) $(NATIVE_LDFLAGS) $(LDFLAGS)
	@# Independent of the umask: the loader refuses an addon that others can write to.
	@chmod 0755 $@.new
	@mv -f $@.new $@

# Small programs that the tests need.
NATIVE_TEST_SOURCES := $(filter-out native/test/planted.c,$(wildcard native/test/*.c)) # that one is an addon
NATIVE_TEST_PROGRAMS := $(patsubst native/test/%.c,build/test/%,$(NATIVE_TEST_SOURCES))

build/test/%: native/test/%.c native/build.mk
	@mkdir -p build/test
	$(NATIVE_CC) -std=gnu11 -O2 $(NATIVE_WARNINGS) -o $@ $<

.PHONY: native native-test-programs
native: build/netevd.node
native-test-programs: $(NATIVE_TEST_PROGRAMS)
