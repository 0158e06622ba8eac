/* ift/measure.h - weighted particles. Part of libift; include <ift.h>. */
#ifndef IFT_MEASURE_H
#define IFT_MEASURE_H

#include <ift/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A measure mu = sum_i a_i delta_{x_i}: n particles x_i in R^d with weights a_i >= 0 of positive sum (its mass). */
typedef struct ift_measure ift_measure;

/* A measure of n >= 1 particles in d >= 1 dimensions, copied from `positions` (n by d) and `weights` (n, each finite
 * and >= 0, of positive finite sum; NULL: 1/n each). Weights are taken as they are, not normalized. Errors: ARGUMENT
 * (NULL pointer, n or d < 1, negative weight, no mass), NOT_FINITE, NO_MEMORY. */
IFT_API ift_status ift_measure_create(ift_context *context, ift_measure **out, const double *positions, int64_t n,
                                      int64_t d, const double *weights);

/* A copy of `measure`, of the same context. Errors: ARGUMENT, NO_MEMORY. */
IFT_API ift_status ift_measure_clone(const ift_measure *measure, ift_measure **out);

IFT_API void ift_measure_destroy(ift_measure *measure);

/* Number of particles, dead ones (of weight 0) included; dimension; sum of the weights. 0 for NULL. */
IFT_API int64_t ift_measure_size(const ift_measure *measure);
IFT_API int64_t ift_measure_dim(const ift_measure *measure);
IFT_API double ift_measure_mass(const ift_measure *measure);

/* Borrowed views, n by d and n; valid until the measure is changed or destroyed. NULL for NULL. */
IFT_API const double *ift_measure_positions(const ift_measure *measure);
IFT_API const double *ift_measure_weights(const ift_measure *measure);

/* The same into arrays of the caller's, of n d and n numbers. Errors: ARGUMENT. */
IFT_API ift_status ift_measure_copy_positions(const ift_measure *measure, double *positions);
IFT_API ift_status ift_measure_copy_weights(const ift_measure *measure, double *weights);

/* Replaces positions and weights of a measure; size and dimension stay. Either may be NULL: left as it is.
 * Errors: as ift_measure_create; the measure is then as it was. ARGUMENT for a measure borrowed from a flow. */
IFT_API ift_status ift_measure_set(ift_measure *measure, const double *positions, const double *weights);

/* Scales the weights to the mass given (> 0). Errors: ARGUMENT, NOT_FINITE. */
IFT_API ift_status ift_measure_normalize(ift_measure *measure, double mass);

/* Weighted mean (d numbers) and covariance (d by d, population form: divided by the mass). Either may be NULL.
 * Errors: ARGUMENT, NOT_FINITE (the result overflows). */
IFT_API ift_status ift_measure_moments(const ift_measure *measure, double *mean, double *covariance);

/* Effective sample size (sum a)^2 / sum a^2 (Kish 1965), between 1 and n; 0 for NULL. */
IFT_API double ift_measure_effective_size(const ift_measure *measure);

/* A new measure of `size` particles of equal weight and the same mass, drawn by systematic resampling (Kitagawa
 * 1996): a particle of weight a is taken floor or ceil of size a / mass times. The draw depends on the context's
 * seed alone. Errors: ARGUMENT, NO_MEMORY. */
IFT_API ift_status ift_measure_resample(const ift_measure *measure, ift_measure **out, int64_t size);

/* A new measure without the particles of weight <= threshold (>= 0; 0 drops dead ones). The order is kept and so is
 * the mass: the rest is scaled up. Errors: ARGUMENT (also where nothing would be left), NO_MEMORY. */
IFT_API ift_status ift_measure_prune(const ift_measure *measure, ift_measure **out, double threshold);

/* A new measure in which particles within `distance` (>= 0; 0: equal positions) of an earlier kept one are merged
 * into it: the weights are added, the position becomes the weighted mean. Errors: ARGUMENT, NO_MEMORY. */
IFT_API ift_status ift_measure_merge(const ift_measure *measure, ift_measure **out, double distance);

/* Reads a measure from a file. `path` "-" is standard input. Formats by content: NPY (versions 1 to 3; little-endian
 * f8, f4, i4 or i8; one or two dimensions, C or Fortran order; rows are points, weights 1/n), else CSV (comma; the
 * first line is a header if none of its fields is a number; a column named `weight`, any case, holds weights, all
 * others are coordinates; without it weights are 1/n; LF or CRLF; a byte-order mark and blank last lines are
 * ignored). Weights are not normalized. Errors: FILE (missing, unreadable), FORMAT (ragged or empty file, text where
 * a number should be; the message starts with the file's name and the line), NOT_FINITE and ARGUMENT (of an entry),
 * NO_MEMORY. */
IFT_API ift_status ift_measure_load(ift_context *context, ift_measure **out, const char *path);

/* Writes a measure. A name ending in .npy gives NPY (f8, n by d+1, the weight as last column), anything else CSV
 * with the header x1,...,xd,weight and 17 significant digits, which reads back bit for bit. "-" is standard output.
 * A regular file is written under a temporary name beside it and renamed when complete; devices and pipes are
 * written directly. Errors: ARGUMENT, FILE, NO_MEMORY; a file that existed is then as it was. */
IFT_API ift_status ift_measure_save(const ift_measure *measure, const char *path);

#ifdef __cplusplus
}
#endif

#endif
