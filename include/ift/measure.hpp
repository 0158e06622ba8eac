/* ift/measure.hpp - weighted particles. Part of libift; include <ift.hpp>. */
#ifndef IFT_MEASURE_HPP
#define IFT_MEASURE_HPP

#include <ift/context.hpp>

namespace ift {
inline namespace IFT_HPP_FLAVOR {

class measure;

/* A measure to be looked at: one's own, or the particles of a flow or a compression, whose arrays are valid until its
 * next step or run. */
class measure_view : public view<ift_measure> {
public:
  using view::view;

  std::int64_t size() const noexcept {
    return ift_measure_size(get());
  }
  std::int64_t dim() const noexcept {
    return ift_measure_dim(get());
  }
  double mass() const noexcept {
    return ift_measure_mass(get());
  }
  double effective_size() const noexcept {
    return ift_measure_effective_size(get());
  }

  /* size by dim, and size numbers. */
  span<const double> positions() const noexcept {
    return callbacks::array(ift_measure_positions(get()), size() * dim());
  }
  span<const double> weights() const noexcept {
    return callbacks::array(ift_measure_weights(get()), size());
  }
  outcome<void> copy_positions(span<double> out) const {
    if (!detail::has(out.size(), size(), dim())) return detail::refuse<void>("positions: not size by dim numbers");
    return detail::done(ift_measure_copy_positions(get(), out.data()), origin());
  }
  outcome<void> copy_weights(span<double> out) const {
    if (!detail::has(out.size(), size())) return detail::refuse<void>("weights: not one for each particle");
    return detail::done(ift_measure_copy_weights(get(), out.data()), origin());
  }

  /* Either may be empty: not asked for. */
  outcome<void> moments(span<double> mean, span<double> covariance = {}) const {
    if (!mean.empty() && !detail::has(mean.size(), dim())) return detail::refuse<void>("mean: not dim numbers");
    if (!covariance.empty() && !detail::has(covariance.size(), dim(), dim()))
      return detail::refuse<void>("covariance: not dim by dim numbers");
    return detail::done(ift_measure_moments(get(), detail::given(mean), detail::given(covariance)), origin());
  }

  outcome<measure> clone() const;
  outcome<measure> resample(std::int64_t size) const;
  outcome<measure> prune(double threshold) const;
  outcome<measure> merge(double distance) const;

  outcome<void> save(text path) const {
    return detail::done(ift_measure_save(get(), path.c_str()), origin());
  }
};

class measure : public owner<measure_view, ift_measure, ift_measure_destroy> {
public:
  using owner::owner;

  /* Points of d coordinates each; `weights` empty: equal ones of sum 1. */
  static outcome<measure> create(context &in, span<const double> positions, std::int64_t d,
                                 span<const double> weights = {}) {
    const std::int64_t n = detail::points(positions.size(), d);
    if (d > 0 && n < 0) return detail::refuse<measure>("positions: not d numbers for each particle");
    if (!weights.empty() && !detail::has(weights.size(), n))
      return detail::refuse<measure>("weights: not one for each particle");
    ift_measure *out = nullptr;
    return detail::made<measure>(ift_measure_create(in.get(), &out, positions.data(), n, d, detail::given(weights)),
                                 out, in.get());
  }
  static outcome<measure> load(context &in, text path) {
    ift_measure *out = nullptr;
    return detail::made<measure>(ift_measure_load(in.get(), &out, path.c_str()), out, in.get());
  }

  /* Either may be empty: left as it is. */
  outcome<void> set(span<const double> positions, span<const double> weights = {}) {
    if (!positions.empty() && !detail::has(positions.size(), size(), dim()))
      return detail::refuse<void>("positions: not size by dim numbers");
    if (!weights.empty() && !detail::has(weights.size(), size()))
      return detail::refuse<void>("weights: not one for each particle");
    return detail::done(ift_measure_set(get(), detail::given(positions), detail::given(weights)), origin());
  }
  outcome<void> normalize(double mass) {
    return detail::done(ift_measure_normalize(get(), mass), origin());
  }

  /* Not of a measure that is gone with the expression. */
  span<const double> positions() const &noexcept {
    return measure_view::positions();
  }
  span<const double> weights() const &noexcept {
    return measure_view::weights();
  }
  span<const double> positions() const && = delete;
  span<const double> weights() const && = delete;
};

inline outcome<measure> measure_view::clone() const {
  ift_measure *out = nullptr;
  return detail::made<measure>(ift_measure_clone(get(), &out), out, origin());
}
inline outcome<measure> measure_view::resample(std::int64_t size) const {
  ift_measure *out = nullptr;
  return detail::made<measure>(ift_measure_resample(get(), &out, size), out, origin());
}
inline outcome<measure> measure_view::prune(double threshold) const {
  ift_measure *out = nullptr;
  return detail::made<measure>(ift_measure_prune(get(), &out, threshold), out, origin());
}
inline outcome<measure> measure_view::merge(double distance) const {
  ift_measure *out = nullptr;
  return detail::made<measure>(ift_measure_merge(get(), &out, distance), out, origin());
}

} // namespace IFT_HPP_FLAVOR
} // namespace ift

#endif
