/* tests/fuzz/format.h - the promises of a reader of measures, and that what it reads can be written and read again. */
#ifndef TESTS_FUZZ_FORMAT_H
#define TESTS_FUZZ_FORMAT_H

#include <unistd.h>

#include "fuzz/fuzz.h"
#include "measure/formats.h"

enum { SMALL = 256 }; /* numbers in a measure that is written to a file */

static void require_measure(const ift_measure *measure) {
  const int64_t n = ift_measure_size(measure), d = ift_measure_dim(measure);
  const double *x = ift_measure_positions(measure), *a = ift_measure_weights(measure);
  require(n >= 1 && d >= 1);
  for (int64_t i = 0; i < n * d; i++) require(isfinite(x[i]));
  for (int64_t i = 0; i < n; i++) require(isfinite(a[i]) && a[i] >= 0);
  require(ift_measure_mass(measure) > 0 && isfinite(ift_measure_mass(measure)));
}

/* What `measure` becomes when it is written to a file of that suffix and read again. */
static ift_measure *reread(ift_context *context, const ift_measure *measure, const char *suffix) {
  const char *folder = getenv("TMPDIR");
  char path[512];
  const int length = snprintf(path, sizeof path, "%s/ift-fuzz-XXXXXX%s", folder ? folder : "/tmp", suffix);
  require(length > 0 && length < (int)sizeof path);
  const int descriptor = mkstemps(path, (int)strlen(suffix));
  require(descriptor >= 0);
  close(descriptor);
  ift_measure *again;
  require(ift_measure_save(measure, path) == IFT_OK);
  require(ift_measure_load(context, &again, path) == IFT_OK);
  unlink(path);
  return again;
}

/* CSV keeps every bit. */
static void require_csv(ift_context *context, const ift_measure *measure) {
  const int64_t n = ift_measure_size(measure), d = ift_measure_dim(measure);
  ift_measure *again = reread(context, measure, ".csv");
  require(ift_measure_size(again) == n && ift_measure_dim(again) == d);
  require(same_bits(ift_measure_positions(again), ift_measure_positions(measure), n * d));
  require(same_bits(ift_measure_weights(again), ift_measure_weights(measure), n));
  ift_measure_destroy(again);
}

/* So does NPY, where the weights come back as the last coordinate. */
static void require_npy(ift_context *context, const ift_measure *measure) {
  const int64_t n = ift_measure_size(measure), d = ift_measure_dim(measure);
  ift_measure *again = reread(context, measure, ".npy");
  require(ift_measure_size(again) == n && ift_measure_dim(again) == d + 1);
  for (int64_t i = 0; i < n; i++) {
    const double *row = ift_measure_positions(again) + i * (d + 1);
    require(same_bits(row, ift_measure_positions(measure) + i * d, d));
    require(same_bits(row + d, ift_measure_weights(measure) + i, 1));
  }
  ift_measure_destroy(again);
}

/* Reads the bytes as a file of that format. */
static void fuzz_format(const ift_format *format, const uint8_t *data, size_t size) {
  ift_context *context = open_context();
  char *bytes = copy_text(data, size);
  ift_measure *measure = NULL;
  if (format->matches(bytes, (int64_t)size)) {
    const ift_status status = format->read(context, &measure, "file", bytes, (int64_t)size);
    require(status == IFT_OK || status == IFT_ERR_FORMAT || status == IFT_ERR_NOT_FINITE || status == IFT_ERR_ARGUMENT);
    require((status == IFT_OK) == (measure != NULL));
    if (status != IFT_OK) {
      require_message(context);
      require(strncmp(ift_context_message(context), "file:", 5) == 0);
    }
  }
  if (measure) {
    require_measure(measure);
    if (ift_measure_size(measure) * (ift_measure_dim(measure) + 1) <= SMALL) {
      require_csv(context, measure);
      require_npy(context, measure);
    }
  }
  ift_measure_destroy(measure);
  free(bytes);
  ift_context_destroy(context);
}

#endif
