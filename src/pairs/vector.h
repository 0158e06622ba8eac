/* pairs/vector.h - vectors of LANES numbers. Included by vector_*.h, one for each instruction set, which say what ISA and LANES are
 * and add what operators can't express: multiply_add, root, smaller, zero_where_less. Each file that includes one of them is compiled
 * for that set by the attribute ISA on its functions, and all of these are static: no code of a wide set gets anywhere else. */
#include <stdint.h>
#include <string.h>

/* Loops of a few steps, known to the compiler, that have to be written out. */
#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
#define EACH(i, count) UNROLL for (int i = 0; i < (count); i++)

#define INLINE static inline __attribute__((always_inline)) ISA

typedef double vector __attribute__((vector_size(8 * LANES)));
typedef uint64_t words __attribute__((vector_size(8 * LANES)));

INLINE vector load(const double *from) {
  vector v;
  memcpy(&v, from, sizeof v);
  return v;
}

INLINE void store(double *to, vector v) {
  memcpy(to, &v, sizeof v);
}

INLINE vector all(double value) {
  return value - (vector){0}; /* + would make -0 a 0 */
}
