/* base/status.h - what goes with a status code inside the library. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <ift/context.h>

/* A few words for a message: "out of memory". */
const char *ift_status_text(ift_status status);

/* Hands on whatever is not IFT_OK: errors, and a callback's wish to stop (IFT_STOPPED). */
#define IFT_TRY(call)                                                                                                  \
  do {                                                                                                                 \
    const ift_status try_status = (call);                                                                              \
    if (try_status != IFT_OK) return try_status;                                                                       \
  } while (0)

#endif
