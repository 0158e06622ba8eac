/* ift/flow.hpp - gradient flows. Part of libift; include <ift.hpp>. */
#ifndef IFT_FLOW_HPP
#define IFT_FLOW_HPP

#include <vector>

#include <ift/energy.hpp>

namespace ift {
inline namespace IFT_HPP_FLAVOR {

/* A flow as its monitor sees it. */
class flow_view : public view<ift_flow> {
public:
  using view::view;

  outcome<double> get_real(text quantity) const {
    double out = 0;
    return detail::done(ift_flow_get_real(get(), quantity.c_str(), &out), origin(), out);
  }
  outcome<std::int64_t> get_int(text quantity) const {
    std::int64_t out = 0;
    return detail::done(ift_flow_get_int(get(), quantity.c_str(), &out), origin(), out);
  }
  outcome<std::string> get_text(text quantity) const {
    return detail::read(ift_flow_get_text, *this, quantity);
  }
  measure_view measure() const noexcept {
    return measure_view(ift_flow_measure(get()), origin());
  }

  /* A checkpoint, or its bytes into `buffer` and their number; with an empty one only that. */
  outcome<std::vector<std::byte>> save() const {
    std::int64_t size = 0;
    ift_status status = ift_flow_save(get(), nullptr, 0, &size);
    std::vector<std::byte> out(static_cast<std::size_t>(size));
    if (status == IFT_OK) status = ift_flow_save(get(), out.data(), size, &size);
    return detail::done(status, origin(), out);
  }
  outcome<std::int64_t> save(span<std::byte> buffer) const {
    std::int64_t size = 0;
    const auto capacity = static_cast<std::int64_t>(buffer.size());
    return detail::done(ift_flow_save(get(), detail::given(buffer), capacity, &size), origin(), size);
  }
};

class flow : public owner<flow_view, ift_flow, ift_flow_destroy> {
public:
  using owner::owner;

  static outcome<flow> create(context &in, text geometry, const energy &descended, measure_view initial) {
    ift_flow *out = nullptr;
    return detail::made<flow>(ift_flow_create(in.get(), &out, geometry.c_str(), descended.get(), initial.get()), out,
                              in.get());
  }

  outcome<void> set_real(text option, double value) {
    return detail::done(ift_flow_set_real(get(), option.c_str(), value), origin());
  }
  outcome<void> set_int(text option, std::int64_t value) {
    return detail::done(ift_flow_set_int(get(), option.c_str(), value), origin());
  }
  outcome<void> set_text(text option, text value) {
    return detail::done(ift_flow_set_text(get(), option.c_str(), value.c_str()), origin());
  }
  outcome<void> set_kernel(const kernel &k) {
    return detail::done(ift_flow_set_kernel(get(), k.get()), origin());
  }
  outcome<void> set_kernel(std::nullptr_t) {
    return detail::done(ift_flow_set_kernel(get(), nullptr), origin());
  }

  outcome<void> restore(span<const std::byte> saved) {
    const auto size = static_cast<std::int64_t>(saved.size());
    return detail::done(ift_flow_restore(get(), saved.data(), size), origin());
  }

  /* monitor(flow_view) after each step, or nullptr for none. */
  template <class F> outcome<void> set_monitor(F monitor) {
    using watcher = detail::watcher<F>;
    const auto call = [](const ift_flow *watched, void *user) {
      auto *w = static_cast<watcher *>(user);
      return callbacks::answer(w->function, flow_view(watched, w->context));
    };
    watcher *user = callbacks::store(watcher{std::move(monitor), origin()});
    if (!user) return detail::refuse<void>("no memory for a callback", IFT_ERR_NO_MEMORY);
    return detail::done(ift_flow_set_monitor(get(), call, user, callbacks::destroy<watcher>), origin());
  }
  outcome<void> set_monitor(std::nullptr_t) {
    return detail::done(ift_flow_set_monitor(get(), nullptr, nullptr, nullptr), origin());
  }

  progress step(std::int64_t steps = 1) {
    return detail::went(ift_flow_step(get(), steps), origin());
  }
  progress run(std::int64_t steps) {
    return detail::went(ift_flow_run(get(), steps), origin());
  }
  /* From any thread and from a signal handler. */
  void request_stop() noexcept {
    ift_flow_request_stop(get());
  }

  /* Borrowed, and not from a flow that is gone with the expression. */
  measure_view measure() const &noexcept {
    return flow_view::measure();
  }
  measure_view measure() const && = delete;
};

} // namespace IFT_HPP_FLAVOR
} // namespace ift

#endif
