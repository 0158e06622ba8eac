/* base/isa.h - which vector instructions the processor has, and which a context uses. */
#ifndef BASE_ISA_H
#define BASE_ISA_H

#include <stdbool.h>

#if defined(__x86_64__)
#define IFT_X86 1
#else
#define IFT_X86 0
#endif

/* From the narrowest to the widest. The baseline is what the compiler was told: on x86-64 SSE2, on aarch64 NEON. */
typedef enum ift_isa { IFT_ISA_BASELINE, IFT_ISA_AVX2, IFT_ISA_AVX512 } ift_isa;
enum { IFT_ISAS = 3 };

#define IFT_ISA_NAMES "baseline|avx2|avx512"

/* Does this processor, and its operating system, have it? */
bool ift_isa_available(ift_isa isa);

/* The widest of those. */
ift_isa ift_isa_widest(void);

#endif
