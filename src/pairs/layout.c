/* Blocks of sources. */
#include "pairs/layout.h"

void ift_block_load(ift_block *b, const ift_layout *layout, const double *y, int64_t d, int64_t start, int64_t end) {
  b->y = y + start * d;
  b->d = d;
  b->count = (int)(end - start < IFT_PAIR_BLOCK ? end - start : IFT_PAIR_BLOCK);
  b->whole = (b->count + IFT_PAIR_LANES - 1) & -IFT_PAIR_LANES;
  layout->load(b);
}
