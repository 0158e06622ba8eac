/* Energies as objects: the three numbers that each of them gives. */
#include "energy/energy.h"

#include "base/alloc.h"
#include "measure/measure.h"

const ift_energy_kind *const ift_energy_kinds[] = {
#define KIND(name) &ift_energy_kind_##name,
#include "energy/kinds.def"
#undef KIND
};
const int ift_energy_kind_count = sizeof ift_energy_kinds / sizeof ift_energy_kinds[0];

void ift_energy_destroy(ift_energy *energy) {
  ift_object_release(energy);
}

static void dispose(void *object) {
  ift_energy *energy = object;
  if (energy->kind->dispose) energy->kind->dispose(energy);
  ift_object_release((ift_target *)energy->target);
}

ift_energy *ift_energy_allocate(ift_context *context, const ift_energy_kind *kind, size_t size, int64_t d) {
  ift_energy *energy = ift_object_create(context, size, dispose);
  if (!energy) return NULL;
  energy->kind = kind;
  energy->d = d;
  energy->convex = true;
  return energy;
}

void ift_energy_identify(const ift_energy *energy, ift_hash *hash) {
  ift_hash_text(hash, energy->kind->name);
  ift_hash_integer(hash, energy->d);
  if (energy->target) ift_target_identify(energy->target, hash);
  if (energy->kind->identify) energy->kind->identify(energy, hash);
}

bool ift_energy_anchored(const ift_energy *energy, double mass, bool mass_kept) {
  return energy->kind->anchors && energy->kind->anchors(energy, mass, mass_kept);
}

ift_status ift_energy_check_callback(ift_context *context, ift_energy **out, int64_t d, bool given, const char *what) {
  if (!context || !out || !given)
    return ift_fail(context, IFT_ERR_ARGUMENT, "the context, the place of %s or its function is NULL", what);
  if (d >= 1 && d <= INT32_MAX) return IFT_OK;
  return ift_fail(context, IFT_ERR_ARGUMENT, "the dimension of %s is %lld; it must be in 1 .. 2147483647", what,
                  (long long)d);
}

/* A site at `points`, those of the measure where NULL, and one at the measure's particles (the same one then). */
typedef struct sites {
  ift_site *points, *particles;
} sites;

static void close_sites(const ift_energy *energy, sites *s) {
  if (s->particles && s->particles != s->points) energy->kind->site_destroy(s->particles);
  if (s->points) energy->kind->site_destroy(s->points);
}

static ift_status open_sites(const ift_energy *energy, sites *s, const double *points, int64_t n, bool gradient,
                             const ift_measure *measure) {
  const bool anchored = ift_energy_anchored(energy, ift_measure_mass(measure), true);
  IFT_TRY(energy->kind->site_create(energy, &s->particles, measure->n, anchored));
  IFT_TRY(energy->kind->site_move(s->particles, measure->positions, gradient && !points));
  s->points = points ? NULL : s->particles;
  if (!points) return IFT_OK;
  IFT_TRY(energy->kind->site_create(energy, &s->points, n, anchored));
  return energy->kind->site_move(s->points, points, gradient);
}

/* A callback may destroy the handles of a running call, which takes effect when that returns. */
static void hold(const ift_energy *energy, const ift_measure *measure) {
  ift_object_retain(energy);
  ift_object_retain(measure);
}

static void let_go(const ift_energy *energy, const ift_measure *measure) {
  ift_object_release((ift_measure *)measure);
  ift_object_release((ift_energy *)energy);
}

static ift_status check(const ift_energy *energy, const double *out, const double *points, int64_t n, int64_t d,
                        const ift_measure *measure) {
  if (!energy) return IFT_ERR_ARGUMENT;
  ift_context *context = energy->object.context;
  if (!out) return ift_fail(context, IFT_ERR_ARGUMENT, "the place for the result is NULL");
  IFT_TRY(ift_same_context(context, measure, "the measure"));
  if (points) IFT_TRY(ift_check_points(context, points, n, d, "points"));
  const int64_t given = points && d != energy->d ? d : measure->d;
  if (given != energy->d)
    return ift_fail(context, IFT_ERR_DIMENSION, "the energy lives in dimension %lld, the %s in %lld",
                    (long long)energy->d, given == measure->d ? "measure" : "points", (long long)given);
  return IFT_OK;
}

ift_status ift_energy_value(const ift_energy *energy, double *out, const ift_measure *measure) {
  IFT_TRY(check(energy, out, NULL, 0, 0, measure));
  ift_context *context = energy->object.context;
  sites s = {0};
  double result; /* `out` stays as it is on an error */
  hold(energy, measure);
  double *g = ift_alloc_reals(context, measure->n);
  ift_status status = g ? open_sites(energy, &s, NULL, 0, false, measure) : IFT_ERR_NO_MEMORY;
  if (status == IFT_OK) status = energy->kind->evaluate(s.points, g, NULL, s.particles, measure->weights);
  if (status == IFT_OK) status = energy->kind->value(s.points, &result, g, measure->weights);
  if (status == IFT_OK) *out = result;
  close_sites(energy, &s);
  ift_free(context, g);
  let_go(energy, measure);
  return status;
}

/* g or v, `width` numbers a point. */
static ift_status field(const ift_energy *energy, double *out, const double *points, int64_t n, int64_t width,
                        bool gradient, const ift_measure *measure) {
  ift_context *context = energy->object.context;
  const int64_t count = points ? n : measure->n;
  sites s = {0};
  hold(energy, measure);
  double *result = ift_alloc2(context, count, width, sizeof *result); /* here, too */
  ift_status status = result ? open_sites(energy, &s, points, n, gradient, measure) : IFT_ERR_NO_MEMORY;
  if (status == IFT_OK)
    status = energy->kind->evaluate(s.points, gradient ? NULL : result, gradient ? result : NULL, s.particles,
                                    measure->weights);
  for (int64_t i = 0; status == IFT_OK && i < count * width; i++) out[i] = result[i];
  close_sites(energy, &s);
  ift_free(context, result);
  let_go(energy, measure);
  return status;
}

ift_status ift_energy_first_variation(const ift_energy *energy, double *out, const double *points, int64_t n, int64_t d,
                                      const ift_measure *measure) {
  IFT_TRY(check(energy, out, points, n, d, measure));
  return field(energy, out, points, n, 1, false, measure);
}

ift_status ift_energy_gradient(const ift_energy *energy, double *out, const double *points, int64_t n, int64_t d,
                               const ift_measure *measure) {
  IFT_TRY(check(energy, out, points, n, d, measure));
  return field(energy, out, points, n, energy->d, true, measure);
}
