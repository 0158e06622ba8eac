/* State as bytes. */
#include "base/archive.h"

#include <string.h>

enum { WORD = 8 };

ift_hash ift_hash_begin(void) {
  return (ift_hash){UINT64_C(0xcbf29ce484222325)};
}

static void hash_bytes(ift_hash *hash, const unsigned char *bytes, int64_t count) {
  for (int64_t k = 0; k < count; k++) hash->value = (hash->value ^ bytes[k]) * UINT64_C(0x100000001b3);
}

static void put(unsigned char *bytes, uint64_t value) {
  for (int k = 0; k < WORD; k++) bytes[k] = (unsigned char)(value >> (8 * k) & 0xff);
}

static uint64_t get(const unsigned char *bytes) {
  uint64_t value = 0;
  for (int k = 0; k < WORD; k++) value |= (uint64_t)bytes[k] << (8 * k);
  return value;
}

static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

void ift_hash_text(ift_hash *hash, const char *text) {
  hash_bytes(hash, (const unsigned char *)text, (int64_t)strlen(text) + 1);
}

void ift_hash_integer(ift_hash *hash, int64_t value) {
  unsigned char bytes[WORD];
  put(bytes, (uint64_t)value);
  hash_bytes(hash, bytes, WORD);
}

void ift_hash_reals(ift_hash *hash, const double *values, int64_t count) {
  for (int64_t k = 0; k < count; k++) ift_hash_integer(hash, (int64_t)bits_of(values[k]));
}

uint64_t ift_archive_checksum(const unsigned char *bytes, int64_t count) {
  ift_hash hash = ift_hash_begin();
  hash_bytes(&hash, bytes, count);
  return hash.value;
}

void ift_archive_unsigned(ift_archive *archive, uint64_t *value) {
  if (archive->mode == IFT_ARCHIVE_READ) {
    if (archive->broken || archive->size - archive->used < WORD) {
      archive->broken = true;
      *value = 0;
      return;
    }
    *value = get(archive->source + archive->used);
  } else if (archive->mode == IFT_ARCHIVE_WRITE) {
    put(archive->sink + archive->used, *value);
  }
  archive->used += WORD;
}

void ift_archive_integer(ift_archive *archive, int64_t *value) {
  uint64_t word = (uint64_t)*value;
  ift_archive_unsigned(archive, &word);
  memcpy(value, &word, sizeof word);
}

void ift_archive_int(ift_archive *archive, int *value) {
  int64_t word = *value;
  ift_archive_integer(archive, &word);
  if (word < INT32_MIN || word > INT32_MAX) archive->broken = true;
  *value = archive->broken ? 0 : (int)word;
}

void ift_archive_bool(ift_archive *archive, bool *value) {
  int word = *value;
  ift_archive_int(archive, &word);
  *value = word != 0;
}

void ift_archive_real(ift_archive *archive, double *value) {
  uint64_t word = bits_of(*value);
  ift_archive_unsigned(archive, &word);
  memcpy(value, &word, sizeof word);
}

void ift_archive_reals(ift_archive *archive, double *values, int64_t count) {
  for (int64_t k = 0; k < count; k++) ift_archive_real(archive, &values[k]);
}

void ift_archive_text(ift_archive *archive, char *text, int64_t capacity) {
  int64_t length = archive->mode == IFT_ARCHIVE_READ ? 0 : (int64_t)strlen(text);
  ift_archive_integer(archive, &length);
  if (archive->mode == IFT_ARCHIVE_READ) {
    if (archive->broken || length < 0 || length >= capacity || length > archive->size - archive->used) {
      archive->broken = true;
      text[0] = 0;
      return;
    }
    memcpy(text, archive->source + archive->used, (size_t)length);
    text[length] = 0;
  } else if (archive->mode == IFT_ARCHIVE_WRITE) {
    memcpy(archive->sink + archive->used, text, (size_t)length);
  }
  archive->used += length;
}
