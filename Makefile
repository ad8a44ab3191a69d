# netevd. On a fresh machine with node, npm and a C compiler: `make demo`, `make test`.
PREFIX      ?= /usr
SYSCONFDIR  ?= /etc
DESTDIR     ?=
LIBEXECDIR  ?= $(PREFIX)/lib/netevd
UNITDIR     ?= $(PREFIX)/lib/systemd/system
CC          ?= gcc
VERSION     := $(shell sed -n 's/^  "version": "\(.*\)",/\1/p' package.json)

BUN         = $(shell tools/bun.sh)
SOURCES     := $(shell find src -name '*.ts' ! -name '*.test.ts' 2>/dev/null)
TSC         := node_modules/typescript/bin/tsc
BIOME       := node_modules/.bin/biome

.PHONY: all build deps demo test check bench fuzz install dist deb clean format help
.DELETE_ON_ERROR:

all: build

help:
	@echo 'make demo      install what is needed, build, and watch netevd work in a private network'
	@echo 'make test      install what is needed and run every test'
	@echo 'make build     build/netevd and build/netevd.node'
	@echo 'make check     types, lint, format'
	@echo 'make bench     measure, beside the peers'
	@echo 'make fuzz      feed the parsers rubbish (SECONDS=60)'
	@echo 'make install   into $$(DESTDIR)$$(PREFIX)'
	@echo 'make dist deb  a tarball, a Debian package, both in dist/'

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
	$(BUN) build --compile --bytecode --minify-syntax --minify-whitespace --sourcemap=none \
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

clean:
	rm -rf build dist
