/* base/archive.h - state as bytes: little-endian, the same on every machine. One description of the state, a sequence of
 * exchanges, serves to count its bytes, to write them and to read them. */
#ifndef BASE_ARCHIVE_H
#define BASE_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

/* FNV-1a in 64 bits (Fowler, Noll and Vo): one changed byte always changes it. */
typedef struct ift_hash {
  uint64_t value;
} ift_hash;

ift_hash ift_hash_begin(void);
void ift_hash_text(ift_hash *hash, const char *text); /* its end included */
void ift_hash_integer(ift_hash *hash, int64_t value);
void ift_hash_reals(ift_hash *hash, const double *values, int64_t count);

typedef enum ift_archive_mode { IFT_ARCHIVE_COUNT, IFT_ARCHIVE_WRITE, IFT_ARCHIVE_READ } ift_archive_mode;

typedef struct ift_archive {
  ift_archive_mode mode;
  const unsigned char *source; /* read */
  unsigned char *sink;         /* write; room for what a count came to */
  int64_t size, used;          /* bytes there are to read; bytes exchanged so far */
  bool broken;                 /* more was read than there is: all further values are 0 */
} ift_archive;

/* To the archive, or from it where it is read. */
void ift_archive_unsigned(ift_archive *archive, uint64_t *value);
void ift_archive_integer(ift_archive *archive, int64_t *value);
void ift_archive_int(ift_archive *archive, int *value);
void ift_archive_bool(ift_archive *archive, bool *value);
void ift_archive_real(ift_archive *archive, double *value);
void ift_archive_reals(ift_archive *archive, double *values, int64_t count);
/* A text of at most capacity - 1 bytes. */
void ift_archive_text(ift_archive *archive, char *text, int64_t capacity);

/* The hash of the first `count` bytes at `bytes`. */
uint64_t ift_archive_checksum(const unsigned char *bytes, int64_t count);

#endif
