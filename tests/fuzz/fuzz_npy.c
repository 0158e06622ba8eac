/* Bytes as an NPY file. */
#define _GNU_SOURCE /* mkstemps */
#include "fuzz/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_format(&ift_format_npy, data, size);
  return 0;
}
