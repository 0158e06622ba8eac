/* A kernel with all lengths longer: it sees farther, and less. The first stage of a continuation in the bandwidth. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "kernel/kernel.h"

static ift_status refuse(const ift_kernel *kernel, const ift_kernel_kind *kind) {
  char names[128] = "";
  for (int i = 0; i < ift_kernel_kind_count; i++) {
    const size_t used = strlen(names);
    if (ift_kernel_kinds[i]->has_length)
      ift_number_print(names + used, sizeof names - used, "%s%s", used ? ", " : "", ift_kernel_kinds[i]->name);
  }
  return ift_fail(kernel->object.context, IFT_ERR_CAPABILITY,
                  "a kernel of kind '%s' has no length, and can't be made wider; all parts have to be of %s",
                  kind ? kind->name : "custom", names);
}

ift_status ift_kernel_rewiden(ift_kernel *wide, const ift_kernel *kernel, double factor) {
  for (int t = 0; t < kernel->count; t++) {
    double *parameters = wide->terms[t].parameters;
    parameters[0] = factor * kernel->terms[t].parameters[0];
    const char *allowed = isfinite(parameters[0]) ? kernel->kinds[t]->check(parameters) : "a finite length";
    if (allowed)
      return ift_fail(kernel->object.context, IFT_ERR_ARGUMENT,
                      "a kernel of kind '%s' can't be made %g times as wide; it needs %s", kernel->kinds[t]->name,
                      factor, allowed);
  }
  return IFT_OK;
}

ift_status ift_kernel_widen(const ift_kernel *kernel, ift_kernel **out, double factor) {
  for (int t = 0; t < kernel->count; t++)
    if (!kernel->kinds[t] || !kernel->kinds[t]->has_length) return refuse(kernel, kernel->kinds[t]);
  ift_kernel *wide = ift_kernel_allocate(kernel->object.context, kernel->count);
  if (!wide) return IFT_ERR_NO_MEMORY;
  for (wide->count = 0; wide->count < kernel->count; wide->count++) {
    wide->terms[wide->count] = kernel->terms[wide->count];
    wide->kinds[wide->count] = kernel->kinds[wide->count];
    wide->owners[wide->count] = NULL;
  }
  const ift_status status = ift_kernel_rewiden(wide, kernel, factor);
  if (status == IFT_OK)
    *out = wide;
  else
    ift_object_release(wide);
  return status;
}
