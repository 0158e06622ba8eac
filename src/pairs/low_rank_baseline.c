/* The low-rank engine for any processor. */
#include "pairs/vector_baseline.h"
#include "pairs/low_rank_loops.h"
