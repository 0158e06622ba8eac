/* The low-rank engine for x86-64 with AVX2 and FMA. */
#include "base/isa.h"

#if IFT_X86
#include "pairs/vector_avx2.h"
#include "pairs/low_rank_loops.h"
#endif
