/* ift/energy.hpp - what a flow descends. Part of libift; include <ift.hpp>. */
#ifndef IFT_ENERGY_HPP
#define IFT_ENERGY_HPP

#include <ift/kernel.hpp>
#include <ift/target.hpp>

namespace ift {
inline namespace IFT_HPP_FLAVOR {

class energy : public owner<view<ift_energy>, ift_energy, ift_energy_destroy> {
public:
  using owner::owner;

  static outcome<energy> mmd(context &in, const kernel &k, const target &t) {
    ift_energy *out = nullptr;
    return detail::made<energy>(ift_energy_mmd(in.get(), &out, k.get(), t.get()), out, in.get());
  }
  static outcome<energy> kl(context &in, const target &t, double bandwidth) {
    ift_energy *out = nullptr;
    return detail::made<energy>(ift_energy_kl(in.get(), &out, t.get(), bandwidth), out, in.get());
  }
  static outcome<energy> interaction(context &in, std::int64_t d, const kernel &k) {
    ift_energy *out = nullptr;
    return detail::made<energy>(ift_energy_interaction(in.get(), &out, d, k.get()), out, in.get());
  }

  /* energy::sum(context, {1, 0.1}, {&fit, &spread}), or with arrays of handles. */
  template <std::size_t N>
  static outcome<energy> sum(context &in, const double (&coefficients)[N], const energy *const (&energies)[N]) {
    const ift_energy *handles[N];
    for (std::size_t i = 0; i < N; i++) handles[i] = energies[i]->get();
    return sum(in, coefficients, span<const ift_energy *const>(handles));
  }
  static outcome<energy> sum(context &in, span<const double> coefficients, span<const ift_energy *const> energies) {
    if (energies.size() != coefficients.size()) return detail::refuse<energy>("coefficients: not one for each energy");
    ift_energy *out = nullptr;
    return detail::made<energy>(ift_energy_sum(in.get(), &out, coefficients.data(), energies.data(),
                                               static_cast<std::int64_t>(energies.size())),
                                out, in.get());
  }

  /* evaluate(values, gradients, x, d); gradients is empty where it is not asked for. */
  template <class F> static outcome<energy> potential(context &in, std::int64_t d, F evaluate) {
    const auto call = [](double *values, double *gradients, const double *x, std::int64_t n, std::int64_t dim,
                         void *user) {
      return callbacks::answer(*static_cast<F *>(user), callbacks::array(values, n),
                               callbacks::array(gradients, n * dim), callbacks::array(x, n * dim), dim);
    };
    F *user = callbacks::store(std::move(evaluate));
    if (!user) return detail::refuse<energy>("no memory for a callback", IFT_ERR_NO_MEMORY);
    ift_energy *out = nullptr;
    return detail::made<energy>(ift_energy_potential(in.get(), &out, d, call, user, callbacks::destroy<F>), out,
                                in.get());
  }

  /* evaluate(value, first_variation, gradient, points, positions, weights, d). Outputs that are not asked for are
   * empty, `value` nullptr. */
  template <class F> static outcome<energy> custom(context &in, std::int64_t d, F evaluate) {
    const auto call = [](double *value, double *first_variation, double *gradient, const double *points, std::int64_t m,
                         const double *positions, const double *weights, std::int64_t n, std::int64_t dim, void *user) {
      return callbacks::answer(*static_cast<F *>(user), value, callbacks::array(first_variation, m),
                               callbacks::array(gradient, m * dim), callbacks::array(points, m * dim),
                               callbacks::array(positions, n * dim), callbacks::array(weights, n), dim);
    };
    F *user = callbacks::store(std::move(evaluate));
    if (!user) return detail::refuse<energy>("no memory for a callback", IFT_ERR_NO_MEMORY);
    ift_energy *out = nullptr;
    return detail::made<energy>(ift_energy_custom(in.get(), &out, d, call, user, callbacks::destroy<F>), out, in.get());
  }

  outcome<void> check(measure_view at, double tolerance) const {
    return detail::done(ift_energy_check(get(), at.get(), tolerance), origin());
  }
  outcome<double> value(measure_view at) const {
    double out = 0;
    return detail::done(ift_energy_value(get(), &out, at.get()), origin(), out);
  }

  /* At a measure's own particles, or at points anywhere. */
  outcome<void> first_variation(span<double> out, measure_view at) const {
    if (!detail::has(out.size(), at.size())) return detail::refuse<void>("out: not one number for each particle");
    return detail::done(ift_energy_first_variation(get(), out.data(), nullptr, 0, 0, at.get()), origin());
  }
  outcome<void> first_variation(span<double> out, span<const double> points, measure_view at) const {
    const std::int64_t d = at.dim(), n = detail::points(points.size(), d);
    if (!detail::has(out.size(), n)) return detail::refuse<void>("out: not one number for each point");
    return detail::done(ift_energy_first_variation(get(), out.data(), points.data(), n, d, at.get()), origin());
  }
  outcome<void> gradient(span<double> out, measure_view at) const {
    if (!detail::has(out.size(), at.size(), at.dim())) return detail::refuse<void>("out: not dim numbers a particle");
    return detail::done(ift_energy_gradient(get(), out.data(), nullptr, 0, 0, at.get()), origin());
  }
  outcome<void> gradient(span<double> out, span<const double> points, measure_view at) const {
    const std::int64_t d = at.dim(), n = detail::points(points.size(), d);
    if (!detail::has(out.size(), n, d)) return detail::refuse<void>("out: not dim numbers for each point");
    return detail::done(ift_energy_gradient(get(), out.data(), points.data(), n, d, at.get()), origin());
  }
};

} // namespace IFT_HPP_FLAVOR
} // namespace ift

#endif
