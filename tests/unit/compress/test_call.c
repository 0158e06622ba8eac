/* Compression in one call, and compressions whose kernel's callback stops, fails, or destroys everything. */
#include <stdbool.h>

#include "support/guest.h"
#include "support/memory.h"
#include "support/random.h"

enum { M = 60, D = 2, N = 6 };
static ift_context *context;
static double y[M * D];
static ift_kernel *kernel;
static ift_target *target;

static int set_up(void **state) {
  (void)state;
  dice dice_ = {1};
  context = make_context();
  dice_normals(&dice_, y, M * D);
  kernel = make_kernel(context, "gaussian:0.7");
  target = make_samples(context, y, M, D, NULL);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  ift_context_destroy(context);
  return 0;
}

/* The words of ift_compress. */
static void test_option_text(void **state) {
  (void)state;
  static const struct {
    const char *text, *message;
    ift_status status;
  } cases[] = {
      {NULL, NULL, IFT_OK},
      {"", NULL, IFT_OK},
      {"  \t\n ", NULL, IFT_OK},
      {"effort=low", NULL, IFT_OK},
      {"  effort=low\tseed=4 \n", NULL, IFT_OK},
      {"effort=low seed=auto tolerance=0", NULL, IFT_OK},
      {"effort=low effort=low", NULL, IFT_OK},
      {"effort=low tolerance=10", NULL, IFT_CONVERGED},
      {"effort", "'effort' should be NAME=VALUE", IFT_ERR_FORMAT},
      {"effort=low seed", "'seed' should be NAME=VALUE", IFT_ERR_FORMAT},
      {"effort = low", "'effort' should be NAME=VALUE", IFT_ERR_FORMAT},
      {"effort=extreme", "low|normal|high", IFT_ERR_OPTION},
      {"effort=", "low|normal|high", IFT_ERR_OPTION},
      {"efort=low", "'effort'", IFT_ERR_OPTION},
      {"=low", "no option ''", IFT_ERR_OPTION},
      {"effort=low,seed=4", "low|normal|high", IFT_ERR_OPTION},
      {"tolerance=-1", "[0, inf)", IFT_ERR_OPTION},
      {"tolerance=1e-6x", "[0, inf)", IFT_ERR_OPTION},
      {"tolerance=nan", "[0, inf)", IFT_ERR_OPTION},
      {"seed=1.5", "seed", IFT_ERR_OPTION},
      {"seed==4", "seed", IFT_ERR_OPTION},
      {"mmd2=0", "quantity", IFT_ERR_OPTION},
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    ift_measure *result = (ift_measure *)&context;
    double mmd2 = 42;
    const ift_status status = ift_compress(context, &result, &mmd2, kernel, target, N, cases[k].text);
    if (status != cases[k].status) print_error("'%s': ", cases[k].text ? cases[k].text : "NULL");
    assert_status(cases[k].status, status);
    if (status < 0) {
      assert_message(context, cases[k].message);
      assert_null(result);
      assert_true(mmd2 == 42);
    } else {
      assert_non_null(result);
      assert_true(mmd2 >= 0 && mmd2 < 1);
      ift_measure_destroy(result);
    }
  }
  char text[400];
  memset(text, 'x', sizeof text);
  text[300] = 0;
  ift_measure *result;
  assert_status(IFT_ERR_FORMAT, ift_compress(context, &result, NULL, kernel, target, N, text));
  assert_message(context, "159");
}

static void test_compress_arguments(void **state) {
  (void)state;
  ift_measure *result = (ift_measure *)&context;
  double mmd2 = 42;
  assert_status(IFT_ERR_ARGUMENT, ift_compress(NULL, &result, &mmd2, kernel, target, N, NULL));
  assert_null(result);
  assert_status(IFT_ERR_ARGUMENT, ift_compress(context, NULL, &mmd2, kernel, target, N, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_compress(context, &result, &mmd2, NULL, target, N, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_compress(context, &result, &mmd2, kernel, NULL, N, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_compress(context, &result, &mmd2, kernel, target, 0, NULL));
  assert_true(mmd2 == 42);
  assert_status(IFT_OK, ift_compress(context, &result, NULL, kernel, target, N, "effort=low")); /* mmd2 may be NULL */
  ift_measure_destroy(result);
}

/* More particles than memory could hold, but few points: those. With a mixture there is no such way out. */
static void test_absurd_number_of_particles(void **state) {
  (void)state;
  ift_measure *result;
  assert_status(IFT_OK, ift_compress(context, &result, NULL, kernel, target, INT64_MAX, NULL));
  assert_int_equal(ift_measure_size(result), M);
  ift_measure_destroy(result);
  const double weight = 1, mean[2] = {0, 0}, covariance[4] = {1, 0, 0, 1};
  ift_target *mixture;
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &mixture, 1, 2, &weight, mean, covariance));
  assert_status(IFT_ERR_NO_MEMORY, ift_compress(context, &result, NULL, kernel, mixture, INT64_MAX / 32, NULL));
  assert_null(result);
  ift_target_destroy(mixture);
}

/* A custom kernel that stops or fails at its k-th call: the status says so, nothing is lost or left behind. */
static void test_callbacks_of_the_kernel(void **state) {
  (void)state;
  memory m = {0};
  ift_context *own = memory_context(&m);
  for (int answer = -1; answer <= 1; answer += 2) {
    int64_t step = 1, at = 1;
    for (;; at += step) {
      guest g = {.act_at = at, .answer = answer};
      ift_kernel *custom = guest_kernel(own, &g);
      ift_target *few = make_samples(own, y, 12, D, NULL);
      ift_measure *result = (ift_measure *)&m;
      double mmd2 = 42;
      const ift_status status = ift_compress(own, &result, &mmd2, custom, few, 3, "effort=low");
      const bool reached = g.calls >= at;
      if (reached)
        assert_status(answer < 0 ? IFT_ERR_CALLBACK : IFT_STOPPED, status);
      else
        assert_status(IFT_OK, status);
      if (answer < 0 && reached) {
        assert_null(result);
        assert_true(mmd2 == 42);
      }
      ift_measure_destroy(result);
      ift_kernel_destroy(custom);
      ift_target_destroy(few);
      assert_int_equal(g.destroyed, 1);
      if (!reached) break;
      if (at > 40) step = at / 4; /* the first calls one by one */
    }
    assert_true(at > 20);
  }
  ift_context_destroy(own);
  assert_int_equal(m.live, 0);
}

/* All handles gone in the callback of the kernel, the compression's own included. */
static void give_up(guest *g) {
  ift_kernel_destroy(g->kernel);
  ift_compression_destroy(g->compression);
}

static void test_destroyed_in_the_callback_of_the_kernel(void **state) {
  (void)state;
  for (int64_t at = 1; at < 60; at += 7) {
    guest g = {.act_at = at, .act = give_up};
    guest_kernel(context, &g);
    ift_target *few = make_samples(context, y, 12, D, NULL);
    assert_status(IFT_OK, ift_compression_create(context, &g.compression, g.kernel, few, 3));
    ift_target_destroy(few);
    assert_status(IFT_OK, ift_compression_set_text(g.compression, "effort", "low"));
    g.calls = 0;
    assert_status(IFT_OK, ift_compression_run(g.compression));
    assert_true(g.calls > at);
    assert_int_equal(g.destroyed, 1);
    assert_false(g.destroyed_inside);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_option_text),
      cmocka_unit_test(test_compress_arguments),
      cmocka_unit_test(test_absurd_number_of_particles),
      cmocka_unit_test(test_callbacks_of_the_kernel),
      cmocka_unit_test(test_destroyed_in_the_callback_of_the_kernel),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
