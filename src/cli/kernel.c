/* The value of --kernel, with the bandwidth that it leaves to the data. */
#include "cli/data.h"

#include <stdio.h>
#include <string.h>

#include "cli/message.h"

/* The library takes the median on this many rows at most. */
enum { MEDIAN_ROWS = 5000, SPEC = 4096 };

static const char by_median[] = "gaussian:median";

/* Where the next gaussian:median of a specification starts: the word ends there, or a term of a sum does. */
static const char *find_median(const char *text) {
  const char *found = strstr(text, by_median);
  while (found && found[strlen(by_median)] && !strchr("+ \t", found[strlen(by_median)]))
    found = strstr(found + 1, by_median);
  return found;
}

/* `text` with each median replaced by `figures`. */
static bool with_figures(char *out, size_t capacity, const char *text, const char *figures) {
  size_t length = 0;
  while (length < capacity) {
    const char *found = find_median(text);
    const size_t head = found ? (size_t)(found - text) + strlen("gaussian:") : strlen(text);
    if (head >= capacity - length) break;
    memcpy(out + length, text, head);
    length += head;
    out[length] = '\0';
    if (!found) return true;
    const size_t more = strlen(figures);
    if (more >= capacity - length) break;
    memcpy(out + length, figures, more + 1);
    length += more;
    text = found + strlen(by_median);
  }
  return cli_fail("--kernel: the specification is longer than %zu characters", capacity);
}

bool cli_kernel_by_median(const char *text) {
  return find_median(text ? text : by_median) != NULL;
}

/* A number as long as the word it stands for leaves characters where a message counts them. */
bool cli_kernel_check(ift_context *context, const char *text) {
  char spec[SPEC];
  ift_kernel *kernel = NULL;
  if (!with_figures(spec, sizeof spec, text ? text : by_median, "1.0000")) return false;
  if (ift_kernel_parse(context, &kernel, spec) != IFT_OK) return cli_library_failed(context);
  ift_kernel_destroy(kernel);
  return true;
}

static bool all_equal(const ift_measure *data) {
  const int64_t d = ift_measure_dim(data), count = ift_measure_size(data) * d;
  const double *x = ift_measure_positions(data);
  for (int64_t k = d; k < count; k++)
    if (x[k] != x[k - d]) return false;
  return true;
}

bool cli_kernel(ift_context *context, ift_kernel **out, const char *text, const ift_measure *data, const char *path,
                char *spec, int64_t capacity) {
  double median = 1;
  char figures[32];
  if (!text) text = by_median;
  if (find_median(text)) {
    const long long rows = (long long)ift_measure_size(data);
    if (all_equal(data))
      median = 1; /* one point, maybe many times: any bandwidth is as good */
    else if (ift_bandwidth_median(data, &median) != IFT_OK)
      return cli_fail("%s: %s; give a bandwidth, --kernel gaussian:SIGMA", cli_file_name(path),
                      ift_context_message(context));
    if (rows > MEDIAN_ROWS)
      cli_note("the median bandwidth was taken on %d of the %lld rows of %s", MEDIAN_ROWS, rows, cli_file_name(path));
  }
  snprintf(figures, sizeof figures, "%.17g", median);
  if (!with_figures(spec, (size_t)capacity, text, figures)) return false;
  return ift_kernel_parse(context, out, spec) == IFT_OK || cli_library_failed(context);
}
