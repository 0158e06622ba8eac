/* compress/compress.h - the inside of a compression: a search by flows from several starts. */
#ifndef COMPRESS_COMPRESS_H
#define COMPRESS_COMPRESS_H

#include <ift/compress.h>

#include "base/settings.h"
#include "flow/flow.h"

enum {
#define OPTION(name, ...)   IFT_COMPRESSION_##name,
#define QUANTITY(name, ...) IFT_COMPRESSION_##name,
#include "compress/options.def"
#undef OPTION
#undef QUANTITY
  IFT_COMPRESSION_OPTIONS
};
extern const ift_option_table ift_compression_options;

typedef enum ift_compression_phase {
  IFT_PHASE_NONE,
  IFT_PHASE_POINTS,
  IFT_PHASE_START,
  IFT_PHASE_FLOW,
  IFT_PHASE_WEIGHTS
} ift_compression_phase;

/* Particles found, with what is known of them. */
typedef struct ift_compression_result {
  ift_measure *measure; /* NULL: nothing yet */
  double energy, weight_gap, stationarity;
  ift_compression_phase phase;
} ift_compression_result;

struct ift_compression {
  ift_object object;
  ift_kernel *kernel; /* retained, like the next two */
  ift_energy *energy;
  const ift_target *target; /* as the energy embeds it */
  int64_t particles;
  ift_option_value options[IFT_COMPRESSION_OPTIONS];
  ift_compression_result best;
  int64_t start, step;
  ift_flow *flow; /* the flow under way; NULL between starts */
  int (*monitor)(const ift_compression *compression, void *user);
  void *monitor_user;
  void (*monitor_destroy)(void *user);
  atomic_int stop;
  bool busy;
};

/* Starts: measures of the target's mass with at most `particles` particles of positive weight, the rest dead. The
 * first start is by kernel herding, the others are random points. */
ift_status ift_compression_start(const ift_compression *compression, ift_rng *rng, int64_t number, ift_measure **out);

/* The target's distinct points with their weights added, if there are no more than `particles`; else *out is NULL. */
ift_status ift_compression_points(const ift_compression *compression, ift_measure **out);

#endif
