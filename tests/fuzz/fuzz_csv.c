/* Bytes as a CSV file. */
#define _GNU_SOURCE /* mkstemps */
#include "fuzz/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_format(&ift_format_csv, data, size);
  return 0;
}
