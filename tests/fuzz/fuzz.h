/* tests/fuzz/fuzz.h - what the fuzz targets share: broken promises end the process, bytes become numbers, messages are
 * checked. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ift.h>

/* A target runs the library on bytes of any kind and length. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise of the library: what breaks it is reported as a crash. */
#define require(promise) ((promise) ? (void)0 : broken(#promise, __FILE__, __LINE__))

static inline _Noreturn void broken(const char *promise, const char *file, int line) {
  fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
  abort();
}

/* What a failing call has left in the context: one line that says something. */
static inline void require_message(const ift_context *context) {
  const char *message = ift_context_message(context);
  require(*message);
  for (; *message; message++) require((unsigned char)*message >= ' ' && *message != 127);
}

/* Are these the same doubles to the last bit? */
static inline bool same_bits(const double *a, const double *b, int64_t n) {
  return memcmp(a, b, (size_t)n * sizeof *a) == 0;
}

static inline ift_context *open_context(void) {
  ift_context *context;
  require(ift_context_create(&context) == IFT_OK);
  return context;
}

/* The bytes as a text, in memory that ends right behind its NUL. */
static inline char *copy_text(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);
  require(text);
  if (size > 0) memcpy(text, data, size);
  text[size] = '\0';
  return text;
}

/* Bytes that are read one after the other; behind the last one they are 0. */
typedef struct tape {
  const uint8_t *at;
  size_t left;
} tape;

static inline int take_byte(tape *t) {
  if (t->left == 0) return 0;
  t->left--;
  return *t->at++;
}

/* In 0 .. bound-1, bound <= 256. */
static inline int take_below(tape *t, int bound) {
  return take_byte(t) % bound;
}

/* In -127 .. 127. */
static inline int take_signed(tape *t) {
  return take_byte(t) % 255 - 127;
}

/* A number of any kind: most often an ordinary one, at times an edge of the doubles, or eight bytes as they are. */
static inline double take_real(tape *t) {
  static const double edges[] = {0,    -0.0, 1e-320, 1e-300,  1e-160,       1e-9,     0.1,      1,
                                 2,    1e9,  1e20,   1e160,   1e300,        0x1p-40,  0x1p1023, 50,
                                 1e-3, -1.0, -1e300, -1e-320, 2147483648.0, INFINITY, NAN};
  const int kind = take_byte(t);
  if (kind < 64) return edges[kind % (int)(sizeof edges / sizeof edges[0])];
  if (kind < 240) return (kind & 1 ? take_signed(t) : take_byte(t)) / 64.0;
  uint64_t bits = 0;
  double value;
  for (int i = 0; i < 8; i++) bits = bits << 8 | (uint64_t)take_byte(t);
  memcpy(&value, &bits, sizeof value);
  return value;
}

#endif
