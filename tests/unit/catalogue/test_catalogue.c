/* The catalogue: complete, and in agreement with what set and get accept. */
#include <stdbool.h>
#include <stdlib.h>

#include "base/isa.h"
#include "base/options.h"
#include "support/make.h"

static ift_context *context;
static ift_energy *energy;
static ift_compression *compression;
enum { N = 5 };

static int set_up(void **state) {
  (void)state;
  const double y[] = {0, 1, 2, 4, 8, 16};
  context = make_context();
  energy = make_energy(context, "gaussian:1", y, 6, 1, NULL);
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  ift_target *target = make_samples(context, y, 6, 1, NULL);
  assert_status(IFT_OK, ift_compression_create(context, &compression, kernel, target, 2));
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_energy_destroy(energy);
  ift_compression_destroy(compression);
  ift_context_destroy(context);
  return 0;
}

static ift_flow *flow_in(const char *geometry) {
  const double x[N] = {0, 3, 5, 7, 9};
  return make_flow(context, geometry, energy, x, N, 1, NULL);
}

static const char *(*const option_texts[])(int64_t) = {ift_option_noun,    ift_option_name,  ift_option_type,
                                                       ift_option_access,  ift_option_range, ift_option_default,
                                                       ift_option_applies, ift_option_doc};
static const char *(*const kind_texts[])(int64_t) = {ift_kind_noun, ift_kind_name, ift_kind_spec, ift_kind_doc};

static bool is_one_line(const char *text) {
  return !strchr(text, '\n') && !strchr(text, '\t');
}

static void test_entries_are_complete(void **state) {
  (void)state;
  assert_true(ift_option_count() > 30);
  for (int64_t i = 0; i < ift_option_count(); i++) {
    for (int t = 0; t < 8; t++) {
      assert_non_null(option_texts[t](i));
      assert_true(is_one_line(option_texts[t](i)));
      assert_ptr_equal(option_texts[t](i), option_texts[t](i)); /* static */
    }
    assert_true(strlen(ift_option_name(i)) > 0 && strlen(ift_option_name(i)) < 40 && strlen(ift_option_doc(i)) > 3);
    const char *type = ift_option_type(i);
    assert_true(!strcmp(type, "real") || !strcmp(type, "integer") || !strcmp(type, "text"));
    const bool quantity = strcmp(ift_option_access(i), "quantity") == 0;
    assert_true(quantity || strcmp(ift_option_access(i), "option") == 0);
    if (quantity) assert_string_equal(ift_option_default(i), "");
    if (!quantity) assert_true(strlen(ift_option_default(i)) > 0 && strlen(ift_option_range(i)) > 0);
    for (int64_t j = 0; j < i; j++)
      assert_false(!strcmp(ift_option_noun(i), ift_option_noun(j)) && !strcmp(ift_option_name(i), ift_option_name(j)));
  }
  assert_true(ift_kind_count() > 25);
  for (int64_t i = 0; i < ift_kind_count(); i++) {
    for (int t = 0; t < 4; t++) {
      assert_non_null(kind_texts[t](i));
      assert_true(is_one_line(kind_texts[t](i)) && strlen(kind_texts[t](i)) > 0);
    }
    for (int64_t j = 0; j < i; j++)
      assert_false(!strcmp(ift_kind_noun(i), ift_kind_noun(j)) && !strcmp(ift_kind_name(i), ift_kind_name(j)));
  }
}

static void test_out_of_range(void **state) {
  (void)state;
  const int64_t options[] = {-1, ift_option_count(), ift_option_count() + 1, INT64_MIN, INT64_MAX};
  const int64_t kinds[] = {-1, ift_kind_count(), ift_kind_count() + 1, INT64_MIN, INT64_MAX};
  for (int k = 0; k < 5; k++) {
    for (int t = 0; t < 8; t++) assert_null(option_texts[t](options[k]));
    for (int t = 0; t < 4; t++) assert_null(kind_texts[t](kinds[k]));
  }
}

static int64_t find_option(const char *noun, const char *name) {
  for (int64_t i = 0; i < ift_option_count(); i++)
    if (!strcmp(ift_option_noun(i), noun) && !strcmp(ift_option_name(i), name)) return i;
  fail_msg("no option %s of a %s", name, noun);
  return -1;
}

/* The names of a noun's kinds in their order, as "a|b|c". */
static void join_kinds(const char *noun, char *out) {
  out[0] = 0;
  for (int64_t i = 0; i < ift_kind_count(); i++)
    if (!strcmp(ift_kind_noun(i), noun)) strcat(strcat(out, out[0] ? "|" : ""), ift_kind_name(i));
}

static void test_words_are_the_kinds(void **state) {
  (void)state;
  char words[1000];
  static const char *const names[][2] = {
      {"flow", "transport"}, {"flow", "reaction"}, {"flow", "geometry"}, {"context", "engine"}};
  for (int k = 0; k < 4; k++) {
    join_kinds(names[k][1], words);
    assert_true(strlen(words) > 10);
    assert_string_equal(ift_option_range(find_option(names[k][0], names[k][1])), words);
  }
}

/* The geometries of the headers, and no kind that can't be made. */
static void test_geometries(void **state) {
  (void)state;
  char words[1000];
  join_kinds("geometry", words);
  assert_string_equal(words, "wasserstein|mmd|spherical-mmd|fisher-rao|spherical-fisher-rao|ift|spherical-ift|wfr|"
                             "spherical-wfr|projected-mmd");
  for (int64_t i = 0; i < ift_kind_count(); i++)
    if (!strcmp(ift_kind_noun(i), "geometry")) {
      char text[64];
      ift_flow *flow = flow_in(ift_kind_name(i));
      assert_status(IFT_OK, ift_flow_get_text(flow, "geometry", text, sizeof text));
      assert_string_equal(text, ift_kind_name(i));
      ift_flow_destroy(flow);
    }
}

static void test_nouns(void **state) {
  (void)state;
  static const char *const nouns[] = {"kernel", "target", "energy", "geometry", "transport", "reaction", "engine"};
  for (int64_t i = 0, at = 0; i < ift_kind_count(); i++) {
    while (at < 7 && strcmp(nouns[at], ift_kind_noun(i)) != 0) at++;
    assert_true(at < 7); /* in this order */
  }
  for (int64_t i = 0; i < ift_option_count(); i++)
    assert_true(!strcmp(ift_option_noun(i), "context") || !strcmp(ift_option_noun(i), "flow") ||
                !strcmp(ift_option_noun(i), "compression"));
}

/* One handle a noun, set and read by the entry's number. */
static ift_status set_text(int64_t i, ift_flow *flow, const char *value) {
  if (!strcmp(ift_option_noun(i), "context")) return ift_context_set_option(context, ift_option_name(i), value);
  if (!strcmp(ift_option_noun(i), "flow")) return ift_flow_set_text(flow, ift_option_name(i), value);
  return ift_compression_set_text(compression, ift_option_name(i), value);
}

static ift_status get_text(int64_t i, const ift_flow *flow, char *out) {
  if (!strcmp(ift_option_noun(i), "flow")) return ift_flow_get_text(flow, ift_option_name(i), out, 64);
  return ift_compression_get_text(compression, ift_option_name(i), out, 64);
}

static bool is_context(int64_t i) {
  return strcmp(ift_option_noun(i), "context") == 0;
}

/* Every option takes its default, and reads as it (unless that is computed); every quantity refuses to be set. */
static void test_defaults_are_accepted(void **state) {
  (void)state;
  for (int64_t g = 0; g < ift_kind_count(); g++) {
    if (strcmp(ift_kind_noun(g), "geometry") != 0) continue;
    ift_flow *flow = flow_in(ift_kind_name(g));
    for (int64_t i = 0; i < ift_option_count(); i++) {
      char text[64];
      const char *initial = ift_option_default(i);
      if (!strcmp(ift_option_access(i), "quantity")) {
        assert_status(IFT_ERR_OPTION, set_text(i, flow, "1"));
        assert_message(context, "quantity");
        assert_status(IFT_OK, get_text(i, flow, text));
        continue;
      }
      assert_status(IFT_OK, set_text(i, flow, initial));
      if (is_context(i)) continue;
      assert_status(IFT_OK, get_text(i, flow, text));
      if (strcmp(initial, "auto") != 0) assert_string_equal(text, initial);
    }
    ift_flow_destroy(flow);
  }
}

/* Text options: each of their words is taken by some geometry and then read back; nothing else is, not a part, not
 * a list. */
static bool accepted_somewhere(int64_t i, const char *word) {
  bool accepted = false;
  for (int64_t g = 0; g < ift_kind_count(); g++) {
    if (strcmp(ift_kind_noun(g), "geometry") != 0) continue;
    ift_flow *flow = flow_in(ift_kind_name(g));
    if (set_text(i, flow, word) == IFT_OK) {
      char text[64];
      accepted = true;
      if (!is_context(i)) { /* whose options can't be read */
        assert_status(IFT_OK, get_text(i, flow, text));
        if (strcmp(word, "auto") != 0) assert_string_equal(text, word);
      }
    }
    ift_flow_destroy(flow);
  }
  return accepted;
}

/* The one thing that is refused on some machines. */
static bool processor_lacks(int64_t i, const char *word) {
  const int isa = ift_word_index(IFT_ISA_NAMES, word);
  return strcmp(ift_option_name(i), "isa") == 0 && isa >= 0 && !ift_isa_available((ift_isa)isa);
}

static void test_words_are_accepted(void **state) {
  (void)state;
  int options = 0;
  for (int64_t i = 0; i < ift_option_count(); i++) {
    if (strcmp(ift_option_type(i), "text") != 0 || strcmp(ift_option_access(i), "option") != 0) continue;
    const char *range = ift_option_range(i);
    char word[64];
    options++;
    for (const char *at = range; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
      const size_t length = strcspn(at, "|");
      assert_true(length > 0 && length < 63);
      memcpy(word, at, length);
      word[length] = 0;
      assert_true(accepted_somewhere(i, word) || processor_lacks(i, word));
      word[length - 1] = 0; /* cut short */
      assert_false(accepted_somewhere(i, word));
      memcpy(word, at, length);
      word[length] = 's'; /* too long */
      word[length + 1] = 0;
      assert_false(accepted_somewhere(i, word));
      memcpy(word, at, length);
      word[length] = 0;
      word[0] = (char)(word[0] - 'a' + 'A');
      assert_false(accepted_somewhere(i, word));
    }
    if (strchr(range, '|')) assert_false(accepted_somewhere(i, range));
    assert_false(accepted_somewhere(i, ""));
    assert_false(accepted_somewhere(i, "|"));
    assert_true(accepted_somewhere(i, "auto") == (strcmp(ift_option_default(i), "auto") == 0));
  }
  assert_true(options >= 6);
}

/* Numbers: what the range says at its ends is what is taken. */
static void test_ranges_are_kept(void **state) {
  (void)state;
  ift_flow *sum = flow_in("spherical-ift"), *joint = flow_in("projected-mmd"); /* between them they take all */
  for (int64_t i = 0; i < ift_option_count(); i++) {
    if (strcmp(ift_option_type(i), "text") == 0 || strcmp(ift_option_access(i), "option") != 0) continue;
    ift_flow *flow = strcmp(ift_option_name(i), "damping") == 0 ? joint : sum;
    const char *range = ift_option_range(i);
    if (!strcmp(ift_option_type(i), "integer")) {
      long long low, high;
      char text[40];
      assert_int_equal(sscanf(range, "%lld .. %lld", &low, &high), 2);
      snprintf(text, sizeof text, "%lld", low);
      assert_status(IFT_OK, set_text(i, flow, text));
      snprintf(text, sizeof text, "%lld", low - 1);
      assert_status(IFT_ERR_OPTION, set_text(i, flow, text));
      assert_message(context, range);
      if (!is_context(i)) { /* a thousand threads are not for here */
        snprintf(text, sizeof text, "%lld", high);
        assert_status(IFT_OK, set_text(i, flow, text));
      }
      if (high < INT64_MAX)
        snprintf(text, sizeof text, "%lld", high + 1);
      else
        snprintf(text, sizeof text, "9223372036854775808");
      assert_status(IFT_ERR_OPTION, set_text(i, flow, text));
    } else if (!strcmp(range, "[1, inf)")) {
      assert_status(IFT_OK, set_text(i, flow, "1"));
      assert_status(IFT_OK, set_text(i, flow, "1e308"));
      assert_status(IFT_ERR_OPTION, set_text(i, flow, "0.9999999999"));
      assert_message(context, range);
      assert_status(IFT_ERR_OPTION, set_text(i, flow, "inf"));
    } else if (!strcmp(range, "[0, inf)")) {
      assert_status(IFT_OK, set_text(i, flow, "0"));
      assert_status(IFT_OK, set_text(i, flow, "1e308"));
      assert_status(IFT_ERR_OPTION, set_text(i, flow, "-1e-300"));
      assert_message(context, range);
      assert_status(IFT_ERR_OPTION, set_text(i, flow, "inf"));
      assert_status(IFT_ERR_OPTION, set_text(i, flow, "1e400"));
      assert_status(IFT_ERR_OPTION, set_text(i, flow, "nan"));
    } else {
      assert_string_equal(range, "[0, 1]"); /* a new form of range needs a new test */
      assert_status(IFT_OK, set_text(i, flow, "0"));
      assert_status(IFT_OK, set_text(i, flow, "1"));
      assert_status(IFT_ERR_OPTION, set_text(i, flow, "1.0000000001"));
      assert_status(IFT_ERR_OPTION, set_text(i, flow, "-0.1"));
    }
  }
  ift_flow_destroy(sum);
  ift_flow_destroy(joint);
  assert_status(IFT_OK, ift_context_set_option(context, "threads", "1"));
  assert_status(IFT_OK, ift_context_set_option(context, "seed", "0"));
}

/* `applies` is empty where every geometry can use the option, and only there. */
static void test_applies(void **state) {
  (void)state;
  static const struct {
    const char *option, *other;
  } values[] = {{"tau", "0.5"},
                {"eta", "0.5"},
                {"transport", "euclidean"},
                {"reaction", ""},
                {"center", "old"},
                {"splitting", "strang"},
                {"step_control", "fixed"},
                {"tolerance", "1"},
                {"time_step", "0.5"},
                {"alpha", "0.5"},
                {"beta", "0.5"},
                {"regularization", "0.5"},
                {"damping", "0.5"},
                {"noise", "0.5"},
                {"noise_until", "5"},
                {"noise_halving", "5"},
                {"noise_at", "both"},
                {"batch", "5"},
                {"accumulate", "yes"},
                {"preset", "published"},
                {"stall", "0.5"},
                {"rejuvenate", "insert"},
                {"rejuvenate_every", "2"},
                {"merge", "0.5"},
                {"continuation", "4"},
                {"continuation_until", "7"},
                {"seed", "5"}};
  int64_t options = 0;
  for (int64_t i = 0; i < ift_option_count(); i++)
    options += !strcmp(ift_option_noun(i), "flow") && !strcmp(ift_option_access(i), "option");
  assert_int_equal(options, sizeof values / sizeof values[0]); /* a new option needs a line above */
  for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
    const int64_t i = find_option("flow", values[k].option);
    if (!values[k].other || !values[k].other[0]) continue;
    bool everywhere = true;
    for (int64_t g = 0; g < ift_kind_count(); g++) {
      if (strcmp(ift_kind_noun(g), "geometry") != 0) continue;
      ift_flow *flow = flow_in(ift_kind_name(g));
      if (set_text(i, flow, values[k].other) != IFT_OK) {
        everywhere = false;
        assert_message(context, ift_option_applies(i));
      }
      ift_flow_destroy(flow);
    }
    assert_true(everywhere == (ift_option_applies(i)[0] == 0));
  }
}

/* Every kernel as its specification writes it, with numbers for the names in capitals. */
static void test_specifications(void **state) {
  (void)state;
  int kernels = 0;
  for (int64_t i = 0; i < ift_kind_count(); i++) {
    if (strcmp(ift_kind_noun(i), "kernel") != 0) continue;
    const char *name = ift_kind_name(i), *spec = ift_kind_spec(i);
    char text[100] = "";
    kernels++;
    assert_true(strncmp(spec, name, strlen(name)) == 0);
    for (const char *at = spec; *at && *at != ' '; at++) {
      const size_t length = strlen(text);
      if (*at >= 'A' && *at <= 'Z') {
        if (length == 0 || text[length - 1] != '1') strcat(text, "1");
      } else {
        text[length] = *at;
        text[length + 1] = 0;
      }
    }
    ift_kernel_destroy(make_kernel(context, text));
  }
  assert_true(kernels >= 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_entries_are_complete),
      cmocka_unit_test(test_out_of_range),
      cmocka_unit_test(test_words_are_the_kinds),
      cmocka_unit_test(test_geometries),
      cmocka_unit_test(test_nouns),
      cmocka_unit_test(test_defaults_are_accepted),
      cmocka_unit_test(test_words_are_accepted),
      cmocka_unit_test(test_ranges_are_kept),
      cmocka_unit_test(test_applies),
      cmocka_unit_test(test_specifications),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
