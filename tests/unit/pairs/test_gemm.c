/* Sums by products of matrices: as good as direct ones wherever the points lie. */
#include "engines.h"

#include "pairs/gemm.h"

/* Errors of every `step`-th target, in units of sum_j |w_j| k(0) where that is finite, are at most this. */
static void check(const char *spec, const cloud *c, int64_t step, double tolerance) {
  ift_kernel *kernel = make_kernel(context, spec);
  run_engine("gemm", kernel, c);
  const errors e = errors_of(formula_of(spec), c, step);
  if (!(e.value <= tolerance && e.gradient <= tolerance))
    fail_msg("%s, n %d, m %d, d %d: errors %.3g and %.3g", spec, (int)c->n, (int)c->m, (int)c->d, e.value, e.gradient);
  ift_kernel_destroy(kernel);
}

/* Around the borders of groups, panels, tiles, blocks and depths. */
static void test_sizes(void **state) {
  (void)state;
  static const int64_t targets[] = {1, 11, 12, 13, 24, 25, 97}, sources[] = {1, 15, 16, 17, 127, 128, 129, 385};
  static const int64_t dimensions[] = {1, 2, 7, 8, 9, 15, 16, 17, 24, 40, 256, 257, 520};
  for (int a = 0; a < 7; a++)
    for (int b = 0; b < 8; b++) {
      cloud c = cloud_of(targets[a], sources[b], dimensions[(3 * a + b) % 13], (uint64_t)(a + 8 * b));
      check("matern52:1.1", &c, 1 + targets[a] / 10, 1e-14);
      cloud_free(&c);
    }
  for (int k = 0; k < 13; k++) {
    cloud c = cloud_of(26, 140, dimensions[k], (uint64_t)k);
    cloud_map(&c, 1 / sqrt((double)c.d), 0);
    check("gaussian:0.7", &c, 3, 1e-14);
    cloud_free(&c);
  }
}

/* More than is packed at a time. */
static void test_slabs(void **state) {
  (void)state;
  cloud many_targets = cloud_of(4000, 20, 3, 1), many_sources = cloud_of(20, 8000, 3, 2),
        both = cloud_of(4000, 4100, 3, 3);
  check("imq:1.2", &many_targets, 399, 1e-14);
  check("imq:1.2", &many_sources, 7, 1e-14);
  check("imq:1.2", &both, 799, 1e-14);
  cloud_free(&many_targets);
  cloud_free(&many_sources);
  cloud_free(&both);
}

static void test_kinds(void **state) {
  (void)state;
  for (int k = 0; k < FORMULAS; k++) {
    cloud c = cloud_of(30, 150, 24, (uint64_t)k);
    cloud_map(&c, 0.3, 0.1);
    check(formulas[k].spec, &c, 4, 1e-14);
    free(c.w);
    c.w = NULL;
    check(formulas[k].spec, &c, 4, 1e-14);
    cloud_free(&c);
  }
}

/* A common offset costs nothing. */
static void test_offsets(void **state) {
  (void)state;
  static const double shifts[] = {1e3, -1e8, 1e12};
  for (int a = 0; a < 3; a++) {
    cloud c = cloud_of(30, 200, 30, 4);
    cloud_map(&c, 0.2, shifts[a]);
    check("gaussian:0.7", &c, 3, 1e-14);
    check("matern32:0.9", &c, 3, 1e-14);
    check("energy", &c, 3, 1e-14);
    cloud_free(&c);
  }
}

/* Clusters that are farther and farther apart, of points that are closer and closer together or coincide. */
static void test_clusters(void **state) {
  (void)state;
  static const double radii[] = {0.3, 1e-2, 1e-4, 1e-8, 0};
  dice dice_ = {9};
  for (double distance = 1; distance < 1e10; distance *= 30)
    for (int r = 0; r < 5; r++) {
      cloud c = cloud_of(30, 140, 25, 5);
      double centers[3 * 25];
      for (int l = 0; l < 75; l++) centers[l] = distance * dice_normal(&dice_);
      for (int64_t k = 0; k < c.n * c.d; k++) c.x[k] = radii[r] * c.x[k] + centers[k / c.d % 3 * c.d + k % c.d];
      for (int64_t k = 0; k < c.m * c.d; k++) c.y[k] = radii[r] * c.y[k] + centers[k / c.d % 3 * c.d + k % c.d];
      memcpy(c.y + c.d, c.x, (size_t)(10 * c.d) * sizeof(double));
      check("gaussian:0.7", &c, 3, 1e-12);
      check("laplace:1.3", &c, 3, 1e-12);
      check("matern32:0.9", &c, 3, 1e-12);
      check("energy", &c, 3, 1e-12);
      check("riesz:0.5", &c, 3, 1e-12);
      cloud_free(&c);
    }
}

/* On scales where squares are near the ends of the range of numbers; beyond, it gives up and sums are direct. */
static void test_scales(void **state) {
  (void)state;
  static const double scales[] = {1e-150, 1e-100, 1e100, 1e148};
  for (int k = 0; k < 4; k++) {
    cloud c = cloud_of(20, 30, 24, 6);
    cloud_map(&c, scales[k], 0);
    check("energy", &c, 1, 1e-14);
    cloud_free(&c);
  }
  cloud c = cloud_of(20, 30, 24, 6);
  cloud_map(&c, 1e160, 0);
  ift_kernel *kernel = make_kernel(context, "energy"), *wide = make_kernel(context, "gaussian:1e150");
  ift_pair_problem problem = problem_of(kernel, &c);
  bool done = false;
  assert_true(engine_named("gemm")->can(&problem));
  assert_status(IFT_OK, engine_named("gemm")->run(context, &problem, &done));
  assert_false(done);
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "gemm"));
  assert_status(IFT_OK, ift_kernel_pairs(kernel, c.value, c.gradient, c.x, c.n, c.d, c.y, c.m, c.w));
  const errors e = errors_of(formula_of("energy"), &c, 1);
  assert_true(e.value <= 1e-14 && e.gradient <= 1e-14);
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "auto"));
  problem = problem_of(wide, &c);
  assert_false(engine_named("gemm")->can(&problem));
  ift_kernel_destroy(kernel);
  ift_kernel_destroy(wide);
  cloud_free(&c);
}

/* Of points with themselves: symmetric, and on the diagonal k(0), to the bit. */
static void test_matrix(void **state) {
  (void)state;
  static const char *const specs[] = {"gaussian:0.7", "laplace:1.3", "2*imq:1.2+gaussian:0.7", "energy",
                                      "polynomial:0.5,3"};
  enum { N = 300, D = 26 };
  cloud c = cloud_of(N, N, D, 7);
  double *matrix = reals(N * N), *direct = reals(N * N);
  cloud_map(&c, 0.1, 5);
  for (int k = 0; k < 5; k++) {
    ift_kernel *kernel = make_kernel(context, specs[k]);
    assert_status(IFT_OK, ift_context_set_option(context, "engine", "direct"));
    assert_status(IFT_OK, ift_kernel_matrix(kernel, direct, c.x, N, D, c.x, N));
    assert_status(IFT_OK, ift_context_set_option(context, "engine", "gemm"));
    assert_status(IFT_OK, ift_kernel_matrix(kernel, matrix, c.x, N, D, c.x, N));
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        assert_true(matrix[i * N + j] == matrix[j * N + i]);
        assert_near(matrix[i * N + j], direct[i * N + j], 1e-13, 1e-14);
        if (i == j && k != 4) assert_true(matrix[i * N + j] == direct[i * N + j]);
      }
    ift_kernel_destroy(kernel);
  }
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "auto"));
  free(matrix);
  free(direct);
  cloud_free(&c);
}

/* Every set of instructions that there is gives sums as good, those with FMA the same. */
static void test_instructions(void **state) {
  (void)state;
  const ift_isa before = context->isa;
  for (int isa = 0; isa < IFT_ISAS; isa++) {
    if (!ift_isa_available((ift_isa)isa)) continue;
    context->isa = (ift_isa)isa;
    for (int64_t d = 24; d < 40; d += 5) {
      cloud c = cloud_of(40, 200, d, 13);
      cloud_map(&c, 0.2, 3);
      memcpy(c.y, c.x, (size_t)(20 * d) * sizeof(double));
      check("gaussian:0.7", &c, 3, 1e-14);
      check("matern52:1.1", &c, 3, 1e-14);
      check("linear", &c, 3, 1e-14);
      check_vectors("gemm", "gaussian:0.7+imq:1.2", &c);
      cloud_free(&c);
    }
  }
  context->isa = before;
}

static void test_choice(void **state) {
  (void)state;
  static const struct {
    int64_t n, m, d;
    const char *engine;
  } rows[] = {{10, 10, 2, "direct"}, {5000, 5000, 2, "direct"}, {1000, 1000, 100, "gemm"}, {1, 5000, 100, "direct"}};
  ift_kernel *kernel = make_kernel(context, "laplace:1.3"), *mixed = make_kernel(context, "gaussian:1+linear");
  cloud c = cloud_of(1, 1, 1, 1);
  ift_pair_problem problem = problem_of(mixed, &c);
  assert_false(engine_named("gemm")->can(&problem));
  problem = problem_of(kernel, &c);
  for (int k = 0; k < 4; k++) {
    problem.n = rows[k].n, problem.m = rows[k].m, problem.d = rows[k].d;
    assert_string_equal(ift_pairs_engine(context, &problem)->name, rows[k].engine);
  }
  ift_kernel_destroy(kernel);
  ift_kernel_destroy(mixed);
  cloud_free(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sizes),   cmocka_unit_test(test_slabs),        cmocka_unit_test(test_kinds),
      cmocka_unit_test(test_offsets), cmocka_unit_test(test_scales),       cmocka_unit_test(test_clusters),
      cmocka_unit_test(test_matrix),  cmocka_unit_test(test_instructions), cmocka_unit_test(test_choice),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
