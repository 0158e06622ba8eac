# scripts/packaging.mk - the part of the Makefile that puts libift where others find it.

.PHONY: dist deps-deb check-cpp check-deb check-interface check-consumers

## Packaging

MANDIR ?= $(PREFIX)/share/man
HERE = '$(DESTDIR)$(PREFIX)'
HERELIB = '$(DESTDIR)$(LIBDIR)'
HEREMAN = '$(DESTDIR)$(MANDIR)'

# Prefixes stay symbolic in ift.pc and relative in CMake's files, so that the whole can be moved.
BELOW = $(filter $(PREFIX)/%,$(LIBDIR))
UP = $(subst / ,/,$(foreach part,$(subst /, ,$(patsubst $(PREFIX)/%,%,$(LIBDIR))),../))
POINTER = $(shell echo __SIZEOF_POINTER__ | $(CC) -E -P -)
FILL = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))|' -e 's|@VERSION@|$(VERSION)|' \
  -e 's|@ABI@|$(ABI)|' -e 's|@POINTER@|$(POINTER)|' -e 's|@INCLUDEDIR@|$(if $(BELOW),$(UP)include,$(PREFIX)/include)|'

pkgconfig/ift.pc: pkgconfig/ift.pc.in FORCE
	@if [ ! -w $(@D) ]; then echo "$@: left out, the folder can't be written"; exit 0; fi; $(FILL) $< >$@.new; \
	  if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# The loader's cache knows only some folders; whoever installs into one of them wants it brought up to date.
REFRESH = if [ -z '$(DESTDIR)' ] && ldconfig -N -X -v 2>/dev/null | grep -q '^$(LIBDIR):'; then ldconfig 2>/dev/null || true; fi

install: lib cli ## installs below $(DESTDIR)$(PREFIX)
	install -d $(HERE)/bin $(HERE)/include/ift $(HERELIB)/pkgconfig $(HERELIB)/cmake/ift $(HEREMAN)/man1 $(HEREMAN)/man3
	install -m 755 $(BUILD)/ift $(HERE)/bin/ift
	set -e; for header in $(PUBLIC); do install -m 644 include/$$header $(HERE)/include/$$header; done
	install -m 644 $(LIB)/libift.a $(HERELIB)/libift.a
	install -m 755 $(LIB)/libift.so.$(VERSION) $(HERELIB)/libift.so.$(VERSION)
	ln -sf libift.so.$(VERSION) $(HERELIB)/libift.so.$(ABI)
	ln -sf libift.so.$(ABI) $(HERELIB)/libift.so
	$(FILL) pkgconfig/ift.pc.in >$(HERELIB)/pkgconfig/ift.pc
	set -e; for file in ift-config ift-config-version; do $(FILL) cmake/$$file.cmake.in >$(HERELIB)/cmake/ift/$$file.cmake; done
	chmod 644 $(HERELIB)/pkgconfig/ift.pc $(HERELIB)/cmake/ift/*.cmake
	install -m 644 docs/man/ift.1 $(HEREMAN)/man1/ift.1
	install -m 644 docs/man/libift.3 $(HEREMAN)/man3/libift.3
	@$(REFRESH)

uninstall: ## removes what install put there
	rm -f $(HERE)/bin/ift $(foreach header,$(PUBLIC),$(HERE)/include/$(header)) $(HERELIB)/pkgconfig/ift.pc \
	  $(HERELIB)/libift.a $(HERELIB)/libift.so $(HERELIB)/libift.so.$(ABI) $(HERELIB)/libift.so.$(VERSION) \
	  $(HERELIB)/cmake/ift/ift-config.cmake $(HERELIB)/cmake/ift/ift-config-version.cmake \
	  $(HEREMAN)/man1/ift.1 $(HEREMAN)/man3/libift.3
	for folder in $(HERE)/include/ift $(HERELIB)/cmake/ift; do if [ -d $$folder ]; then rmdir $$folder; fi; done
	@$(REFRESH)

dist: ## the sources as build/libift-VERSION.tar.gz, the same bytes each time
	@mkdir -p $(BUILD)
	@sh scripts/dist.sh $(BUILD)/libift-$(VERSION).tar.gz

check-install: ## installs into a folder and builds programs against it: C, C++ and CMake, shared and static
	+@$(AGAIN) lib cli
	@MAKE='$(MAKE)' BUILD=$(BUILD) VERSION=$(VERSION) ABI=$(ABI) sh tests/install/test.sh

check-deb: ## builds the Debian packages from what dist packs, runs lintian, looks into them
	@MAKE='$(MAKE)' BUILD=$(BUILD) VERSION=$(VERSION) ABI=$(ABI) sh scripts/check-deb.sh
