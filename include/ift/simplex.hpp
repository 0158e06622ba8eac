/* ift/simplex.hpp - weights by themselves. Part of libift; include <ift.hpp>. */
#ifndef IFT_SIMPLEX_HPP
#define IFT_SIMPLEX_HPP

#include <ift/context.hpp>

namespace ift {
inline namespace IFT_HPP_FLAVOR {

/* How a quadratic program ended. */
struct certificate {
  double gap = 0;
  std::int64_t iterations = 0;
  ift_status status = IFT_OK; /* or IFT_STALLED */
};

/* `gram` is n by n for n weights; start empty: none; method nullptr: "auto". */
inline outcome<certificate> simplex_qp(context &in, span<double> weights, span<const double> gram,
                                       span<const double> linear, double mass, span<const double> start = {},
                                       text method = nullptr, double tolerance = 0) {
  const auto n = static_cast<std::int64_t>(weights.size());
  if (!detail::has(gram.size(), n, n) || linear.size() != weights.size() ||
      !(start.empty() || start.size() == weights.size()))
    return detail::refuse<certificate>("gram, linear or start: not of the size that weights has");
  certificate out;
  out.status = ift_simplex_qp(in.get(), weights.data(), &out.gap, &out.iterations, gram.data(), linear.data(), n, mass,
                              detail::given(start), method.c_str(), tolerance);
  return detail::went(out.status, in.get(), out);
}
inline outcome<certificate> cone_qp(context &in, span<double> weights, span<const double> gram,
                                    span<const double> linear, span<const double> start = {}, text method = nullptr,
                                    double tolerance = 0) {
  const auto n = static_cast<std::int64_t>(weights.size());
  if (!detail::has(gram.size(), n, n) || linear.size() != weights.size() ||
      !(start.empty() || start.size() == weights.size()))
    return detail::refuse<certificate>("gram, linear or start: not of the size that weights has");
  certificate out;
  out.status = ift_cone_qp(in.get(), weights.data(), &out.gap, &out.iterations, gram.data(), linear.data(), n,
                           detail::given(start), method.c_str(), tolerance);
  return detail::went(out.status, in.get(), out);
}
inline outcome<void> simplex_project(context &in, span<double> weights, span<const double> values, double mass) {
  if (weights.size() != values.size()) return detail::refuse<void>("values: not one for each weight");
  return detail::done(
      ift_simplex_project(in.get(), weights.data(), values.data(), static_cast<std::int64_t>(values.size()), mass),
      in.get());
}

} // namespace IFT_HPP_FLAVOR
} // namespace ift

#endif
