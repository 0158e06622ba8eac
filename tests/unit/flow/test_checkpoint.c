/* Checkpoints under options, in monitors and buffers, and those that are refused. */
#include "scene.h"

#include <stdlib.h>

#include "base/archive.h"
#include "support/fixture.h"

enum { ROOM = 16384 };

typedef struct checkpoint {
  unsigned char bytes[ROOM];
  int64_t size;
} checkpoint;

static checkpoint save(const ift_flow *flow) {
  static checkpoint c;
  assert_status(IFT_OK, ift_flow_save(flow, c.bytes, ROOM, &c.size));
  return c;
}

/* The last eight bytes made the checksum of the others again. */
static void seal(checkpoint *c) {
  uint64_t sum = ift_archive_checksum(c->bytes, c->size - 8);
  for (int k = 0; k < 8; k++) c->bytes[c->size - 8 + k] = (unsigned char)(sum >> (8 * k) & 0xff);
}

/* Options that put more into the state than the defaults do. */
static void test_options(void **state) {
  (void)state;
  static const struct {
    const char *geometry, *options;
  } cases[] = {
      {"spherical-ift", "rejuvenate=insert rejuvenate_every=3 eta=0.5 tau=0.3"},
      {"spherical-ift", "rejuvenate=target rejuvenate_every=2 eta=2"},
      {"spherical-ift", "batch=9 reaction=gradient tau=0.2"},
      {"spherical-wfr", "batch=5 accumulate=yes tau=0.2"},
      {"wasserstein", "noise=0.5 noise_halving=4 noise_at=both"},
      {"wasserstein", "tau=1e6"},
      {"ift", "splitting=strang time_step=0.2 alpha=0.5 beta=2 stall=1e-9"},
      {"spherical-ift", "preset=published tau=0.3 eta=0.01"},
      {"wasserstein", "transport=implicit tau=3"},
      {"spherical-ift", "continuation=6 continuation_until=50 rejuvenate=insert stall=1e-9"},
      {"wasserstein", "continuation=3 noise=0.1 noise_halving=4"},
      {"projected-mmd", "continuation=4 continuation_until=40"},
  };
  const scene s = make_scene(70, 1, 1), from = make_scene(71, 1, 1);
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    ift_flow *flow = scene_flow(context, &s, cases[k].geometry, "gaussian:0.7");
    ift_energy *energy = make_energy(context, "gaussian:0.7", s.y, M, D, s.w);
    ift_flow *other = make_flow(context, cases[k].geometry, energy, from.x, N, D, from.a);
    assert_true(flow_takes(flow, cases[k].options));
    for (int part = 1; part <= 21; part += 5) { /* saved again and again */
      assert_true(ift_flow_run(flow, part) >= 0);
      const checkpoint c = save(flow);
      assert_status(IFT_OK, ift_flow_restore(other, c.bytes, c.size));
      assert_same_state(snap(flow), snap(other));
      for (int64_t i = 0; i < ift_option_count(); i++) {
        char mine[64], theirs[64];
        if (strcmp(ift_option_noun(i), "flow") != 0) continue;
        if (strcmp(ift_option_name(i), "decay_rate") == 0) continue;
        assert_status(IFT_OK, ift_flow_get_text(flow, ift_option_name(i), mine, sizeof mine));
        assert_status(IFT_OK, ift_flow_get_text(other, ift_option_name(i), theirs, sizeof theirs));
        assert_string_equal(mine, theirs);
      }
      assert_status(ift_flow_run(flow, 12), ift_flow_run(other, 12));
      assert_same_state(snap(flow), snap(other));
    }
    ift_flow_destroy(flow);
    ift_flow_destroy(other);
    ift_energy_destroy(energy);
  }
}

static int save_in_monitor(const ift_flow *flow, void *user) {
  *(checkpoint *)user = save(flow);
  return flow_int(flow, "step") == 5;
}

static int restore_in_monitor(const ift_flow *flow, void *user) {
  checkpoint *c = user;
  assert_status(IFT_ERR_BUSY, ift_flow_restore((ift_flow *)flow, c->bytes, c->size));
  return 0;
}

static void test_monitor(void **state) {
  (void)state;
  const scene s = make_scene(72, 1, 1);
  static checkpoint c;
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  ift_flow *other = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  assert_status(IFT_OK, ift_flow_set_monitor(flow, save_in_monitor, &c, NULL));
  assert_status(IFT_STOPPED, ift_flow_run(flow, 100));
  assert_status(IFT_OK, ift_flow_restore(other, c.bytes, c.size));
  assert_same_state(snap(flow), snap(other));
  assert_status(IFT_OK, ift_flow_set_monitor(other, restore_in_monitor, &c, NULL));
  assert_status(IFT_OK, ift_flow_run(other, 1));
  ift_flow_destroy(flow);
  ift_flow_destroy(other);
}

static void test_buffers(void **state) {
  (void)state;
  const scene s = make_scene(73, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  int64_t size = 0, after = 42;
  assert_status(IFT_OK, ift_flow_save(flow, NULL, 0, &size));
  unsigned char *bytes = malloc((size_t)size);
  assert_non_null(bytes);
  memset(bytes, 7, (size_t)size);
  assert_status(IFT_ERR_ARGUMENT, ift_flow_save(flow, bytes, size - 1, &after));
  assert_message(context, "needs");
  assert_int_equal(42, after);
  for (int64_t k = 0; k < size; k++) assert_int_equal(7, bytes[k]);
  assert_status(IFT_OK, ift_flow_save(flow, bytes, size, &after));
  assert_int_equal(size, after);
  assert_status(IFT_ERR_ARGUMENT, ift_flow_save(flow, bytes, size, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_save(NULL, bytes, size, &after));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_restore(flow, NULL, size));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_restore(flow, bytes, -1));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_restore(NULL, bytes, size));
  free(bytes);
  ift_flow_destroy(flow);
}

/* A restore that must fail, and change nothing. */
static void refuse(ift_flow *flow, const unsigned char *bytes, int64_t size, ift_status status, const char *message) {
  const snapshot before = snap(flow);
  assert_status(status, ift_flow_restore(flow, bytes, size));
  if (message) assert_message(context, message);
  assert_same_state(before, snap(flow));
}

static void test_damage(void **state) {
  (void)state;
  const scene s = make_scene(74, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  assert_status(IFT_OK, ift_flow_step(flow, 3));
  checkpoint c = save(flow);
  assert_status(IFT_OK, ift_flow_step(flow, 2));
  for (int64_t size = 0; size < c.size; size++) {
    unsigned char *cut = malloc(size > 0 ? (size_t)size : 1); /* so that reading beyond it is seen */
    assert_non_null(cut);
    memcpy(cut, c.bytes, (size_t)size);
    refuse(flow, cut, size, IFT_ERR_FORMAT, NULL);
    free(cut);
  }
  for (int64_t k = 0; k < c.size; k++) {
    c.bytes[k] ^= (unsigned char)(1 << k % 8);
    refuse(flow, c.bytes, c.size, IFT_ERR_FORMAT, NULL);
    c.bytes[k] ^= (unsigned char)(1 << k % 8);
  }
  refuse(flow, c.bytes, c.size + 1, IFT_ERR_FORMAT, "cut short or joined");
  refuse(flow, (const unsigned char *)"x1,x2\n0,1\n2,3\n4,5\n6,7\n", 22, IFT_ERR_FORMAT, "no checkpoint");
  c.bytes[8]++; /* the number of the format */
  seal(&c);
  refuse(flow, c.bytes, c.size, IFT_ERR_FORMAT, "has format 2; this version reads format 1");
  ift_flow_destroy(flow);
}

/* Bytes with the right checksum and anything in them are refused or restored, and never do harm. */
static void test_forgery(void **state) {
  (void)state;
  const scene s = make_scene(75, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  assert_true(flow_takes(flow, "batch=5 accumulate=yes reaction=gradient tau=0.1"));
  assert_status(IFT_OK, ift_flow_step(flow, 3));
  const checkpoint whole = save(flow);
  dice dice_ = {76};
  int refused = 0, taken = 0;
  for (int64_t k = 0; k + 8 < whole.size; k++) {
    checkpoint c = whole;
    c.bytes[k] = (unsigned char)(dice_bits(&dice_) & 255);
    if (k % 8 == 7) c.bytes[k] |= 0x7f; /* huge, or not a number */
    seal(&c);
    const ift_status status = ift_flow_restore(flow, c.bytes, c.size);
    assert_true(status == IFT_OK || status == IFT_ERR_FORMAT || status == IFT_ERR_ARGUMENT ||
                status == IFT_ERR_DIMENSION || status == IFT_ERR_NOT_FINITE);
    status == IFT_OK ? taken++ : refused++;
    (void)ift_flow_step(flow, 1);
  }
  assert_true(refused > 100 && taken > 100);
  ift_flow_destroy(flow);
}

static void test_foreign(void **state) {
  (void)state;
  const scene s = make_scene(77, 1, 1);
  scene moved = s;
  moved.y[3] += 1e-9;
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "energy");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  const checkpoint c = save(flow);
  ift_flow *geometry = scene_flow(context, &s, "ift", "energy");
  refuse(geometry, c.bytes, c.size, IFT_ERR_ARGUMENT, "of geometry 'spherical-ift', the flow of 'ift'");
  ift_flow *kernel = scene_flow(context, &s, "spherical-ift", "riesz:1.0000001");
  refuse(kernel, c.bytes, c.size, IFT_ERR_ARGUMENT, "another energy, target or kernel");
  ift_flow *target = scene_flow(context, &moved, "spherical-ift", "energy");
  refuse(target, c.bytes, c.size, IFT_ERR_ARGUMENT, "another energy, target or kernel");
  ift_energy *energy = make_energy(context, "energy", s.y, M, D, s.w);
  ift_flow *fewer = make_flow(context, "spherical-ift", energy, s.x, N - 1, D, NULL);
  assert_status(IFT_ERR_DIMENSION, ift_flow_restore(fewer, c.bytes, c.size));
  assert_message(context, "12 particles in dimension 2, the flow 11");
  double heavy[N];
  for (int i = 0; i < N; i++) heavy[i] = 1;
  ift_flow *mass = make_flow(context, "spherical-ift", energy, s.x, N, D, heavy); /* anchored */
  refuse(mass, c.bytes, c.size, IFT_ERR_ARGUMENT, "another mass");
  ift_flow *const flows[] = {flow, geometry, kernel, target, fewer, mass};
  for (int k = 0; k < 6; k++) ift_flow_destroy(flows[k]);
  ift_energy_destroy(energy);
}

/* The mass that is kept is that of the flow that was saved. */
static void test_mass(void **state) {
  (void)state;
  const scene s = make_scene(78, 1.5, 1), light = make_scene(79, 0.5, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  ift_energy *energy = make_energy(context, "gaussian:0.7", s.y, M, D, s.w);
  ift_flow *other = make_flow(context, "spherical-ift", energy, light.x, N, D, light.a);
  const checkpoint c = save(flow);
  assert_status(IFT_OK, ift_flow_restore(other, c.bytes, c.size));
  assert_status(IFT_OK, ift_flow_step(other, 5));
  assert_near(1.5, flow_real(other, "mass"), 1e-15, 0);
  ift_flow_destroy(flow);
  ift_flow_destroy(other);
  ift_energy_destroy(energy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_options, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_monitor, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_buffers, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_forgery, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_foreign, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_mass, set_up, tear_down),
  };
  return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
