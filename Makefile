# netevd. On a fresh machine with node, npm and a C compiler: `make demo`, `make test`.
PREFIX      ?= /usr
SYSCONFDIR  ?= /etc
DESTDIR     ?=
UNITDIR     ?= $(PREFIX)/lib/systemd/system
CC          ?= gcc
VERSION     := $(shell sed -n 's/^  "version": "\(.*\)",/\1/p' package.json)
# Of this machine, as Debian and container images spell it.
ARCH        := $(patsubst aarch64,arm64,$(patsubst x86_64,amd64,$(shell uname -m)))
# Every date in what is built: two builds of one commit give the same bytes, wherever they are made.
export SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),$(shell stat -c %Y package.json))

WEB_SOURCES := $(shell find src/web src/client -type f ! -name '*.test.ts' 2>/dev/null)
API_SOURCES := $(shell find src/api src/core/view -name '*.ts' ! -name '*.test.ts' 2>/dev/null)

BUN         = $(shell tools/bun.sh)
SOURCES     := $(shell find src -name '*.ts' ! -name '*.test.ts' 2>/dev/null)
TSC         := node_modules/typescript/bin/tsc
BIOME       := node_modules/.bin/biome

.PHONY: all build deps demo test check bench fuzz install uninstall dist deb rpm aur arm64 man completion licences clean format help
.DELETE_ON_ERROR:

all: build

help:
	@echo 'make demo      install what is needed, build, and watch netevd work in a private network'
	@echo 'make test      install what is needed and run every test (SUITES="unit kernel": only these)'
	@echo 'make build     build/netevd and build/netevd.node'
	@echo 'make check     types, lint, format; make format mends what it can'
	@echo 'make bench     measure, beside the peers; writes docs/benchmarks.md (NETEVD_PEER=/path/netevd: beside that one, printed only)'
	@echo 'make fuzz      feed the parsers rubbish (SECONDS=60)'
	@echo 'make install   into $$(DESTDIR)$$(PREFIX) and $$(DESTDIR)$$(SYSCONFDIR); make uninstall takes it away'
	@echo 'make dist      dist/netevd-$(VERSION)-linux-$(ARCH).tar.gz, with install.sh'
	@echo 'make deb       dist/netevd_$(VERSION)_$(ARCH).deb'
	@echo 'make rpm       dist/netevd-$(VERSION)-1.*.rpm, where rpmbuild is installed'
	@echo 'make aur       dist/aur/, of the two tarballs'
	@echo 'make arm64     the tarball and the Debian package for arm64, built on x86-64'
	@echo 'make clean     removes build/ and dist/'

# --- what it needs -------------------------------------------------------------------------------------------------
deps: node_modules/.installed

node_modules/.installed: package.json package-lock.json .npmrc
	@command -v npm >/dev/null || { echo 'netevd: npm is missing; install node and npm' >&2; exit 1; }
	@command -v $(CC) >/dev/null || { echo 'netevd: a C compiler is missing; install gcc' >&2; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# --- build ---------------------------------------------------------------------------------------------------------
build: build/netevd build/netevd.node

include native/build.mk

# import.meta.dirname would put this folder's path into the executable. What is compiled looks beside itself instead.
COMPILE = $(BUN) build --compile --bytecode --compile-jit-policy=20 --minify-syntax --minify-whitespace --sourcemap=none \
  --no-compile-autoload-dotenv --no-compile-autoload-bunfig --define 'import.meta.dirname="/"' src/main.ts

# The dashboard: bundled for browsers, and embedded into the executable.
build/web/manifest.json: $(WEB_SOURCES) tools/web.ts package.json node_modules/.installed
	$(BUN) tools/web.ts

# The OpenAPI document: made from the schemas of src/api/schemas, and embedded.
build/openapi.txt: $(API_SOURCES) tools/openapi.ts package.json node_modules/.installed
	@mkdir -p build
	$(BUN) tools/openapi.ts $@

build/netevd: $(SOURCES) build/web/manifest.json build/openapi.txt package.json node_modules/.installed
	@mkdir -p build
	$(COMPILE) --outfile $@

# --- try and test --------------------------------------------------------------------------------------------------
demo: build
	@test/demo/demo.sh

test: build
	@$(BUN) tools/test.ts $(SUITES)

check: node_modules/.installed
	$(TSC) -p src/core
	$(TSC) -p src/wire
	$(TSC) -p src/client
	$(TSC) -p src/web
	$(TSC) -p test/web
	$(TSC) -p .
	$(BIOME) check --error-on-warnings .

format: node_modules/.installed
	$(BIOME) check --write .

bench: build
	@$(BUN) test/bench/run.ts

fuzz: build
	@$(BUN) test/fuzz/run.ts $(or $(SECONDS),60)

# --- install and pack ----------------------------------------------------------------------------------------------
man: build/man/netevd.8

build/man/netevd.8: $(SOURCES) packaging/man/netevd.8.md docs/configuration.md docs/hooks.md tools/man-pages.ts tools/roff.ts
	$(BUN) tools/man-pages.ts build/man

completion: build/completion/netevd.bash

build/completion/netevd.bash: build/netevd packaging/completion.sh
	packaging/completion.sh build/netevd build/completion

licences: build/third-party-licenses.md

build/third-party-licenses.md: package.json node_modules/.installed tools/third-party-licenses.ts
	@mkdir -p build
	$(BUN) tools/third-party-licenses.ts >$@

STAGE = DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SYSCONFDIR='$(SYSCONFDIR)' UNITDIR='$(UNITDIR)'

install: build man completion licences
	$(STAGE) packaging/install-files.sh

uninstall:
	$(STAGE) packaging/install-files.sh --remove

dist: build man completion licences
	@packaging/dist.sh $(VERSION) $(ARCH)

deb: build man completion licences
	@packaging/deb/build.sh $(VERSION) $(ARCH)

rpm: dist
	@packaging/rpm/build.sh $(VERSION) $(ARCH)

# Of the tarballs for both processors.
aur:
	@packaging/aur/build.sh $(VERSION)

# --- for arm64, on x86-64: needs gcc-aarch64-linux-gnu; qemu-user-static, or an arm64 machine, starts the result -------
arm64: build man completion licences
	@$(MAKE) --no-print-directory build/arm64/netevd build/arm64/netevd.node
	@packaging/dist.sh $(VERSION) arm64 build/arm64
	@packaging/deb/build.sh $(VERSION) arm64 build/arm64

# The runtime for the other processor: npm takes it by the lock file's checksum.
build/arm64/bun: package.json package-lock.json .npmrc
	@rm -rf build/arm64/npm && mkdir -p build/arm64/npm
	@cp package.json package-lock.json .npmrc build/arm64/npm/
	cd build/arm64/npm && npm ci --cpu=arm64 --os=linux --libc=glibc --omit=dev --no-audit --no-fund --loglevel=error
	@mv build/arm64/npm/node_modules/@oven/bun-linux-aarch64/bin/bun $@
	@rm -r build/arm64/npm
	@touch $@

build/arm64/netevd: build/arm64/bun $(SOURCES) build/web/manifest.json
	$(COMPILE) --target=bun-linux-arm64 --compile-executable-path=build/arm64/bun --outfile $@

build/arm64/netevd.node: $(NATIVE_SOURCES) $(NATIVE_HEADERS) native/build.mk
	@mkdir -p build/arm64
	aarch64-linux-gnu-gcc $(NATIVE_CFLAGS) $(CFLAGS) -o $@ $(NATIVE_SOURCES) $(NATIVE_LDFLAGS) $(LDFLAGS)
	@chmod 0755 $@

clean:
	rm -rf build dist
