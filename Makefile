# libift: gradient flows of measures
#
#   make deps demo      installs what is missing, builds, runs the main job
#   make deps check     installs what is missing, builds, runs the tests
#   make help           every target
#
# PREFIX, LIBDIR, MANDIR, DESTDIR, CC, CXX, CPPFLAGS, CFLAGS, LDFLAGS mean what they always do. Besides:
#   WERROR=1            warnings are errors
#   TESTS=FILE.c...     which tests check-unit and its relatives run
#   CLI_TESTS=FILE.sh.. which of them check-cli does
#   LANGUAGES=NAME...   which of them check-ffi does
#   BUILD, LIB          where intermediate files and the library go
#   SANITIZE=KIND,...   builds with these sanitizers
#   SHARED=1            the command needs libift.so instead of having it inside
#   V=1                 shows the commands

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
CFLAGS ?= -O2 -g
WERROR ?= 0
BUILD ?= build
LIB ?= lib

# What every compilation has. No contraction: where a*b+c is rounded is not for the compiler to choose, so that gcc and clang
# give the same bits (gcc does the same under -std=c11).
STRICT = -std=c11 -D_XOPEN_SOURCE=700 -pthread -fPIC -fvisibility=hidden -ffp-contract=off \
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes $(if $(filter 1,$(WERROR)),-Werror) $(SANITIZERS)
SANITIZERS = $(if $(SANITIZE),-g -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)

version_number = $(shell sed -n 's/^\#define IFT_$(1) //p' src/base/version.h)
ABI := $(call version_number,ABI)
VERSION := $(call version_number,VERSION_MAJOR).$(call version_number,VERSION_MINOR).$(call version_number,VERSION_PATCH)

# Objects lie in a folder named after the compiler and its flags, so that those of two kinds never mix.
OBJ := $(BUILD)/obj/$(firstword $(shell printf '%s' '$(CC) $(CPPFLAGS) $(CFLAGS) $(STRICT)' | cksum))

# Libraries are looked up when a recipe needs them, not when make starts: `make deps lib` may install pkg-config itself first. Each
# variable replaces itself by its value on first use. OpenBLAS comes before GSL, whose own BLAS (-lgslcblas) is slow and left out.
DEP_CFLAGS = $(eval DEP_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags openblas gsl)))$(DEP_CFLAGS)
DEP_LIBS = $(eval DEP_LIBS := $(shell pkg-config --libs openblas) \
  $(shell pkg-config --define-variable=GSL_CBLAS_LIB= --libs gsl) -lm -ldl -pthread)$(DEP_LIBS)
# The command reads JSON; the library doesn't.
JANSSON_CFLAGS = $(eval JANSSON_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags jansson)))$(JANSSON_CFLAGS)
JANSSON_LIBS = $(eval JANSSON_LIBS := $(shell pkg-config --libs jansson))$(JANSSON_LIBS)
CMOCKA_CFLAGS = $(eval CMOCKA_CFLAGS := $(shell pkg-config --cflags cmocka))$(CMOCKA_CFLAGS)
CMOCKA_LIBS = $(eval CMOCKA_LIBS := $(shell pkg-config --libs cmocka))$(CMOCKA_LIBS)

# Files are found, not listed: a new one takes part as soon as it is there.
objects = $(patsubst %.c,$(OBJ)/%.o,$(1))
LIB_OBJECTS := $(call objects,$(filter-out src/cli/%,$(wildcard src/*/*.c)))
CLI_OBJECTS := $(call objects,$(wildcard src/cli/*.c))
PUBLIC := $(patsubst include/%,%,$(wildcard include/ift.h include/ift.hpp include/ift/*.h include/ift/*.hpp))

SUITES ?= unit conformance property oracle fault theory abi fuzz
TESTS ?= $(foreach suite,$(SUITES),$(wildcard tests/$(suite)/test_*.c tests/$(suite)/*/test_*.c tests/$(suite)/fuzz_*.c))
CLI_TESTS ?= $(wildcard tests/cli/test*.sh)
PROGRAMS := $(TESTS:%.c=$(BUILD)/%)
SUPPORT_OBJECTS := $(call objects,$(wildcard tests/support/*.c))
FUZZ_DRIVER := $(call objects,tests/fuzz/driver.c)
THEORY := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/theory/test_*.c))
EXAMPLES := $(patsubst %.c,$(BUILD)/%,$(wildcard examples/*.c))
CXX_EXAMPLES := $(patsubst %.cpp,$(BUILD)/%-cpp,$(wildcard examples/*.cpp))
# Those that need no arguments say whether their numbers are right.
JUDGES := $(filter-out %/herding %/quickstart,$(EXAMPLES))
PAPER_EXAMPLES := $(patsubst %.c,$(BUILD)/%,$(wildcard examples/paper/*.c))
BENCHES := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/bench*.c))
# What they share, and what tests/bench/bench_x.c has in the folder x.
BENCH_SHARED := $(call objects,$(filter-out $(BENCHES:$(BUILD)/%=%.c),$(wildcard tests/bench/*.c)))
bench_parts = $(call objects,$(wildcard $(1:$(BUILD)/tests/bench/bench_%=tests/bench/%/*.c)))
BENCH_OBJECTS := $(BENCH_SHARED) $(foreach bench,$(BENCHES),$(call bench_parts,$(bench)))

# Recipes that run make again do it on all cores, unless the caller said how many. `make -j deps check` still starts with deps.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))
AGAIN = $(MAKE) --no-print-directory $(if $(V),,-s) $(PARALLEL)
ifneq ($(filter deps deps-dev deps-deb deps-ffi,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

ifeq ($(origin CXX),default)
CXX = c++
endif
export CC CXX
export IFT = $(BUILD)/ift

.DELETE_ON_ERROR:
.PHONY: all lib cli tests examples check bench bench-quality profile bench-search bench-smoke demo paper docs docs-html install uninstall deps deps-dev deps-ffi clean help FORCE found found-json \
  check-unit check-theory check-fault check-fuzz check-cli check-install check-rooms check-symbols check-abi abi-baseline check-asan \
  check-ubsan check-tsan check-threads check-valgrind check-clang check-oracle check-docs check-ffi check-format check-mutants fuzz

## Building

all: lib cli pkgconfig/ift.pc ## the library, the command and pkgconfig/ift.pc (the default)

lib: $(LIB)/libift.a $(LIB)/libift.so ## lib/libift.a and lib/libift.so

cli: $(BUILD)/ift ## the command, build/ift

tests: $(PROGRAMS) ## the test programs, build/tests/...

examples: $(EXAMPLES) $(CXX_EXAMPLES) $(PAPER_EXAMPLES) ## the programs in examples/, build/examples/...; runs those that check themselves
	@set -e; for example in $(JUDGES); do echo "$$example"; $$example; done

# What a recipe says of a command; the command itself with V=1.
SAY = $(if $(V),,@echo '  $(1)';)

# One rule for every object; which folder it comes from decides what it may include.
INCLUDES = -Iinclude -Isrc $(DEP_CFLAGS)
$(OBJ)/tests/%.o: INCLUDES = -Iinclude -Isrc -Itests $(DEP_CFLAGS) $(CMOCKA_CFLAGS)
$(OBJ)/tests/bench/%.o: INCLUDES = -Iinclude -Isrc -Itests -Iexamples $(DEP_CFLAGS) $(CMOCKA_CFLAGS)
$(OBJ)/src/cli/%.o: INCLUDES = -Iinclude -Isrc $(JANSSON_CFLAGS)
$(OBJ)/examples/%.o: INCLUDES = -Iinclude

$(OBJ)/%.o: %.c | found
	@mkdir -p $(@D)
	$(call SAY,cc $<) $(CC) $(STRICT) $(INCLUDES) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# The benchmark's measure of what the machine can do is made for the machine.
$(OBJ)/tests/bench/reference.o: override CFLAGS += -O3 -march=native $(if $(findstring x86_64,$(shell $(CC) -dumpmachine)),-mprefer-vector-width=512) \
  -ffast-math -fno-associative-math -fno-finite-math-only -ffp-contract=fast

$(CLI_OBJECTS): | found-json

found:
	@pkg-config --exists --print-errors openblas gsl || { echo "run 'make deps' first" >&2; exit 1; }

found-json:
	@pkg-config --exists --print-errors jansson || { echo "run 'make deps' first" >&2; exit 1; }

# Products are made again when the flags or the list of files change: this file changes with them.
$(BUILD)/made-from: FORCE
	@mkdir -p $(@D)
	@echo '$(OBJ) $(LDFLAGS) $(SHARED) $(LIB_OBJECTS) $(CLI_OBJECTS)' >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(LIB)/libift.a: $(LIB_OBJECTS) $(BUILD)/made-from
	@mkdir -p $(@D) && rm -f $@
	$(call SAY,ar $@) $(AR) rcs $@ $(LIB_OBJECTS)

$(LIB)/libift.so.$(VERSION): $(LIB_OBJECTS) src/libift.map $(BUILD)/made-from
	@mkdir -p $(@D)
	$(call SAY,link $@) $(CC) -shared $(CFLAGS) $(SANITIZERS) -Wl,-soname,libift.so.$(ABI) -Wl,--version-script=src/libift.map -Wl,--no-undefined \
	  $(LDFLAGS) -o $@ $(LIB_OBJECTS) -Wl,--as-needed $(DEP_LIBS)

$(LIB)/libift.so: $(LIB)/libift.so.$(VERSION)
	@ln -sf libift.so.$(VERSION) $(LIB)/libift.so.$(ABI)
	@ln -sf libift.so.$(ABI) $@

# Programs get the archive: they run where they are built and where they are installed, with no path to a shared library.
define LINK
@mkdir -p $(@D)
$(call SAY,link $@) $(CC) $(CFLAGS) $(SANITIZERS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a %.so,$^) $(1) $(DEP_LIBS)
endef

$(BUILD)/ift: $(CLI_OBJECTS) $(LIB)/libift.$(if $(filter 1,$(SHARED)),so,a) $(BUILD)/made-from
	$(call LINK,$(JANSSON_LIBS))

$(PROGRAMS): $(BUILD)/%: $(OBJ)/%.o $(SUPPORT_OBJECTS) $(LIB)/libift.a
	$(call LINK,$(CMOCKA_LIBS))

# A fuzz target gets a main that runs it over its corpus.
$(filter $(BUILD)/tests/fuzz/%,$(PROGRAMS)): $(FUZZ_DRIVER)

$(EXAMPLES) $(PAPER_EXAMPLES): $(BUILD)/%: $(OBJ)/%.o $(LIB)/libift.a
	$(call LINK)

# The compiler of C++ and nothing but what a user says.
$(CXX_EXAMPLES): $(BUILD)/%-cpp: %.cpp $(LIB)/libift.a $(wildcard include/*.hpp include/ift/*)
	@mkdir -p $(@D)
	$(call SAY,c++ $@) $(CXX) -std=c++17 -Wall -Wextra -Wpedantic $(if $(filter 1,$(WERROR)),-Werror) $(SANITIZERS) $(CPPFLAGS) -Iinclude \
	  $< $(LIB)/libift.a $(LDFLAGS) $(DEP_LIBS) -o $@

$(BENCHES): $(BUILD)/%: $(OBJ)/%.o $(BENCH_SHARED) $(SUPPORT_OBJECTS) $(LIB)/libift.a
	$(call LINK,$(CMOCKA_LIBS))

$(foreach bench,$(BENCHES),$(eval $(bench): $(call bench_parts,$(bench))))

# Objects stay, so that the second build is quick.
.SECONDARY:
-include $(patsubst %.o,%.d,$(LIB_OBJECTS) $(CLI_OBJECTS) $(SUPPORT_OBJECTS) $(FUZZ_DRIVER) $(BENCH_OBJECTS) \
  $(call objects,$(PROGRAMS:$(BUILD)/%=%.c) $(EXAMPLES:$(BUILD)/%=%.c) $(PAPER_EXAMPLES:$(BUILD)/%=%.c) $(BENCHES:$(BUILD)/%=%.c)))

## Using

demo: ## the main job on real data: prints a table, draws into build/demo
	+@$(AGAIN) cli $(BUILD)/examples/herding
	@mkdir -p $(BUILD)/demo
	@sh examples/demo.sh

paper: ## the experiments of the paper: tables, data and pictures in build/paper (PAPER=full: 50 seeds everywhere)
	+@$(AGAIN) cli $(PAPER_EXAMPLES)
	@mkdir -p $(BUILD)/paper
	@PAPER=$(PAPER) sh examples/paper/paper.sh

QUALITY := $(BUILD)/tests/bench/bench_quality
SEARCH := $(BUILD)/tests/bench/bench_search
SPEED := $(BUILD)/tests/bench/bench_speed
RUN_BENCHES = @mkdir -p $(BUILD)/bench; set -e; for bench in $(or $(notdir $(1)),$(error tests/bench has no bench*.c)); do \
  BENCH_CSV=$(BUILD)/bench/$$bench.csv $(BUILD)/tests/bench/$$bench $(2); done

bench: ## how fast: tables, build/bench/*.csv and a picture (DOCS=1: brings docs/benchmarks.md up to date)
	+@$(AGAIN) $(BENCHES) $(BUILD)/examples/paper/figure3 cli
	$(call RUN_BENCHES,$(filter-out $(QUALITY) $(SEARCH) $(SPEED),$(BENCHES)))
	@BUILD=$(BUILD) DOCS=$(DOCS) sh tests/bench/speed/speed.sh

profile: ## where a step's time goes: functions by instructions (GEOMETRY, REACTION, PARTICLES, STEPS)
	+@$(AGAIN) cli
	@BUILD=$(BUILD) sh scripts/profile.sh

bench-quality: ## how close particles come to a target, by which method, in what time: tables, curves and pictures in build/bench
	+@$(AGAIN) $(QUALITY) cli
	@BUILD=$(BUILD) DOCS=$(DOCS) sh tests/bench/quality/quality.sh

bench-search: ## how close compressions come to what long searches found, on problems made from seeds: a table in build/bench
	+@$(AGAIN) $(SEARCH) cli
	@BUILD=$(BUILD) DOCS=$(DOCS) sh tests/bench/search/search.sh

bench-smoke: ## runs every benchmark briefly
	+@$(AGAIN) $(BENCHES) $(BUILD)/examples/paper/figure3 cli
	$(call RUN_BENCHES,$(BENCHES),--smoke)

docs: ## makes the parts of docs/ that are generated
	+@$(AGAIN) all
	@LIB=$(LIB) BUILD=$(BUILD) sh scripts/docs.sh

HTML ?= $(BUILD)/html
docs-html: ## the reference of the headers as web pages, build/html/index.html; needs doxygen
	@mkdir -p $(HTML)
	@VERSION=$(VERSION) OUTPUT=$(HTML) LC_ALL=C doxygen docs/Doxyfile

deps: ## installs what libift is built, run and tested with, where it is missing
	@sh scripts/deps.sh build

deps-dev: ## installs what the deeper checks need
	@sh scripts/deps.sh dev

deps-deb: ## installs what check-deb needs
	@sh scripts/deps.sh deb

deps-ffi: ## installs the languages of examples/ffi, and what check-install, check-abi, check-docs, check-deb need
	@sh scripts/deps.sh ffi

clean: ## removes everything that was built
	rm -rf $(BUILD) $(LIB)/libift.* pkgconfig/ift.pc

help: ## this list
	@sed -n -e 's/^## \(.*\)/\n\1/p' -e 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1@\2/p' Makefile scripts/packaging.mk | awk -F@ '{ printf $$2 ? "%-18s%s\n" : "%s\n", $$1, $$2 }'

## Checking

check: ## all tests: check-unit, check-cli, check-cpp (with one compiler), check-install
	+@$(AGAIN) lib cli tests
	+@MAKE='$(MAKE)' sh scripts/suites.sh $(BUILD)/log check-unit check-cli 'check-cpp QUICK=1' check-install

check-unit: ## the test programs (TESTS=tests/unit/base/test_x.c for some of them)
	+@$(AGAIN) tests
	@sh scripts/run-tests.sh $@ $(BUILD)/log/unit $(PROGRAMS)

check-theory: ## the paper's statements, with what was measured for each
	+@$(AGAIN) $(THEORY)
	@BUILD=$(BUILD) sh scripts/check-theory.sh $(THEORY)

check-fault: ## those in tests/fault
check-fuzz: ## those in tests/fuzz: its targets over the corpus
check-fault check-fuzz:
	+@$(AGAIN) check-unit SUITES=$(@:check-%=%)

check-cli: ## the command from outside, tests/cli/*.sh
	+@$(AGAIN) cli
	@IFT=$(abspath $(IFT)) sh scripts/run-tests.sh $@ $(BUILD)/log/cli $(CLI_TESTS)

check-cpp: ## ift.hpp: g++ and clang++, C++17 and C++20, with and without exceptions
	+@$(AGAIN) lib
	@BUILD=$(BUILD) LIB=$(LIB) QUICK=$(QUICK) sh tests/cpp/check.sh

check-rooms: ## who includes whom in src/
	@sh tests/rooms/test.sh
	@sh scripts/check-rooms.sh

check-symbols: ## exported symbols = headers = version script; which libraries are needed
	+@$(AGAIN) lib
	@LIB=$(LIB) sh tests/abi/test-symbols.sh
	@sh scripts/check-symbols.sh include src/libift.map $(LIB)

check-abi: ## the binary interface: check-symbols, frozen numbers, the committed baseline, an old program and a hostile one
	+@$(AGAIN) lib
	+@MAKE='$(MAKE)' sh scripts/suites.sh $(BUILD)/log/abi check-symbols 'check-unit SUITES=abi' check-interface check-consumers

check-interface:
	@sh scripts/check-abi.sh $(LIB)

check-consumers:
	@sh tests/abi/consumers.sh $(LIB)

abi-baseline: ## writes the interface down: tests/abi/libift.abi, tests/abi/headers-1.0, debian/libift1.symbols
	+@$(AGAIN) lib
	@sh scripts/abi-baseline.sh $(LIB) $(VERSION)

check-threads: ## no result depends on the number of threads: the tests that ask for several
	+@. scripts/common.sh; $(AGAIN) check-unit TESTS="$$(thread_tests)"

# Builds of their own, in folders of their own: see scripts/variant.sh.
check-asan: ## the tests under the address and undefined behavior sanitizers
check-tsan: ## those that use several threads under the thread sanitizer
check-valgrind: ## the tests under valgrind (slow)
check-clang: ## the tests built with clang, warnings as errors
check-asan check-tsan check-valgrind check-clang:
	+@MAKE='$(MAKE)' BUILD=$(BUILD) sh scripts/variant.sh $@

check-ubsan: check-asan ## part of check-asan

check-oracle: ## the numbers of tests/oracle, computed again by a program that shares nothing with src/
	@sh scripts/check-oracle.sh

check-mutants: ## the tests notice mistakes: each of tests/mutants, a one-line change of src/, makes one fail
	+@MAKE='$(MAKE)' BUILD=$(BUILD) sh scripts/check-mutants.sh

check-docs: ## what the documents say: programs, commands, outputs, links, names; generated pages are in step
	+@$(AGAIN) all
	+@MAKE='$(MAKE)' BUILD=$(BUILD) LIB=$(LIB) sh tests/docs/check.sh

check-ffi: ## the library from other languages, examples/ffi (LANGUAGES="python" for some of them)
	+@$(AGAIN) lib cli
	+@MAKE='$(MAKE)' BUILD=$(BUILD) LIB=$(LIB) sh tests/ffi/test.sh $(LANGUAGES)

check-format: ## clang-format has nothing to change
	@sh scripts/check-format.sh

fuzz: ## looks for inputs that break a promise, each target of tests/fuzz for FUZZ_SECONDS (20)
	+@MAKE='$(MAKE) $(PARALLEL)' BUILD=$(BUILD) sh scripts/fuzz.sh

include scripts/packaging.mk
