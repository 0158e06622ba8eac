/* Which library this is, how it was built and what it runs on. */
#define _GNU_SOURCE /* dladdr, RTLD_DEFAULT */
#include "base/version.h"

#include <dlfcn.h>
#include <gsl/gsl_version.h>
#include <limits.h>

#include <ift/context.h>

#include "base/isa.h"
#include "base/number.h"

#define QUOTE(x) #x
#define TEXT(x)  QUOTE(x)
#define VERSION  TEXT(IFT_VERSION_MAJOR) "." TEXT(IFT_VERSION_MINOR) "." TEXT(IFT_VERSION_PATCH)
#define NUMBER   (IFT_VERSION_MAJOR * 10000 + IFT_VERSION_MINOR * 100 + IFT_VERSION_PATCH)

#if defined(__clang__)
#define COMPILER __VERSION__ /* "Clang 14.0.6" */
#elif defined(__GNUC__)
#define COMPILER "GCC " __VERSION__
#else
#define COMPILER "unknown"
#endif

#if IFT_X86
#define MACHINE "x86-64"
#elif defined(__aarch64__)
#define MACHINE "aarch64"
#else
#define MACHINE "portable"
#endif

/* What contexts use unless they are told otherwise. */
static const char *isa(void) {
  static const char *const names[IFT_ISAS] = {MACHINE, MACHINE "+avx2", MACHINE "+avx512"};
  return names[ift_isa_widest()];
}

int ift_version(void) {
  return NUMBER;
}

const char *ift_version_string(void) {
  return VERSION;
}

/* The file that the dynamic linker takes cblas_dgemm from; a program that is linked statically to its BLAS has none. */
static const char *blas_file(void) {
  const void *dgemm = dlsym(RTLD_DEFAULT, "cblas_dgemm");
  Dl_info info;
  return dgemm && dladdr(dgemm, &info) && info.dli_fname ? info.dli_fname : "unknown";
}

int64_t ift_build_info(char *out, int64_t capacity) {
  const size_t room = !out || capacity < 0 ? 0 : capacity > INT_MAX ? INT_MAX : (size_t)capacity;
  return ift_number_print(out, room, "version %s\nabi %d\ncompiler %s\nisa %s\nblas %s\ngsl %s\n", VERSION, IFT_ABI,
                          COMPILER, isa(), blas_file(), gsl_version);
}
