/* The kernels for any processor. */
#include "pairs/vector_baseline.h"

#include "kernel/profiles.h"
