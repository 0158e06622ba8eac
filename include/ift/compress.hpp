/* ift/compress.hpp - the best few particles for a target. Part of libift; include <ift.hpp>. */
#ifndef IFT_COMPRESS_HPP
#define IFT_COMPRESS_HPP

#include <ift/kernel.hpp>
#include <ift/target.hpp>

namespace ift {
inline namespace IFT_HPP_FLAVOR {

/* A compression as its monitor sees it. */
class compression_view : public view<ift_compression> {
public:
  using view::view;

  outcome<double> get_real(text quantity) const {
    double out = 0;
    return detail::done(ift_compression_get_real(get(), quantity.c_str(), &out), origin(), out);
  }
  outcome<std::int64_t> get_int(text quantity) const {
    std::int64_t out = 0;
    return detail::done(ift_compression_get_int(get(), quantity.c_str(), &out), origin(), out);
  }
  outcome<std::string> get_text(text quantity) const {
    return detail::read(ift_compression_get_text, *this, quantity);
  }
  /* Both empty before anything was found. */
  measure_view measure() const noexcept {
    return measure_view(ift_compression_measure(get()), origin());
  }
  span<const std::int64_t> rows() const noexcept {
    return callbacks::array(ift_compression_rows(get()), measure().size());
  }
};

class compression : public owner<compression_view, ift_compression, ift_compression_destroy> {
public:
  using owner::owner;

  static outcome<compression> create(context &in, const kernel &k, const target &t, std::int64_t particles) {
    ift_compression *out = nullptr;
    return detail::made<compression>(ift_compression_create(in.get(), &out, k.get(), t.get(), particles), out,
                                     in.get());
  }

  outcome<void> set_real(text option, double value) {
    return detail::done(ift_compression_set_real(get(), option.c_str(), value), origin());
  }
  outcome<void> set_int(text option, std::int64_t value) {
    return detail::done(ift_compression_set_int(get(), option.c_str(), value), origin());
  }
  outcome<void> set_text(text option, text value) {
    return detail::done(ift_compression_set_text(get(), option.c_str(), value.c_str()), origin());
  }

  /* monitor(compression_view) after each step, or nullptr for none. */
  template <class F> outcome<void> set_monitor(F monitor) {
    using watcher = detail::watcher<F>;
    const auto call = [](const ift_compression *watched, void *user) {
      auto *w = static_cast<watcher *>(user);
      return callbacks::answer(w->function, compression_view(watched, w->context));
    };
    watcher *user = callbacks::store(watcher{std::move(monitor), origin()});
    if (!user) return detail::refuse<void>("no memory for a callback", IFT_ERR_NO_MEMORY);
    return detail::done(ift_compression_set_monitor(get(), call, user, callbacks::destroy<watcher>), origin());
  }
  outcome<void> set_monitor(std::nullptr_t) {
    return detail::done(ift_compression_set_monitor(get(), nullptr, nullptr, nullptr), origin());
  }

  progress run() {
    return detail::went(ift_compression_run(get()), origin());
  }
  /* From any thread and from a signal handler. */
  void request_stop() noexcept {
    ift_compression_request_stop(get());
  }

  /* Borrowed, and not from a compression that is gone with the expression. */
  measure_view measure() const &noexcept {
    return compression_view::measure();
  }
  span<const std::int64_t> rows() const &noexcept {
    return compression_view::rows();
  }
  measure_view measure() const && = delete;
  span<const std::int64_t> rows() const && = delete;
};

/* What ift::compress gives; without particles where a callback stopped it before there were any. */
struct compressed {
  measure particles;
  double mmd2 = 0;
  ift_status status = IFT_OK; /* or IFT_CONVERGED, IFT_STOPPED */
};

inline outcome<compressed> compress(context &in, const kernel &k, const target &t, std::int64_t particles,
                                    text options = nullptr) {
  ift_measure *out = nullptr;
  double mmd2 = 0;
  const ift_status status = ift_compress(in.get(), &out, &mmd2, k.get(), t.get(), particles, options.c_str());
  compressed found{measure(out, in.get()), mmd2, status};
  return detail::went(status, in.get(), found);
}

} // namespace IFT_HPP_FLAVOR
} // namespace ift

#endif
