/* Names of the status codes, from the one table. */
#include "base/status.h"

#define STATUS(name, number, text) _Static_assert(IFT_##name == (number), "the header and status.def differ");
#include "base/status.def"
#undef STATUS

static const struct {
  ift_status status;
  const char *name, *text;
} table[] = {
#define STATUS(name, number, text) {IFT_##name, "IFT_" #name, text},
#include "base/status.def"
#undef STATUS
};

const char *ift_status_name(ift_status status) {
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (table[i].status == status) return table[i].name;
  return "unknown status";
}

const char *ift_status_text(ift_status status) {
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (table[i].status == status) return table[i].text;
  return "unknown status";
}
