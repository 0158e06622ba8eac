/* The gemm engine for any processor. */
#include "pairs/vector_baseline.h"
#include "pairs/gemm_loops.h"
