/* The direct engine for any processor. */
#include "pairs/vector_baseline.h"
#include "pairs/loops.h"
