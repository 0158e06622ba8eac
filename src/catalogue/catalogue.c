/* The catalogue: every room's tables, one after the other. */
#include <ift/catalogue.h>

#include "base/options.h"
#include "compress/compress.h"
#include "energy/energy.h"
#include "flow/flow.h"
#include "kernel/kernel.h"
#include "pairs/engines.h"
#include "target/target.h"

static const ift_option_table *const tables[] = {&ift_context_options, &ift_flow_options, &ift_compression_options};
enum { TABLES = sizeof tables / sizeof tables[0] };

int64_t ift_option_count(void) {
  int64_t count = 0;
  for (int t = 0; t < TABLES; t++) count += tables[t]->count;
  return count;
}

/* The row of that number, with its table; NULL: there is none. */
static const ift_option_spec *option_at(int64_t index, const char **noun) {
  for (int t = 0; t < TABLES && index >= 0; index -= tables[t++]->count)
    if (index < tables[t]->count) {
      *noun = tables[t]->noun;
      return &tables[t]->specs[index];
    }
  return NULL;
}

const char *ift_option_noun(int64_t index) {
  const char *noun = NULL;
  return option_at(index, &noun) ? noun : NULL;
}

const char *ift_option_name(int64_t index) {
  const char *noun;
  const ift_option_spec *spec = option_at(index, &noun);
  return spec ? spec->name : NULL;
}

const char *ift_option_type(int64_t index) {
  static const char *const types[] = {"real", "integer", "text"};
  const char *noun;
  const ift_option_spec *spec = option_at(index, &noun);
  return spec ? types[spec->kind] : NULL;
}

const char *ift_option_access(int64_t index) {
  const char *noun;
  const ift_option_spec *spec = option_at(index, &noun);
  return !spec ? NULL : spec->writable ? "option" : "quantity";
}

const char *ift_option_range(int64_t index) {
  const char *noun;
  const ift_option_spec *spec = option_at(index, &noun);
  return spec ? spec->range : NULL;
}

const char *ift_option_default(int64_t index) {
  const char *noun;
  const ift_option_spec *spec = option_at(index, &noun);
  return spec ? spec->initial : NULL;
}

const char *ift_option_applies(int64_t index) {
  const char *noun;
  const ift_option_spec *spec = option_at(index, &noun);
  return spec ? spec->applies : NULL;
}

const char *ift_option_doc(int64_t index) {
  const char *noun;
  const ift_option_spec *spec = option_at(index, &noun);
  return spec ? spec->doc : NULL;
}

typedef struct kind {
  const char *noun, *name, *spec, *doc;
} kind;

/* One function a noun: the entry of that number, false behind the last. */
static bool kernel_kind(int64_t index, kind *out) {
  if (index >= ift_kernel_kind_count) return false;
  const ift_kernel_kind *k = ift_kernel_kinds[index];
  *out = (kind){"kernel", k->name, k->spec, k->doc};
  return true;
}

static bool target_kind(int64_t index, kind *out) {
  if (index >= ift_target_kind_count) return false;
  const ift_target_kind *k = ift_target_kinds[index];
  *out = (kind){"target", k->name, k->name, k->doc};
  return true;
}

static bool energy_kind(int64_t index, kind *out) {
  if (index >= ift_energy_kind_count) return false;
  const ift_energy_kind *k = ift_energy_kinds[index];
  *out = (kind){"energy", k->name, k->spec, k->doc};
  return true;
}

static bool geometry_kind(int64_t index, kind *out) {
  if (index >= ift_geometry_count) return false;
  const ift_geometry *k = &ift_geometries[index];
  *out = (kind){"geometry", k->name, k->name, k->doc};
  return true;
}

static bool transport_kind(int64_t index, kind *out) {
  if (index >= ift_transport_count) return false;
  const ift_transport *k = ift_transports[index];
  *out = (kind){"transport", k->name, k->name, k->doc};
  return true;
}

static bool reaction_kind(int64_t index, kind *out) {
  if (index >= ift_reaction_count) return false;
  const ift_reaction *k = ift_reactions[index];
  *out = (kind){"reaction", k->name, k->name, k->doc};
  return true;
}

static bool engine_kind(int64_t index, kind *out) {
  if (index >= ift_pair_engine_count) return false;
  const ift_pair_engine *k = ift_pair_engines[index];
  *out = (kind){"engine", k->name, k->name, k->doc};
  return true;
}

static const struct {
  bool (*at)(int64_t index, kind *out);
  const int *count;
} nouns[] = {
    {kernel_kind, &ift_kernel_kind_count},  {target_kind, &ift_target_kind_count},
    {energy_kind, &ift_energy_kind_count},  {geometry_kind, &ift_geometry_count},
    {transport_kind, &ift_transport_count}, {reaction_kind, &ift_reaction_count},
    {engine_kind, &ift_pair_engine_count},
};
enum { NOUNS = sizeof nouns / sizeof nouns[0] };

int64_t ift_kind_count(void) {
  int64_t count = 0;
  for (int i = 0; i < NOUNS; i++) count += *nouns[i].count;
  return count;
}

/* The entry of that number; all NULL where there is none. */
static kind kind_at(int64_t index) {
  kind found = {0};
  for (int i = 0; i < NOUNS && index >= 0; index -= *nouns[i++].count)
    if (nouns[i].at(index, &found)) break;
  return found;
}

const char *ift_kind_noun(int64_t index) {
  return kind_at(index).noun;
}

const char *ift_kind_name(int64_t index) {
  return kind_at(index).name;
}

const char *ift_kind_spec(int64_t index) {
  return kind_at(index).spec;
}

const char *ift_kind_doc(int64_t index) {
  return kind_at(index).doc;
}
