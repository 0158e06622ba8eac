/* Sums by features of pivots: errors within the bounds that the engine promises, wherever the points lie. */
#include "engines.h"

#include "pairs/low_rank.h"

/* Errors in units of sum_j |w_j| k(0), and for derivatives of that times the root of k''(0)/k(0). */
static errors relative_errors(const formula *f, const cloud *c, int64_t step) {
  const double bent = strcmp(f->kind, "imq") == 0 ? 2 * f->q / (f->p * f->p) : 1 / (f->p * f->p);
  errors worst = {0, 0};
  double weight = 0, *rate = reals(c->d);
  long double *slope = malloc((size_t)c->d * sizeof *slope);
  for (int64_t j = 0; j < c->m; j++) weight += c->w ? fabs(c->w[j]) : 1;
  for (int64_t i = 0; i < c->n; i += step) {
    const double *x = c->x + i * c->d;
    long double sum = 0;
    for (int64_t l = 0; l < c->d; l++) slope[l] = 0;
    for (int64_t j = 0; j < c->m; j++) {
      const long double w = c->w ? c->w[j] : 1;
      sum += w * formula_exact(f, x, c->y + j * c->d, c->d);
      formula_gradient(f, rate, x, c->y + j * c->d, c->d);
      for (int64_t l = 0; l < c->d; l++) slope[l] += w * rate[l];
    }
    worst.value = fmax(worst.value, (double)fabsl(c->value[i] - sum) / weight);
    for (int64_t l = 0; l < c->d; l++)
      worst.gradient =
          fmax(worst.gradient, (double)fabsl(c->gradient[i * c->d + l] - slope[l]) / (weight * sqrt(bent)));
    assert_true(isfinite(c->value[i]));
  }
  free(rate);
  free(slope);
  return worst;
}

static void check(const char *kind, double p, double q, const cloud *c, int64_t step) {
  char spec[64];
  snprintf(spec, sizeof spec, q > 0 ? "%s:%.17g,%.17g" : "%s:%.17g", kind, p, q);
  const formula f = {.kind = kind, .spec = spec, .p = p, .q = q, .translates = true};
  ift_kernel *kernel = make_kernel(context, spec);
  run_engine("low-rank", kernel, c);
  const errors e = relative_errors(&f, c, step);
  if (!(e.value <= 1e-13 && e.gradient <= 1e-12))
    fail_msg("%s, n %d, m %d, d %d: errors %.3g and %.3g", spec, (int)c->n, (int)c->m, (int)c->d, e.value, e.gradient);
  ift_kernel_destroy(kernel);
}

static void test_dimensions(void **state) {
  (void)state;
  static const struct {
    int64_t n, m, d;
    double sigma;
  } rows[] = {{1, 1, 1, 1},     {1, 40, 2, 3},    {60, 1, 2, 30},   {300, 200, 1, 0.3},
              {333, 777, 2, 2}, {500, 500, 3, 4}, {900, 700, 4, 7}, {900, 500, 4, 9}};
  for (int k = 0; k < 8; k++) {
    cloud c = cloud_of(rows[k].n, rows[k].m, rows[k].d, (uint64_t)k);
    check("gaussian", rows[k].sigma, 0, &c, 1 + c.n / 50);
    check("imq", 3 * rows[k].sigma, 0.5, &c, 1 + c.n / 50);
    free(c.w);
    c.w = NULL;
    check("gaussian", rows[k].sigma, 0, &c, 1 + c.n / 50);
    cloud_free(&c);
  }
}

/* More points than pivots are looked for among, some of them far from all others. */
static void test_many(void **state) {
  (void)state;
  cloud c = cloud_of(6000, 9000, 2, 4);
  for (int k = 0; k < 12; k++) {
    c.x[2 * (11 + 499 * k)] *= 1 + k;
    c.y[2 * (7 + 601 * k)] *= 1 + k;
  }
  check("gaussian", 2, 0, &c, 499);
  for (int64_t i = 0; i < c.n; i++) c.x[2 * i] = c.x[2 * (i % 600)], c.x[2 * i + 1] = c.x[2 * (i % 600) + 1];
  check("gaussian", 2, 0, &c, 101);
  cloud_free(&c);
}

/* Scales, offsets, points that coincide, clusters. */
static void test_places(void **state) {
  (void)state;
  static const double scales[] = {1e-100, 1e-5, 1e5, 1e100};
  dice dice_ = {3};
  for (int k = 0; k < 4; k++) {
    cloud c = cloud_of(150, 250, 2, 5);
    cloud_map(&c, scales[k], 0);
    check("gaussian", 3 * scales[k], 0, &c, 7);
    cloud_free(&c);
  }
  cloud c = cloud_of(150, 250, 2, 6);
  cloud_map(&c, 1, 1e8);
  check("gaussian", 3, 0, &c, 7);
  check("imq", 5, 1.5, &c, 7);
  for (int64_t k = 0; k < c.m * c.d; k++) c.y[k] = c.x[k % 100];
  check("gaussian", 3, 0, &c, 7);
  for (int64_t k = 0; k < c.n * c.d; k++) c.x[k] = 10 * (double)dice_below(&dice_, 2) + 1e-3 * dice_normal(&dice_);
  for (int64_t k = 0; k < c.m * c.d; k++) c.y[k] = 10 * (double)dice_below(&dice_, 3) + 1e-3 * dice_normal(&dice_);
  check("gaussian", 1, 0, &c, 7);
  cloud_free(&c);
}

static void test_weights(void **state) {
  (void)state;
  cloud c = cloud_of(200, 300, 2, 8);
  for (int64_t j = 0; j < c.m; j++) c.w[j] = j % 3 ? 0 : c.w[j];
  check("gaussian", 3, 0, &c, 7);
  for (int64_t j = 0; j < c.m; j++) c.w[j] *= 1e200;
  check("gaussian", 3, 0, &c, 7);
  for (int64_t j = 0; j < c.m; j++) c.w[j] = 0;
  ift_kernel *kernel = make_kernel(context, "gaussian:3");
  run_engine("low-rank", kernel, &c);
  for (int64_t i = 0; i < c.n; i++) assert_true(c.value[i] == 0 && c.gradient[2 * i] == 0);
  ift_kernel_destroy(kernel);
  cloud_free(&c);
}

/* Targets that the pivots leave unresolved get direct sums, to the bit. */
static void test_far_targets(void **state) {
  (void)state;
  cloud c = cloud_of(400, 500, 2, 9), far = cloud_of(1, 500, 2, 9);
  for (int64_t i = 100; i < 110; i++) c.x[2 * i] += 15;
  far.x[0] = c.x[210], far.x[1] = c.x[211];
  ift_kernel *kernel = make_kernel(context, "gaussian:3");
  check("gaussian", 3, 0, &c, 1);
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "direct"));
  assert_status(IFT_OK, ift_kernel_pairs(kernel, far.value, far.gradient, far.x, 1, 2, c.y, c.m, c.w));
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "auto"));
  assert_memory_equal(far.gradient, c.gradient + 210, 2 * sizeof(double));
  assert_memory_equal(far.value, c.value + 105, sizeof(double));
  ift_kernel_destroy(kernel);
  cloud_free(&c);
  cloud_free(&far);
}

/* Only by name. */
static void test_choice(void **state) {
  (void)state;
  static const struct {
    const char *option, *spec, *engine;
    int64_t n;
    bool same; /* as direct sums, to the bit */
  } rows[] = {{"auto", "gaussian:50", "direct", 3000, true},
              {"low-rank", "gaussian:50", "low-rank", 3000, false},
              {"low-rank", "laplace:1", "direct", 3000, true}};
  for (int k = 0; k < 3; k++) {
    cloud c = cloud_of(rows[k].n, rows[k].n, 2, 15), direct = cloud_of(rows[k].n, 1, 2, 15);
    ift_kernel *kernel = make_kernel(context, rows[k].spec);
    const ift_pair_problem problem = problem_of(kernel, &c);
    assert_status(IFT_OK, ift_context_set_option(context, "engine", rows[k].option));
    assert_string_equal(ift_pairs_engine(context, &problem)->name, rows[k].engine);
    assert_status(IFT_OK, ift_kernel_pairs(kernel, c.value, c.gradient, c.x, c.n, 2, c.y, c.m, c.w));
    assert_status(IFT_OK, ift_context_set_option(context, "engine", "direct"));
    assert_status(IFT_OK, ift_kernel_pairs(kernel, direct.value, direct.gradient, c.x, c.n, 2, c.y, c.m, c.w));
    assert_status(IFT_OK, ift_context_set_option(context, "engine", "auto"));
    const bool same = !memcmp(c.value, direct.value, (size_t)c.n * sizeof(double)) &&
                      !memcmp(c.gradient, direct.gradient, (size_t)(c.n * 2) * sizeof(double));
    assert_true(same == rows[k].same);
    ift_kernel_destroy(kernel);
    cloud_free(&c);
    cloud_free(&direct);
  }
}

/* Where it takes too many pivots it gives up; kernels with a kink it does not try. */
static void test_giving_up(void **state) {
  (void)state;
  const ift_pair_engine *engine = engine_named("low-rank");
  cloud c = cloud_of(1500, 1500, 3, 10), other = cloud_of(1500, 1500, 3, 10);
  static const char *const rough[] = {"gaussian:0.1", "matern32:1", "gaussian:5+matern52:0.1"};
  for (int k = 0; k < 3; k++) {
    ift_kernel *kernel = make_kernel(context, rough[k]);
    const ift_pair_problem problem = problem_of(kernel, &c);
    bool done = false;
    assert_true(engine->can(&problem));
    assert_status(IFT_OK, engine->run(context, &problem, &done));
    assert_false(done);
    assert_status(IFT_OK, ift_context_set_option(context, "engine", "low-rank"));
    assert_status(IFT_OK, ift_kernel_pairs(kernel, c.value, c.gradient, c.x, c.n, 3, c.y, c.m, c.w));
    assert_status(IFT_OK, ift_context_set_option(context, "engine", "direct"));
    assert_status(IFT_OK, ift_kernel_pairs(kernel, other.value, other.gradient, c.x, c.n, 3, c.y, c.m, c.w));
    assert_memory_equal(c.value, other.value, (size_t)c.n * sizeof(double));
    assert_status(IFT_OK, ift_context_set_option(context, "engine", "auto"));
    ift_kernel_destroy(kernel);
  }
  static const char *const no[] = {"laplace:1",     "energy", "riesz:1.5", "linear", "gaussian:1+laplace:1",
                                   "gaussian:1e150"};
  for (int k = 0; k < 6; k++) {
    ift_kernel *kernel = make_kernel(context, no[k]);
    const ift_pair_problem problem = problem_of(kernel, &c);
    assert_false(engine->can(&problem));
    ift_kernel_destroy(kernel);
  }
  cloud_free(&c);
  cloud_free(&other);
}

static void test_instructions(void **state) {
  (void)state;
  const ift_isa before = context->isa;
  for (int isa = 0; isa < IFT_ISAS; isa++) {
    if (!ift_isa_available((ift_isa)isa)) continue;
    context->isa = (ift_isa)isa;
    cloud c = cloud_of(300, 400, 3, 13);
    check("gaussian", 4, 0, &c, 11);
    check_vectors("low-rank", "gaussian:4", &c);
    cloud_free(&c);
  }
  context->isa = before;
}

/* Memory is that of the points, and of the pivots. */
static void test_memory(void **state) {
  (void)state;
  cloud c = cloud_of(20000, 20000, 10, 14);
  ift_context *own = make_context();
  ift_kernel *kernel = make_kernel(own, "gaussian:300");
  assert_status(IFT_OK, ift_context_set_option(own, "engine", "low-rank"));
  assert_status(IFT_OK, ift_kernel_pairs(kernel, c.value, c.gradient, c.x, c.n, 10, c.y, c.m, c.w));
  assert_true(own->scratch_lines * 64 > 1 << 20);
  assert_true(own->scratch_lines * 64 < (12 << 20) + (c.n + c.m) * 10 * 8);
  ift_kernel_destroy(kernel);
  ift_context_destroy(own);
  cloud_free(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_dimensions), cmocka_unit_test(test_many),         cmocka_unit_test(test_places),
      cmocka_unit_test(test_weights),    cmocka_unit_test(test_far_targets),  cmocka_unit_test(test_giving_up),
      cmocka_unit_test(test_choice),     cmocka_unit_test(test_instructions), cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
