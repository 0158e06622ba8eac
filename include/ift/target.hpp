/* ift/target.hpp - the distribution that an energy compares with. Part of libift; include <ift.hpp>. */
#ifndef IFT_TARGET_HPP
#define IFT_TARGET_HPP

#include <ift/measure.hpp>

namespace ift {
inline namespace IFT_HPP_FLAVOR {

class target : public owner<view<ift_target>, ift_target, ift_target_destroy> {
public:
  using owner::owner;

  static outcome<target> samples(context &in, measure_view samples) {
    ift_target *out = nullptr;
    return detail::made<target>(ift_target_samples(in.get(), &out, samples.get()), out, in.get());
  }

  /* As many components as weights, in d dimensions. */
  static outcome<target> gaussian_mixture(context &in, std::int64_t d, span<const double> weights,
                                          span<const double> means, span<const double> covariances) {
    const auto count = static_cast<std::int64_t>(weights.size());
    if (!detail::has(means.size(), count, d)) return detail::refuse<target>("means: not d numbers for each weight");
    if (!detail::has(covariances.size(), count * d, d))
      return detail::refuse<target>("covariances: not d by d numbers for each weight");
    ift_target *out = nullptr;
    return detail::made<target>(
        ift_target_gaussian_mixture(in.get(), &out, count, d, weights.data(), means.data(), covariances.data()), out,
        in.get());
  }

  /* log_density(values, x, d), score(scores, x, d), hessian(products, x, u, d); hessian and one of the others may be
   * nullptr. */
  template <class L, class S, class H = std::nullptr_t>
  static outcome<target> density(context &in, std::int64_t d, L log_density, S score, H hessian = nullptr) {
    using functions = std::tuple<L, S, H>;
    int (*c_log_density)(double *, const double *, std::int64_t, std::int64_t, void *) = nullptr;
    int (*c_score)(double *, const double *, std::int64_t, std::int64_t, void *) = nullptr;
    int (*c_hessian)(double *, const double *, const double *, std::int64_t, std::int64_t, void *) = nullptr;
    if constexpr (!std::is_same_v<L, std::nullptr_t>)
      c_log_density = [](double *values, const double *x, std::int64_t n, std::int64_t dim, void *user) {
        return callbacks::answer(std::get<0>(*static_cast<functions *>(user)), callbacks::array(values, n),
                                 callbacks::array(x, n * dim), dim);
      };
    if constexpr (!std::is_same_v<S, std::nullptr_t>)
      c_score = [](double *scores, const double *x, std::int64_t n, std::int64_t dim, void *user) {
        return callbacks::answer(std::get<1>(*static_cast<functions *>(user)), callbacks::array(scores, n * dim),
                                 callbacks::array(x, n * dim), dim);
      };
    if constexpr (!std::is_same_v<H, std::nullptr_t>)
      c_hessian = [](double *products, const double *x, const double *u, std::int64_t n, std::int64_t dim, void *user) {
        return callbacks::answer(std::get<2>(*static_cast<functions *>(user)), callbacks::array(products, n * dim),
                                 callbacks::array(x, n * dim), callbacks::array(u, n * dim), dim);
      };
    functions *user = callbacks::store(functions(std::move(log_density), std::move(score), std::move(hessian)));
    if (!user) return detail::refuse<target>("no memory for a callback", IFT_ERR_NO_MEMORY);
    ift_target *out = nullptr;
    return detail::made<target>(
        ift_target_density(in.get(), &out, d, c_log_density, c_score, c_hessian, user, callbacks::destroy<functions>),
        out, in.get());
  }

  /* sample(points, d, seed) */
  template <class F> static outcome<target> sampler(context &in, std::int64_t d, F sample) {
    const auto call = [](double *points, std::int64_t n, std::int64_t dim, std::uint64_t seed, void *user) {
      return callbacks::answer(*static_cast<F *>(user), callbacks::array(points, n * dim), dim, seed);
    };
    F *user = callbacks::store(std::move(sample));
    if (!user) return detail::refuse<target>("no memory for a callback", IFT_ERR_NO_MEMORY);
    ift_target *out = nullptr;
    return detail::made<target>(ift_target_sampler(in.get(), &out, d, call, user, callbacks::destroy<F>), out,
                                in.get());
  }
};

} // namespace IFT_HPP_FLAVOR
} // namespace ift

#endif
