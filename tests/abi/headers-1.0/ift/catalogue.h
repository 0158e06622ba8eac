/* ift/catalogue.h - which kinds and options there are. Part of libift; include <ift.h>. */
#ifndef IFT_CATALOGUE_H
#define IFT_CATALOGUE_H

#include <ift/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The one table of options and read-only quantities, and that of kinds. No handle is needed; all texts are static;
 * an index outside 0 .. count-1 answers NULL. The command, its help and every binding are made from these tables. */

/* Number of entries in the table of options. */
IFT_API int64_t ift_option_count(void);

/* Whose entry it is ("context", "flow", "compression") and its name. */
IFT_API const char *ift_option_noun(int64_t index);
IFT_API const char *ift_option_name(int64_t index);

/* "real", "integer" or "text"; "option" (can be set) or "quantity" (read-only). */
IFT_API const char *ift_option_type(int64_t index);
IFT_API const char *ift_option_access(int64_t index);

/* The range, "[0, inf)" or the words allowed, "monotone|fixed"; the default, "auto" where it is computed, "" for
 * quantities. */
IFT_API const char *ift_option_range(int64_t index);
IFT_API const char *ift_option_default(int64_t index);

/* Geometries and modes that can use it ("" for all), and one line that says what it is. */
IFT_API const char *ift_option_applies(int64_t index);
IFT_API const char *ift_option_doc(int64_t index);

/* The kinds: noun ("kernel", "target", "energy", "geometry", "transport", "reaction", "engine"), name, how it is written in a
 * specification ("gaussian:SIGMA"), and one line that says what it is. */
IFT_API int64_t ift_kind_count(void);
IFT_API const char *ift_kind_noun(int64_t index);
IFT_API const char *ift_kind_name(int64_t index);
IFT_API const char *ift_kind_spec(int64_t index);
IFT_API const char *ift_kind_doc(int64_t index);

#ifdef __cplusplus
}
#endif

#endif
