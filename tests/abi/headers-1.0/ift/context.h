/* ift/context.h - status codes, the context, version. Part of libift; include <ift.h>. */
#ifndef IFT_CONTEXT_H
#define IFT_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) && !defined(IFT_STATIC)
#define IFT_API __attribute__((visibility("default")))
#else
#define IFT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What a function reports. Numbers are part of the ABI: never changed, never used again. */
typedef enum ift_status {
  IFT_OK = 0,        /* done */
  IFT_CONVERGED = 1, /* done: the tolerance that was asked for is reached */
  IFT_STOPPED = 2,   /* done: stopped by a callback or by *_request_stop; what was computed is kept */
  IFT_STALLED = 3,   /* done: no further progress is possible (or worth it, by the option `stall`) */

  IFT_ERR_NO_MEMORY = -1,  /* the allocator returned NULL, or a size does not fit in memory */
  IFT_ERR_ARGUMENT = -2,   /* an argument is outside what the function's comment allows */
  IFT_ERR_DIMENSION = -3,  /* two objects live in spaces of different dimension */
  IFT_ERR_OPTION = -4,     /* unknown option or kind, value out of range, or of no use in this geometry or mode */
  IFT_ERR_NOT_FINITE = -5, /* an input, or a result, is NaN or infinite */
  IFT_ERR_FILE = -6,       /* a file can't be opened, read or written */
  IFT_ERR_FORMAT = -7,     /* a file or a text is not in the format it should be in */
  IFT_ERR_CAPABILITY = -8, /* this kernel, target or energy can't do what is asked of it */
  IFT_ERR_CALLBACK = -9,   /* a callback returned a negative number */
  IFT_ERR_CONTEXT = -10,   /* handles of two contexts in one call */
  IFT_ERR_BUSY = -11,      /* the object is at work: it was entered again from its own callback */

  IFT_STATUS_INT = 0x7fffffff /* not a status: makes the type as wide as int for every compiler */
} ift_status;

/* What all objects of one part of a program share: allocator, log, message of the last error, seed, threads. */
typedef struct ift_context ift_context;

/* A new context with malloc and free, seed 0, one thread, no log.
 * Errors: ARGUMENT (out NULL), NO_MEMORY. */
IFT_API ift_status ift_context_create(ift_context **out);

/* The same with an allocator of the caller's. `allocate` gets a size > 0 and returns memory aligned as malloc's, or
 * NULL; `release` gets what `allocate` returned, never NULL. Both are called only from threads that call the
 * library, and get `user` last. Errors: ARGUMENT (out, allocate or release NULL), NO_MEMORY. */
IFT_API ift_status ift_context_create_with_allocator(ift_context **out, void *(*allocate)(size_t size, void *user),
                                                     void (*release)(void *memory, void *user), void *user);

/* Gives the context up. Objects made from it keep it alive until they are destroyed themselves. */
IFT_API void ift_context_destroy(ift_context *context);

/* Seed of the random numbers of what is made from this context from now on (samples drawn from a mixture, resampling).
 * A flow or a compression has an option `seed` of its own, whose default is this one.
 * Errors: ARGUMENT (context NULL). */
IFT_API ift_status ift_context_set_seed(ift_context *context, uint64_t seed);

/* Number of threads that loops of this context may use, the calling one included: 1 (the default) to 1024. Results
 * do not depend on it. Errors: ARGUMENT, NO_MEMORY (the old number stays). */
IFT_API ift_status ift_context_set_threads(ift_context *context, int threads);

/* Sets an option of the context (noun "context" in <ift/catalogue.h>) from text.
 * Errors: ARGUMENT (a pointer is NULL), OPTION (unknown name, value out of range). */
IFT_API ift_status ift_context_set_option(ift_context *context, const char *option, const char *value);

/* Where the library says what it decided or noticed (which solver `auto` chose, a step size that was halved); `log`
 * NULL switches it off. The text is one line without a line feed, valid during the call; `log` must not call the
 * library with objects of this context. `destroy` may be NULL. Errors: ARGUMENT (context NULL). */
IFT_API ift_status ift_context_set_log(ift_context *context, void (*log)(const char *text, void *user), void *user,
                                       void (*destroy)(void *user));

/* The message of the last failing call on this context or an object of it: what was wrong and what is allowed. Never
 * NULL; empty where nothing has failed yet. Valid until the next failing call. NULL context: "context is NULL". */
IFT_API const char *ift_context_message(const ift_context *context);

/* "IFT_ERR_NO_MEMORY" and the like; "unknown status" for a number that is none. Never NULL, never freed. */
IFT_API const char *ift_status_name(ift_status status);

/* Version of the library at run time: major * 10000 + minor * 100 + patch, and the same as text ("0.1.0"). */
IFT_API int ift_version(void);
IFT_API const char *ift_version_string(void);

/* Writes how the library was built and what it runs on into `out`, NUL-terminated: lines of `name value`: version, abi,
 * compiler, isa (in use), blas (the file that cblas_dgemm comes from), gsl. A text that does not fit is cut short.
 * Returns the length of the whole text without the NUL, so that (NULL, 0) asks for the size. */
IFT_API int64_t ift_build_info(char *out, int64_t capacity);

#ifdef __cplusplus
}
#endif

#endif
