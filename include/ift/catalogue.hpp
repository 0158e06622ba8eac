/* ift/catalogue.hpp - which kinds and options there are. Part of libift; include <ift.hpp>. */
#ifndef IFT_CATALOGUE_HPP
#define IFT_CATALOGUE_HPP

#include <ift/support.hpp>

namespace ift {

/* Entry `index` of the table of options and quantities; members are nullptr outside 0 .. option_count() - 1. */
struct option {
  const char *noun, *name, *type, *access, *range, *default_value, *applies, *doc;

  explicit option(std::int64_t index) noexcept
      : noun(ift_option_noun(index)), name(ift_option_name(index)), type(ift_option_type(index)),
        access(ift_option_access(index)), range(ift_option_range(index)), default_value(ift_option_default(index)),
        applies(ift_option_applies(index)), doc(ift_option_doc(index)) {}
};
inline std::int64_t option_count() noexcept {
  return ift_option_count();
}

/* Entry `index` of the table of kinds. */
struct kind {
  const char *noun, *name, *spec, *doc;

  explicit kind(std::int64_t index) noexcept
      : noun(ift_kind_noun(index)), name(ift_kind_name(index)), spec(ift_kind_spec(index)), doc(ift_kind_doc(index)) {}
};
inline std::int64_t kind_count() noexcept {
  return ift_kind_count();
}

} // namespace ift

#endif
