/* ift/context.hpp - the context, version. Part of libift; include <ift.hpp>. */
#ifndef IFT_CONTEXT_HPP
#define IFT_CONTEXT_HPP

#include <ift/support.hpp>

namespace ift {
inline namespace IFT_HPP_FLAVOR {

class context : public owner<view<ift_context>, ift_context, ift_context_destroy> {
public:
  context() = default;
  explicit context(ift_context *handle) noexcept : owner(handle, handle) {}

  static outcome<context> create() {
    ift_context *handle = nullptr;
    const ift_status status = ift_context_create(&handle);
    context out(handle);
    return detail::done(status, handle, out);
  }

  /* With memory from `allocator`, which has void *allocate(std::size_t), nullptr for none, and void release(void *)
   * noexcept. It is borrowed, and has to outlive the context and all that is made from it. */
  template <class A> static outcome<context> create_with_allocator(A &allocator) {
    static_assert(noexcept(allocator.release(nullptr)), "release can't fail: say noexcept");
    const auto allocate = [](std::size_t size, void *user) -> void * {
      void *memory = nullptr;
      const auto call = [&] { memory = static_cast<A *>(user)->allocate(size); };
      callbacks::answer(call);
      return memory;
    };
    const auto release = [](void *memory, void *user) { static_cast<A *>(user)->release(memory); };
    ift_context *handle = nullptr;
    const ift_status status = ift_context_create_with_allocator(&handle, allocate, release, &allocator);
    context out(handle);
    return detail::done(status, handle, out);
  }

  outcome<void> set_seed(std::uint64_t seed) {
    return detail::done(ift_context_set_seed(get(), seed), get());
  }
  outcome<void> set_threads(int threads) {
    return detail::done(ift_context_set_threads(get(), threads), get());
  }
  outcome<void> set_option(text option, text value) {
    return detail::done(ift_context_set_option(get(), option.c_str(), value.c_str()), get());
  }

  /* log(line), or nullptr to switch it off. What it throws comes out of the function that logged, whose work is done
   * nevertheless. */
  template <class F> outcome<void> set_log(F log) {
    const auto call = [](const char *line, void *user) { callbacks::answer(*static_cast<F *>(user), line); };
    F *user = callbacks::store(std::move(log));
    if (!user) return detail::refuse<void>("no memory for a callback", IFT_ERR_NO_MEMORY);
    return detail::done(ift_context_set_log(get(), call, user, callbacks::destroy<F>), get());
  }
  outcome<void> set_log(std::nullptr_t) {
    return detail::done(ift_context_set_log(get(), nullptr, nullptr, nullptr), get());
  }

  const char *message() const noexcept {
    return ift_context_message(get());
  }
};

inline const char *status_name(ift_status status) noexcept {
  return ift_status_name(status);
}
inline int version() noexcept {
  return ift_version();
}
inline const char *version_string() noexcept {
  return ift_version_string();
}
inline std::string build_info() {
  std::string lines(static_cast<std::size_t>(ift_build_info(nullptr, 0)), '\0');
  ift_build_info(lines.data(), static_cast<std::int64_t>(lines.size() + 1));
  return lines;
}

} // namespace IFT_HPP_FLAVOR
} // namespace ift

#endif
