/* Bayesian logistic regression: will the next eruption of Old Faithful be a long one, over 3 minutes, given how long
 * one has waited for it? The posterior of intercept and slope, prior N(0, 10 I), by two flows of KL(mu|pi): 200
 * particles that transport moves (wasserstein), and a long run of Langevin dynamics, in which chance stands for the
 * entropy and blobs for nothing. Mean and covariance are printed side by side.
 *
 *     logistic [DATA]      examples/data/faithful.csv by default */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ift.h>

enum { D = 2, MOST = 1000 };

typedef struct regression {
  int64_t rows;
  double inputs[MOST][D], answers[MOST]; /* 1 and the wait in standard units; was the next eruption long? */
} regression;

static ift_context *context;

static void check(ift_status status) {
  if (status >= 0) return;
  fprintf(stderr, "logistic: %s\n", ift_context_message(context));
  exit(2);
}

static void load(regression *data, const char *path) {
  ift_measure *table = NULL;
  double mean[2], covariance[4];
  check(ift_measure_load(context, &table, path));
  check(ift_measure_moments(table, mean, covariance));
  const double *x = ift_measure_positions(table);
  data->rows = ift_measure_size(table) - 1; /* eruptions follow each other in time */
  if (data->rows > MOST) exit(2);
  for (int64_t i = 0; i < data->rows; i++) {
    data->inputs[i][0] = 1;
    data->inputs[i][1] = (x[2 * i + 1] - mean[1]) / sqrt(covariance[3]);
    data->answers[i] = x[2 * (i + 1)] > 3;
  }
  ift_measure_destroy(table);
}

/* log of the posterior up to a constant at n points b, sum_i log P(answer_i | b) - |b|^2/20, and its gradient. */
static int posterior(double *values, double *scores, const double *b, int64_t n, const regression *data) {
  for (int64_t k = 0; k < n; k++, b += D) {
    double value = 0, score[D];
    for (int j = 0; j < D; j++) value -= b[j] * b[j] / 20, score[j] = -b[j] / 10;
    for (int64_t i = 0; i < data->rows; i++) {
      const double *x = data->inputs[i];
      const double z = b[0] * x[0] + b[1] * x[1];
      if (values) value += data->answers[i] * z - (z > 0 ? z + log1p(exp(-z)) : log1p(exp(z)));
      if (scores)
        for (int j = 0; j < D; j++) score[j] += (data->answers[i] - 1 / (1 + exp(-z))) * x[j];
    }
    if (values) values[k] = value;
    if (scores) memcpy(scores + k * D, score, sizeof score);
  }
  return 0;
}

static int log_density(double *values, const double *b, int64_t n, int64_t d, void *user) {
  (void)d;
  return posterior(values, NULL, b, n, user);
}

static int score(double *scores, const double *b, int64_t n, int64_t d, void *user) {
  (void)d;
  return posterior(NULL, scores, b, n, user);
}

/* n particles of equal weight in [-1, 1]^2, by the additive recurrence of Roberts (2018). */
static ift_flow *start(const char *geometry, const ift_energy *energy, int64_t n) {
  double *x = calloc((size_t)(n * D), sizeof *x);
  ift_measure *cloud = NULL;
  ift_flow *flow = NULL;
  if (!x) exit(2);
  for (int64_t k = 0; k < n * D; k++) x[k] = 2 * fmod((double)(k / D) * pow(1.3247179572, -(double)(k % D + 1)), 1) - 1;
  check(ift_measure_create(context, &cloud, x, n, D, NULL));
  check(ift_flow_create(context, &flow, geometry, energy, cloud));
  ift_measure_destroy(cloud);
  free(x);
  return flow;
}

/* Mean and covariance over the steps of a flow and its particles. */
static void average(ift_flow *flow, int steps, double *mean, double *covariance) {
  double m[D], c[D * D];
  memset(mean, 0, sizeof m);
  memset(covariance, 0, sizeof c);
  for (int step = 0; step < steps; step++) {
    check(ift_flow_step(flow, 1));
    check(ift_measure_moments(ift_flow_measure(flow), m, c));
    for (int j = 0; j < D; j++) mean[j] += m[j] / steps;
    for (int j = 0; j < D * D; j++) covariance[j] += (c[j] + m[j / D] * m[j % D]) / steps;
  }
  for (int j = 0; j < D * D; j++) covariance[j] -= mean[j / D] * mean[j % D];
}

int main(int argc, char **argv) {
  static regression data;
  static const char *const names[] = {"E intercept", "E slope", "var intercept", "covariance", "var slope"};
  ift_target *target = NULL;
  ift_energy *energy = NULL;
  double mean[D], covariance[D * D], long_mean[D], long_covariance[D * D];
  check(ift_context_create(&context));
  load(&data, argc > 1 ? argv[1] : "examples/data/faithful.csv");
  check(ift_target_density(context, &target, D, log_density, score, NULL, &data, NULL));
  check(ift_energy_kl(context, &energy, target, 0.06)); /* a third of a standard deviation of the posterior */

  ift_flow *flow = start("wasserstein", energy, 200), *chains = start("wasserstein", energy, 100);
  check(ift_flow_step(flow, 300));
  check(ift_measure_moments(ift_flow_measure(flow), mean, covariance));
  check(ift_flow_set_text(chains, "transport", "langevin"));
  check(ift_flow_set_real(chains, "tau", 0.0005)); /* makes variances too large by tau/2 */
  check(ift_flow_step(chains, 500));
  average(chains, 4000, long_mean, long_covariance);

  int wrong = 0;
  printf("%lld eruptions; %-13s %9s %9s\n", (long long)data.rows, "", "flow", "langevin");
  for (int k = 0; k < 5; k++) {
    const int entry[] = {0, 1, 0, 1, 3};
    const double one = k < D ? mean[k] : covariance[entry[k]], other = k < D ? long_mean[k] : long_covariance[entry[k]];
    const double allowed = k < D ? 0.02 : 0.005; /* a tenth of a standard deviation and of a variance */
    wrong += !(fabs(one - other) <= allowed);
    printf("  %-28s %9.4f %9.4f, allowed +- %g\n", names[k], one, other, allowed);
  }
  ift_flow_destroy(chains);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  ift_target_destroy(target);
  ift_context_destroy(context);
  if (wrong) fprintf(stderr, "logistic: the two differ in %d numbers\n", wrong);
  return wrong > 0;
}
