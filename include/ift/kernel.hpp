/* ift/kernel.hpp - kernels, their sums over pairs, MMD. Part of libift; include <ift.hpp>. */
#ifndef IFT_KERNEL_HPP
#define IFT_KERNEL_HPP

#include <ift/measure.hpp>

namespace ift {
inline namespace IFT_HPP_FLAVOR {

class kernel : public owner<view<ift_kernel>, ift_kernel, ift_kernel_destroy> {
public:
  using owner::owner;

  static outcome<kernel> gaussian(context &in, double sigma) {
    ift_kernel *out = nullptr;
    return detail::made<kernel>(ift_kernel_gaussian(in.get(), &out, sigma), out, in.get());
  }
  static outcome<kernel> laplace(context &in, double scale) {
    ift_kernel *out = nullptr;
    return detail::made<kernel>(ift_kernel_laplace(in.get(), &out, scale), out, in.get());
  }
  static outcome<kernel> matern(context &in, double nu, double length) {
    ift_kernel *out = nullptr;
    return detail::made<kernel>(ift_kernel_matern(in.get(), &out, nu, length), out, in.get());
  }
  static outcome<kernel> imq(context &in, double c, double beta) {
    ift_kernel *out = nullptr;
    return detail::made<kernel>(ift_kernel_imq(in.get(), &out, c, beta), out, in.get());
  }
  static outcome<kernel> riesz(context &in, double q) {
    ift_kernel *out = nullptr;
    return detail::made<kernel>(ift_kernel_riesz(in.get(), &out, q), out, in.get());
  }
  static outcome<kernel> linear(context &in) {
    ift_kernel *out = nullptr;
    return detail::made<kernel>(ift_kernel_linear(in.get(), &out), out, in.get());
  }
  static outcome<kernel> polynomial(context &in, double c, int power) {
    ift_kernel *out = nullptr;
    return detail::made<kernel>(ift_kernel_polynomial(in.get(), &out, c, power), out, in.get());
  }
  static outcome<kernel> parse(context &in, text spec) {
    ift_kernel *out = nullptr;
    return detail::made<kernel>(ift_kernel_parse(in.get(), &out, spec.c_str()), out, in.get());
  }

  /* kernel::sum(context, {&narrow, &wide}, {0.5, 0.5}), or with arrays of handles. */
  template <std::size_t N>
  static outcome<kernel> sum(context &in, const kernel *const (&kernels)[N], const double (&coefficients)[N]) {
    const ift_kernel *handles[N];
    for (std::size_t i = 0; i < N; i++) handles[i] = kernels[i]->get();
    return sum(in, span<const ift_kernel *const>(handles), coefficients);
  }
  static outcome<kernel> sum(context &in, span<const ift_kernel *const> kernels, span<const double> coefficients) {
    if (kernels.size() != coefficients.size()) return detail::refuse<kernel>("coefficients: not one for each kernel");
    ift_kernel *out = nullptr;
    return detail::made<kernel>(
        ift_kernel_sum(in.get(), &out, kernels.data(), coefficients.data(), static_cast<std::int64_t>(kernels.size())),
        out, in.get());
  }

  /* evaluate(values, gradients, x, y, d): n by m values; n by m by d gradients, empty where they are not asked for. */
  template <class F> static outcome<kernel> custom(context &in, F evaluate) {
    const auto call = [](double *values, double *gradients, const double *x, std::int64_t n, const double *y,
                         std::int64_t m, std::int64_t d, void *user) {
      return callbacks::answer(*static_cast<F *>(user), callbacks::array(values, n * m),
                               callbacks::array(gradients, n * m * d), callbacks::array(x, n * d),
                               callbacks::array(y, m * d), d);
    };
    F *user = callbacks::store(std::move(evaluate));
    if (!user) return detail::refuse<kernel>("no memory for a callback", IFT_ERR_NO_MEMORY);
    ift_kernel *out = nullptr;
    return detail::made<kernel>(ift_kernel_custom(in.get(), &out, call, user, callbacks::destroy<F>), out, in.get());
  }

  /* k(x_i, y_j); y empty: the points x themselves. */
  outcome<void> gram(span<double> out, span<const double> x, std::int64_t d, span<const double> y = {}) const {
    const std::int64_t n = detail::points(x.size(), d), m = y.empty() ? n : detail::points(y.size(), d);
    if (!detail::has(out.size(), n, m)) return detail::refuse<void>("gram: not n by m numbers, for points of d each");
    return detail::done(ift_kernel_gram(get(), out.data(), x.data(), n, d, detail::given(y), m), origin());
  }
  /* Either output may be empty: not asked for. w empty: ones. */
  outcome<void> sum_pairs(span<double> values, span<double> gradients, span<const double> x, std::int64_t d,
                          span<const double> y, span<const double> w = {}) const {
    const std::int64_t n = detail::points(x.size(), d), m = detail::points(y.size(), d);
    if (!values.empty() && !detail::has(values.size(), n)) return detail::refuse<void>("values: not one for each x");
    if (!gradients.empty() && !detail::has(gradients.size(), n, d))
      return detail::refuse<void>("gradients: not d numbers for each x");
    if (!w.empty() && !detail::has(w.size(), m)) return detail::refuse<void>("w: not one number for each y");
    return detail::done(ift_kernel_sum_pairs(get(), detail::given(values), detail::given(gradients), x.data(), n, d,
                                             y.data(), m, detail::given(w)),
                        origin());
  }
  outcome<void> check(span<const double> x, std::int64_t d, double tolerance) const {
    return detail::done(ift_kernel_check(get(), x.data(), detail::points(x.size(), d), d, tolerance), origin());
  }
};

inline outcome<double> bandwidth_median(measure_view measure) {
  double out = 0;
  return detail::done(ift_bandwidth_median(measure.get(), &out), measure.origin(), out);
}
inline outcome<double> mmd2(const kernel &k, measure_view a, measure_view b) {
  double out = 0;
  return detail::done(ift_mmd2(k.get(), &out, a.get(), b.get()), k.origin(), out);
}
inline outcome<double> mmd2_standard_error(const kernel &k, measure_view a, measure_view b) {
  double out = 0;
  return detail::done(ift_mmd2_standard_error(k.get(), &out, a.get(), b.get()), k.origin(), out);
}
inline outcome<void> witness(const kernel &k, span<double> out, span<const double> points, measure_view a,
                             measure_view b) {
  const std::int64_t n = detail::points(points.size(), a.dim());
  if (!detail::has(out.size(), n)) return detail::refuse<void>("out: not one number for each point");
  return detail::done(ift_witness(k.get(), out.data(), points.data(), n, a.dim(), a.get(), b.get()), k.origin());
}

} // namespace IFT_HPP_FLAVOR
} // namespace ift

#endif
