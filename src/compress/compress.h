/* compress/compress.h - the inside of a compression. */
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
  IFT_PHASE_POLISH,
  IFT_PHASE_HOP
} ift_compression_phase;

enum { IFT_EFFORT_LOW, IFT_EFFORT_NORMAL, IFT_EFFORT_HIGH };
enum { IFT_POINTS_FREE, IFT_POINTS_DATA };
enum { IFT_WEIGHTS_FREE, IFT_WEIGHTS_EQUAL };

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
  int64_t start, step, hops;
  double running; /* F of the particles under way; infinite between runs */
  int (*monitor)(const ift_compression *compression, void *user);
  void *monitor_user;
  void (*monitor_destroy)(void *user);
  atomic_int stop;
  bool busy;
};

/* Takes the particles of `measure` for the best ones if they are; the dead ones are left out. */
ift_status ift_compression_keep(ift_compression *compression, const ift_measure *measure, ift_compression_result found);

/* Have the best particles so far reached the tolerance? IFT_CONVERGED or IFT_OK. */
ift_status ift_compression_judge(const ift_compression *compression);

bool ift_compression_is_stopped(const ift_compression *compression);

/* The target's distinct points with their weights added, if there are no more than `particles`; else *out is NULL. */
ift_status ift_compression_points(const ift_compression *compression, ift_measure **out);

#endif
