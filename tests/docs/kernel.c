/* tests/docs/kernel.c - does the kernel that docs/adding-a-kind.md adds work? Its name and a specification are the arguments. */
#include <stdio.h>
#include <string.h>

#include <ift.h>

enum { POINTS = 12, DIM = 2 };

static int listed(const char *name) {
  for (int64_t i = 0; i < ift_kind_count(); i++)
    if (strcmp(ift_kind_noun(i), "kernel") == 0 && strcmp(ift_kind_name(i), name) == 0) return 1;
  return 0;
}

int main(int argc, char **argv) {
  double x[POINTS * DIM], seed = 0.3;
  ift_context *context = NULL;
  ift_kernel *kernel = NULL;
  if (argc != 3) return 2;
  for (int i = 0; i < POINTS * DIM; i++) x[i] = 3 * (seed = 3.87 * seed * (1 - seed));
  if (!listed(argv[1])) {
    fprintf(stderr, "%s is not in the catalogue\n", argv[1]);
    return 1;
  }
  const int good = ift_context_create(&context) == IFT_OK && ift_kernel_parse(context, &kernel, argv[2]) == IFT_OK &&
                   ift_kernel_check(kernel, x, POINTS, DIM, 1e-6) == IFT_OK;
  if (!good) fprintf(stderr, "%s\n", ift_context_message(context));
  ift_kernel_destroy(kernel);
  ift_context_destroy(context);
  return !good;
}
