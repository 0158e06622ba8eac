/* Starting particles drawn from the target. */
#include "cli/data.h"

#include <stdlib.h>
#include <string.h>

#include "cli/message.h"
#include "cli/random.h"

/* A row for sorting: equal ones come to lie together, in the order of the shuffle. */
typedef struct row {
  const double *position;
  int64_t dim;
  int64_t rank;
} row;

static int compare_rows(const void *a, const void *b) {
  const row *p = a, *q = b;
  for (int64_t j = 0; j < p->dim; j++)
    if (p->position[j] != q->position[j]) return p->position[j] < q->position[j] ? -1 : 1;
  return p->rank < q->rank ? -1 : p->rank > q->rank;
}

static bool same_position(const row *a, const row *b) {
  for (int64_t j = 0; j < a->dim; j++)
    if (a->position[j] != b->position[j]) return false;
  return true;
}

/* For each rank of the shuffled order: would taking it be no news, a row equal to an earlier one, or one of weight
 * 0? */
static void mark_repeats(bool *repeat, row *rows, int64_t n, const double *weights_by_rank) {
  qsort(rows, (size_t)n, sizeof *rows, compare_rows);
  bool taken = false;
  for (int64_t i = 0; i < n; i++) {
    if (i == 0 || !same_position(&rows[i - 1], &rows[i])) taken = false;
    const bool dead = weights_by_rank[rows[i].rank] == 0;
    repeat[rows[i].rank] = dead || taken;
    taken = taken || !dead;
  }
}

static void shuffle(int64_t *order, int64_t n, uint64_t seed) {
  uint64_t state = seed;
  for (int64_t i = 0; i < n; i++) order[i] = i;
  for (int64_t i = n - 1; i > 0; i--) {
    const int64_t j = (int64_t)cli_random_below(&state, (uint64_t)i + 1), swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
}

/* Copies the `count` rows that come first: those that are news, then the others, each in the order of the shuffle. */
static void take(double *positions, int64_t count, const double *x, int64_t d, const int64_t *order, const bool *repeat,
                 int64_t n) {
  int64_t taken = 0;
  for (int pass = 0; pass < 2; pass++)
    for (int64_t rank = 0; rank < n && taken < count; rank++)
      if (repeat[rank] == (pass == 1))
        memcpy(positions + d * taken++, x + d * order[rank], (size_t)d * sizeof *positions);
}

bool cli_draw(ift_context *context, ift_measure **out, const ift_measure *target, const char *path, int64_t count,
              uint64_t seed) {
  const int64_t n = ift_measure_size(target), d = ift_measure_dim(target);
  if (count > n)
    return cli_fail("%s: --particles is %lld, but the target has %lld point%s to draw them from; allowed are 1 to %lld",
                    cli_file_name(path), (long long)count, (long long)n, n == 1 ? "" : "s", (long long)n);
  const double *x = ift_measure_positions(target);
  int64_t *order = malloc((size_t)n * sizeof *order);
  row *rows = malloc((size_t)n * sizeof *rows);
  bool *repeat = malloc((size_t)n * sizeof *repeat);
  double *weights = malloc((size_t)n * sizeof *weights);
  double *positions = malloc((size_t)(count * d) * sizeof *positions);
  bool done = order && rows && repeat && weights && positions;
  if (done) {
    shuffle(order, n, seed);
    for (int64_t rank = 0; rank < n; rank++) {
      rows[rank] = (row){x + d * order[rank], d, rank};
      weights[rank] = ift_measure_weights(target)[order[rank]];
    }
    mark_repeats(repeat, rows, n, weights);
    take(positions, count, x, d, order, repeat, n);
    done = ift_measure_create(context, out, positions, count, d, NULL) == IFT_OK || cli_library_failed(context);
  } else {
    cli_fail("out of memory");
  }
  free(order);
  free(rows);
  free(repeat);
  free(weights);
  free(positions);
  return done;
}
