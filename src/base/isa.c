/* What the processor says of itself, by the compiler's built-in functions: they ask the operating system too. */
#include "base/isa.h"

bool ift_isa_available(ift_isa isa) {
  switch (isa) {
#if IFT_X86
  case IFT_ISA_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  case IFT_ISA_AVX512:
    return __builtin_cpu_supports("avx512f") && ift_isa_available(IFT_ISA_AVX2);
#endif
  default:
    return isa == IFT_ISA_BASELINE;
  }
}

ift_isa ift_isa_widest(void) {
  ift_isa isa = IFT_ISA_AVX512;
  while (!ift_isa_available(isa)) isa--;
  return isa;
}
