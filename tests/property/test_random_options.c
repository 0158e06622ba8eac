/* Random problems, options and texts: whatever is asked for, the answer is a status that the headers list, and a
 * measure. */
#include <string.h>

#include "property.h"

static const char *pick(dice *d, const char *const *words, int count) {
  return words[dice_below(d, count)];
}

/* A kernel from random parts; often wrong in some way. */
static void random_spec(dice *d, char *out, size_t capacity) {
  static const char *const parts[] = {"gaussian:0.5", "gaussian:2", "laplace:1", "matern12:1",
                                      "matern32:0.7", "matern52:3", "imq:1",     "imq:0.5,2",
                                      "riesz:0.7",    "energy",     "linear",    "polynomial:1,2"};
  size_t used = 0;
  const int count = 1 + (int)dice_below(d, 3);
  for (int k = 0; k < count; k++)
    used += (size_t)snprintf(out + used, capacity - used, "%s%.3g*%s", k ? "+" : "", dice_between(d, 0.01, 3),
                             pick(d, parts, 12));
}

static bool is_listed(ift_status status) {
  return status == IFT_OK || status == IFT_STALLED || status == IFT_CONVERGED || status == IFT_ERR_OPTION ||
         status == IFT_ERR_NOT_FINITE || status == IFT_ERR_CAPABILITY;
}

static void set_anything(dice *d, ift_flow *flow) {
  static const char *const numbers[] = {"0",     "1e-300", "1e-3", "0.1", "1", "7.5", "1e6",
                                        "1e200", "auto",   "-1",   "nan", "x", "2",   "9"};
  static const char *const words[] = {"explicit",  "euclidean",  "exponential", "implicit",    "gradient",  "mirror",
                                      "hellinger", "new",        "old",         "lie",         "monotone",  "fixed",
                                      "none",      "target",     "insert",      "auto",        "",          "?",
                                      "heun",      "linearized", "positive",    "strang",      "projected", "published",
                                      "both",      "langevin",   "newton",      "birth-death", "yes"};
  static const char *const names[] = {
      "tau",   "eta",       "tolerance",     "stall",       "rejuvenate_every", "seed",
      "noise", "batch",     "noise_halving", "noise_until", "regularization",   "beta",
      "alpha", "time_step", "damping",       "merge",       "continuation",     "continuation_until"};
  static const char *const texts[] = {"transport",  "reaction", "center", "splitting", "step_control",
                                      "rejuvenate", "noise_at", "preset", "accumulate"};
  for (int k = (int)dice_below(d, 8); k > 0; k--) {
    const bool number = dice_below(d, 2);
    const char *name = number ? pick(d, names, 18) : pick(d, texts, 9);
    const char *value = number ? pick(d, numbers, 14) : pick(d, words, 29);
    const ift_status status = ift_flow_set_text(flow, name, value);
    assert_true(status == IFT_OK || status == IFT_ERR_OPTION);
  }
}

static void test_flows(void **state) {
  (void)state;
  static const char *const geometries[] = {"wasserstein",          "mmd",          "spherical-mmd", "fisher-rao",
                                           "spherical-fisher-rao", "ift",          "spherical-ift", "wfr",
                                           "spherical-wfr",        "projected-mmd"};
  dice d = new_dice();
  for (int trial = 0; trial < 500; trial++) {
    enum { MOST = 20 };
    const int64_t n = 1 + dice_below(&d, MOST), m = 1 + dice_below(&d, MOST), dim = 1 + dice_below(&d, 4);
    double x[MOST * 4], y[MOST * 4], a[MOST], w[MOST];
    char spec[200];
    dice_normals(&d, x, n * dim);
    dice_normals(&d, y, m * dim);
    dice_weights(&d, a, n, dice_between(&d, 0.1, 3));
    dice_weights(&d, w, m, 1);
    if (n > 2 && dice_below(&d, 2)) a[1] = 0;
    if (n > 3 && dice_below(&d, 2)) memcpy(x + 2 * dim, x, (size_t)dim * sizeof *x);
    random_spec(&d, spec, sizeof spec);
    ift_energy *energy = make_energy(context, spec, y, m, dim, w);
    ift_flow *flow = make_flow(context, pick(&d, geometries, 10), energy, x, n, dim, a);
    for (int round = 0; round < 3; round++) {
      set_anything(&d, flow);
      const ift_status status = round % 2 ? ift_flow_run(flow, 4) : ift_flow_step(flow, 4);
      if (!is_listed(status))
        fail_msg("trial %d: %s (%s)", trial, ift_status_name(status), ift_context_message(context));
      const ift_measure *measure = ift_flow_measure(flow);
      for (int64_t i = 0; i < n; i++) assert_true(ift_measure_weights(measure)[i] >= 0);
      for (int64_t i = 0; i < n * dim; i++) assert_true(isfinite(ift_measure_positions(measure)[i]));
      assert_true(isfinite(ift_measure_mass(measure)));
      for (int64_t i = 0; i < ift_option_count(); i++) {
        char text[64];
        if (strcmp(ift_option_noun(i), "flow") != 0) continue;
        const ift_status read = ift_flow_get_text(flow, ift_option_name(i), text, sizeof text);
        assert_true(read == IFT_OK || read == IFT_ERR_NOT_FINITE);
      }
    }
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
}

static void test_compressions(void **state) {
  (void)state;
  static const char *const options[] = {NULL,     "effort=low", "effort=low seed=4", "effort=low tolerance=1e-3",
                                        "effort", "tolerance=x"};
  dice d = new_dice();
  for (int trial = 0; trial < 50; trial++) {
    enum { MOST = 30 };
    const int64_t m = 1 + dice_below(&d, MOST), n = 1 + dice_below(&d, 8), dim = 1 + dice_below(&d, 3);
    double y[MOST * 3], w[MOST], mmd2;
    char spec[200];
    for (int64_t i = 0; i < m * dim; i++) y[i] = trial % 2 ? dice_normal(&d) : (double)dice_below(&d, 3);
    dice_weights(&d, w, m, dice_between(&d, 0.1, 3));
    random_spec(&d, spec, sizeof spec);
    ift_kernel *kernel = make_kernel(context, spec);
    ift_target *target = make_samples(context, y, m, dim, w);
    ift_measure *result;
    const char *text = pick(&d, options, 6);
    const ift_status status = ift_compress(context, &result, &mmd2, kernel, target, n, text);
    if (status >= 0) {
      assert_true(status == IFT_OK || status == IFT_CONVERGED);
      assert_true(mmd2 >= 0 && isfinite(mmd2));
      assert_true(ift_measure_size(result) >= 1 && ift_measure_size(result) <= n);
    } else {
      assert_true(status == IFT_ERR_OPTION || status == IFT_ERR_FORMAT);
      assert_null(result);
    }
    ift_measure_destroy(result);
    ift_kernel_destroy(kernel);
    ift_target_destroy(target);
  }
}

/* Texts of tokens and of noise as kernel specifications and as options: a kernel, or IFT_ERR_OPTION with a place. */
static void test_texts(void **state) {
  (void)state;
  static const char *const tokens[] = {"gaussian", "imq", "linear", "energy", "riesz",  "polynomial", ":",    ",",
                                       "*",        "+",   "-",      "1",      "0.5",    "2e+0",       "1e-3", "0",
                                       "1e999",    " ",   ".",      "e",      "median", "matern12"};
  const double y[2] = {0, 1}, x[2] = {0, 2};
  ift_energy *energy = make_energy(context, "gaussian:1", y, 2, 1, NULL);
  ift_flow *flow = make_flow(context, "spherical-ift", energy, x, 2, 1, NULL);
  dice d = new_dice();
  int kernels = 0;
  for (int trial = 0; trial < 20000; trial++) {
    char text[200] = "";
    const int count = (int)dice_below(&d, 9);
    for (int k = 0; k < count; k++)
      if (trial % 2)
        strcat(text, pick(&d, tokens, 22));
      else
        text[k] = (char)(1 + dice_below(&d, 255)), text[k + 1] = 0;
    ift_kernel *kernel;
    const ift_status status = ift_kernel_parse(context, &kernel, text);
    if (status == IFT_OK) {
      double value;
      kernels++;
      const ift_status asked = ift_kernel_sum_pairs(kernel, &value, NULL, x, 1, 1, y, 2, NULL);
      assert_true(asked == IFT_OK || asked == IFT_ERR_NOT_FINITE);
    } else {
      assert_status(IFT_ERR_OPTION, status);
      assert_message(context, "character ");
      assert_null(kernel);
    }
    ift_kernel_destroy(kernel);
    const ift_status named = ift_flow_set_text(flow, text, "1"), valued = ift_flow_set_text(flow, "tau", text);
    assert_true(named == IFT_ERR_OPTION);
    assert_true(valued == IFT_OK || valued == IFT_ERR_OPTION);
  }
  assert_true(kernels > 30);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_flows),
      cmocka_unit_test(test_compressions),
      cmocka_unit_test(test_texts),
  };
  return property_main(tests, argc, argv);
}
