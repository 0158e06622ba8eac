/* The methods, in the order of the tables. Names are words in a CSV file: no commas. */
#include "bench/quality/quality.h"

enum { COMPRESS = COMPRESSION | MONOTONE | SIMPLEX, SUBSET = RIVAL | SIMPLEX };

static const method compressions[] = {
    {"compress low", run_compression, "low", NULL, COMPRESS},
    {"compress", run_compression, "normal", NULL, COMPRESS},
    {"compress high", run_compression, "high", NULL, COMPRESS},
};

static const method others[] = {
    {"spherical-ift insert", run_flow, "spherical-ift", "insert", MONOTONE | SIMPLEX},
    {"paper's text", run_published, "text", NULL, SIMPLEX},
    {"published code", run_published, "code", NULL, SIMPLEX},
    {"random subset", run_random, "equal", NULL, SUBSET},
    {"random + weights", run_random, "best", NULL, SUBSET},
    {"k-means + weights", run_kmeans, "best", NULL, SUBSET},
    {"kernel herding", run_herding, "equal", NULL, SUBSET},
    {"Frank-Wolfe", run_frank_wolfe, "best", NULL, SUBSET},
    {"SciPy L-BFGS-B", run_elsewhere, "scipy", NULL, ELSEWHERE},
    {"PyTorch Adam", run_elsewhere, "torch", NULL, ELSEWHERE},
};

static void add(method *methods, int *count, const method *one) {
  if (*count == MOST_METHODS) exit(2);
  methods[(*count)++] = *one;
}

int methods_list(method *methods) {
  int count = 0;
  for (size_t k = 0; k < sizeof compressions / sizeof *compressions; k++) add(methods, &count, &compressions[k]);
  for (int64_t k = 0; k < ift_kind_count(); k++) {
    if (strcmp(ift_kind_noun(k), "geometry") != 0) continue;
    const int asked = strstr(ift_kind_doc(k), "mass free") ? MONOTONE : MONOTONE | SIMPLEX;
    add(methods, &count, &(method){ift_kind_name(k), run_flow, ift_kind_name(k), NULL, asked});
  }
  for (size_t k = 0; k < sizeof others / sizeof *others; k++) add(methods, &count, &others[k]);
  return count;
}
