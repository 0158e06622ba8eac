/* ift/compress.h - the best few particles for a target. Part of libift; include <ift.h>. */
#ifndef IFT_COMPRESS_H
#define IFT_COMPRESS_H

#include <ift/kernel.h>
#include <ift/target.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A search for the weighted particles closest to a target in MMD. */
typedef struct ift_compression ift_compression;

/* A search for at most `particles` >= 1 particles. If the target is a sample with no more distinct points than that,
 * those points are the answer. Errors: ARGUMENT, CONTEXT, NOT_FINITE, CALLBACK, NO_MEMORY. */
IFT_API ift_status ift_compression_create(ift_context *context, ift_compression **out, const ift_kernel *kernel,
                                          const ift_target *target, int64_t particles);

IFT_API void ift_compression_destroy(ift_compression *compression);

/* Options and quantities by name, noun "compression" in <ift/catalogue.h>; otherwise as ift_flow_set_* and
 * ift_flow_get_*. */
IFT_API ift_status ift_compression_set_real(ift_compression *compression, const char *option, double value);
IFT_API ift_status ift_compression_set_int(ift_compression *compression, const char *option, int64_t value);
IFT_API ift_status ift_compression_set_text(ift_compression *compression, const char *option, const char *value);
IFT_API ift_status ift_compression_get_real(const ift_compression *compression, const char *quantity, double *out);
IFT_API ift_status ift_compression_get_int(const ift_compression *compression, const char *quantity, int64_t *out);
IFT_API ift_status ift_compression_get_text(const ift_compression *compression, const char *quantity, char *out,
                                            int64_t capacity);

/* Runs the search to its end. The result depends on the seed, never on the time taken or the number of threads.
 * Returns IFT_OK, IFT_CONVERGED (the option `tolerance` is reached) or IFT_STOPPED; the best particles so far are kept.
 * Errors: ARGUMENT, NOT_FINITE, CALLBACK, NO_MEMORY, BUSY. */
IFT_API ift_status ift_compression_run(ift_compression *compression);

/* As ift_flow_request_stop. */
IFT_API void ift_compression_request_stop(ift_compression *compression);

/* The best particles so far, none of weight 0, with the target's mass. Borrowed: the handle lives as long as the
 * compression, its arrays are valid until the next run. NULL for NULL and before anything was found. */
IFT_API const ift_measure *ift_compression_measure(const ift_compression *compression);

/* With the option points=data, the numbers of the target's points that the best particles are, from 0, one a particle.
 * Borrowed, valid until the next run. NULL with other options and before anything was found. */
IFT_API const int64_t *ift_compression_rows(const ift_compression *compression);

/* `monitor` is called after each step of the search, NULL for none. Errors: ARGUMENT, BUSY. */
IFT_API ift_status ift_compression_set_monitor(ift_compression *compression,
                                               int (*monitor)(const ift_compression *compression, void *user),
                                               void *user, void (*destroy)(void *user));

/* All of it in one call: *out is a new measure, *mmd2 (may be NULL) its MMD^2 to the target. `options` is NULL or words
 * NAME=VALUE separated by spaces, "effort=high tolerance=1e-6". Returns as ift_compression_run.
 * Errors: those of the calls above; OPTION and FORMAT for `options`. */
IFT_API ift_status ift_compress(ift_context *context, ift_measure **out, double *mmd2, const ift_kernel *kernel,
                                const ift_target *target, int64_t particles, const char *options);

#ifdef __cplusplus
}
#endif

#endif
