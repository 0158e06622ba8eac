/* The gemm engine for x86-64 with AVX-512. */
#include "base/isa.h"

#if IFT_X86
#include "pairs/vector_avx512.h"
#include "pairs/gemm_loops.h"
#endif
