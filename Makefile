# netevd. On a fresh machine with node, npm and a C compiler: `make demo`, `make test`.
PREFIX      ?= /usr
SYSCONFDIR  ?= /etc
DESTDIR     ?=
UNITDIR     ?= $(PREFIX)/lib/systemd/system
CC          ?= gcc
VERSION     := $(shell sed -n 's/^  "version": "\(.*\)",/\1/p' package.json)

BUN         = $(shell tools/bun.sh)
SOURCES     := $(shell find src -name '*.ts' ! -name '*.test.ts' 2>/dev/null)
TSC         := node_modules/typescript/bin/tsc
BIOME       := node_modules/.bin/biome

.PHONY: all build deps demo test check bench fuzz install uninstall dist deb man clean format help
.DELETE_ON_ERROR:

all: build

help:
	@echo 'make demo      install what is needed, build, and watch netevd work in a private network'
	@echo 'make test      install what is needed and run every test (SUITES="unit kernel": only these)'
	@echo 'make build     build/netevd and build/netevd.node'
	@echo 'make check     types, lint, format; make format mends what it can'
	@echo 'make bench     measure, beside the peers; writes docs/benchmarks.md'
	@echo 'make fuzz      feed the parsers rubbish (SECONDS=60)'
	@echo 'make install   into $$(DESTDIR)$$(PREFIX) and $$(DESTDIR)$$(SYSCONFDIR); make uninstall takes it away'
	@echo 'make dist      dist/netevd-$(VERSION)-linux-'"$$(uname -m)"'.tar.gz, with install.sh'
	@echo 'make deb       dist/netevd_$(VERSION)_ARCH.deb'
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

build/netevd: $(SOURCES) package.json node_modules/.installed
	@mkdir -p build
	$(BUN) build --compile --bytecode --compile-jit-policy=20 --minify-syntax --minify-whitespace --sourcemap=none --no-compile-autoload-dotenv --no-compile-autoload-bunfig \
	  src/main.ts --outfile $@

# --- try and test --------------------------------------------------------------------------------------------------
demo: build
	@test/demo/demo.sh

test: build
	@$(BUN) tools/test.ts $(SUITES)

check: node_modules/.installed
	$(TSC) -p src/core
	$(TSC) -p src/wire
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

build/man/netevd.8: build/netevd docs/configuration.md tools/man-pages.ts
	$(BUN) tools/man-pages.ts build/netevd build/man

STAGE = DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SYSCONFDIR='$(SYSCONFDIR)' UNITDIR='$(UNITDIR)'

install: build man
	$(STAGE) packaging/install-files.sh

uninstall:
	$(STAGE) packaging/install-files.sh --remove

dist: build man
	@packaging/dist.sh $(VERSION)

deb: build man
	@packaging/deb/build.sh $(VERSION) dist/netevd_$(VERSION)_$$(dpkg --print-architecture).deb

clean:
	rm -rf build dist
