/* Kernels as objects: made from kinds, summed, destroyed. */
#include "kernel/kernel.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

const ift_kernel_kind *const ift_kernel_kinds[] = {
#define KIND(name) &ift_kernel_kind_##name,
#include "kernel/kinds.def"
#undef KIND
};
const int ift_kernel_kind_count = sizeof ift_kernel_kinds / sizeof ift_kernel_kinds[0];

static void dispose(void *object) {
  ift_kernel *kernel = object;
  ift_context *context = kernel->object.context;
  for (int t = 0; kernel->owners && t < kernel->count; t++) ift_object_release(kernel->owners[t]);
  ift_free(context, kernel->terms);
  ift_free(context, kernel->kinds);
  ift_free(context, kernel->owners);
}

ift_kernel *ift_kernel_allocate(ift_context *context, int count) {
  ift_kernel *kernel = ift_object_create(context, sizeof *kernel, dispose);
  if (!kernel) return NULL;
  kernel->terms = ift_alloc(context, count, sizeof *kernel->terms);
  kernel->kinds = ift_alloc(context, count, sizeof *kernel->kinds);
  kernel->owners = ift_alloc(context, count, sizeof *kernel->owners);
  if (!kernel->terms || !kernel->kinds || !kernel->owners) {
    ift_object_release(kernel);
    return NULL;
  }
  return kernel;
}

ift_status ift_kernel_create(ift_context *context, ift_kernel **out, const ift_kernel_kind *kind,
                             const double *parameters, int given) {
  if (out) *out = NULL;
  if (!context || !out) return ift_fail(context, IFT_ERR_ARGUMENT, "the context or the place for the kernel is NULL");
  ift_pair_term term = {.form = kind->form, .coefficient = 1, .profile = kind->profile, .bend = kind->bend};
  if (kind->functions[IFT_ISA_BASELINE]) term.functions = kind->functions;
  for (int i = 0; i < IFT_PAIR_PARAMETERS; i++) {
    term.parameters[i] = i < given ? parameters[i] : kind->defaults[i];
    if (!isfinite(term.parameters[i]))
      return ift_fail(context, IFT_ERR_ARGUMENT, "a parameter of the %s kernel is %g; it must be finite", kind->name,
                      term.parameters[i]);
  }
  if (kind->homogeneous) term.degree = term.parameters[0];
  term.has_length = kind->has_length;
  term.exponential = kind->exponential;
  const char *allowed = kind->check(term.parameters);
  if (allowed)
    return ift_fail(context, IFT_ERR_ARGUMENT, "a parameter of the %s kernel is out of range; allowed is %s",
                    kind->name, allowed);
  ift_kernel *kernel = ift_kernel_allocate(context, 1);
  if (!kernel) return IFT_ERR_NO_MEMORY;
  kernel->count = 1;
  kernel->terms[0] = term;
  kernel->kinds[0] = kind;
  kernel->owners[0] = NULL;
  *out = kernel;
  return IFT_OK;
}

/* The term that part t of `kernel` is in a sum; a custom kernel's own callback runs through the kernel as its owner. */
static void append(ift_kernel *sum, const ift_kernel *kernel, int t, double coefficient) {
  const int i = sum->count++;
  sum->terms[i] = kernel->terms[t];
  sum->terms[i].coefficient *= coefficient;
  sum->kinds[i] = kernel->kinds[t];
  sum->owners[i] = kernel->evaluate ? (ift_object *)kernel : kernel->owners[t];
  if (sum->owners[i]) ift_object_retain(sum->owners[i]);
}

ift_status ift_kernel_sum(ift_context *context, ift_kernel **out, const ift_kernel *const *kernels,
                          const double *coefficients, int64_t count) {
  if (out) *out = NULL;
  if (!context || !out || !kernels || !coefficients)
    return ift_fail(context, IFT_ERR_ARGUMENT, "an argument of ift_kernel_sum is NULL");
  if (count < 1) return ift_fail(context, IFT_ERR_ARGUMENT, "a sum needs at least one kernel");
  int64_t parts = 0;
  for (int64_t i = 0; i < count; i++) {
    IFT_TRY(ift_same_context(context, kernels[i], "a kernel of the sum"));
    parts += kernels[i]->count;
    if (!(coefficients[i] > 0) || !isfinite(coefficients[i]))
      return ift_fail(context, IFT_ERR_ARGUMENT, "coefficients[%lld] is %g; a sum of kernels needs finite ones > 0",
                      (long long)i, coefficients[i]);
    if (parts > IFT_KERNEL_PARTS)
      return ift_fail(context, IFT_ERR_CAPABILITY, "the sum has more than %d parts", IFT_KERNEL_PARTS);
  }
  ift_kernel *sum = ift_kernel_allocate(context, (int)parts);
  if (!sum) return IFT_ERR_NO_MEMORY;
  for (int64_t i = 0; i < count; i++)
    for (int t = 0; t < kernels[i]->count; t++) append(sum, kernels[i], t, coefficients[i]);
  *out = sum;
  return IFT_OK;
}

void ift_kernel_destroy(ift_kernel *kernel) {
  ift_object_release(kernel);
}

bool ift_kernel_is_conditional(const ift_kernel *kernel) {
  for (int t = 0; t < kernel->count; t++)
    if (kernel->kinds[t] && kernel->kinds[t]->conditional) return true;
  return false;
}

void ift_kernel_identify(const ift_kernel *kernel, ift_hash *hash) {
  for (int t = 0; t < kernel->count; t++) {
    ift_hash_text(hash, kernel->kinds[t] ? kernel->kinds[t]->name : "custom");
    ift_hash_reals(hash, &kernel->terms[t].coefficient, 1);
    ift_hash_reals(hash, kernel->terms[t].parameters, IFT_PAIR_PARAMETERS);
  }
}

bool ift_kernel_is_gaussian(const ift_kernel *kernel) {
  for (int t = 0; t < kernel->count; t++)
    if (kernel->kinds[t] != &ift_kernel_kind_gaussian) return false;
  return true;
}

bool ift_kernel_curvature(const ift_kernel *kernel, double radius, double spread, double *high, double *low) {
  bool bounded = true;
  *high = *low = 0;
  for (int t = 0; t < kernel->count; t++) {
    const ift_kernel_kind *kind = kernel->kinds[t];
    const double *parameters = kernel->terms[t].parameters;
    double h = 0, l = 1 / (spread * spread); /* of a callback: as of a kernel of size 1 and that width */
    if (!kind || !kind->curvature || !kind->curvature(parameters, radius, &h, &l)) {
      if (kind && kind->typical) l = kind->typical(parameters, spread);
      h = 2 * exp(-1.5) * l;
      bounded = false;
    }
    *high += kernel->terms[t].coefficient * h;
    *low += kernel->terms[t].coefficient * l;
  }
  return bounded;
}
