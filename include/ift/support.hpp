/* ift/support.hpp - what the C++ classes are made of. Part of libift; include <ift.hpp>. */
#ifndef IFT_SUPPORT_HPP
#define IFT_SUPPORT_HPP

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#if __cplusplus >= 202002L && __has_include(<span>)
#include <span>
#endif

#include <ift.h>

/* Functions throw, or they report: the two are different types, so that both can be linked into one program. */
#if defined(IFT_NO_EXCEPTIONS) || !defined(__cpp_exceptions)
#define IFT_HPP_REPORTS 1
#define IFT_HPP_FLAVOR  reporting
#else
#define IFT_HPP_REPORTS 0
#define IFT_HPP_FLAVOR  throwing
#endif

namespace ift {

/* An array of the caller's: a pointer and a length, made from arrays, vectors and whatever has data() and size(). */
#if defined(__cpp_lib_span)
template <class T> using span = std::span<T>;
#else
template <class T> class span {
public:
  using element_type = T;

  constexpr span() noexcept = default;
  constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
  template <std::size_t N> constexpr span(T (&array)[N]) noexcept : data_(array), size_(N) {}
  /* as for std::span, what is temporary can only be read */
  template <class C, class E = std::remove_pointer_t<decltype(std::declval<C &>().data())>,
            class = decltype(std::declval<C &>().size()),
            class = std::enable_if_t<std::is_convertible_v<E (*)[], T (*)[]> &&
                                     (std::is_lvalue_reference_v<C> || std::is_const_v<T>)>>
  constexpr span(C &&container) noexcept : data_(container.data()), size_(container.size()) {}

  constexpr T *data() const noexcept {
    return data_;
  }
  constexpr std::size_t size() const noexcept {
    return size_;
  }
  constexpr bool empty() const noexcept {
    return size_ == 0;
  }
  constexpr T &operator[](std::size_t i) const noexcept {
    return data_[i];
  }
  constexpr T *begin() const noexcept {
    return data_;
  }
  constexpr T *end() const noexcept {
    return data_ + size_;
  }
  constexpr span subspan(std::size_t first, std::size_t count) const noexcept {
    return span(data_ + first, count);
  }

private:
  T *data_ = nullptr;
  std::size_t size_ = 0;
};
#endif

/* An argument that is text: a literal, a std::string, or nullptr where the C function takes NULL. */
class text {
public:
  constexpr text(const char *characters) noexcept : characters_(characters) {}
  text(const std::string &characters) noexcept : characters_(characters.c_str()) {}
  constexpr const char *c_str() const noexcept {
    return characters_;
  }

private:
  const char *characters_;
};

/* What went wrong: what() is the context's message. A status > 0 is IFT_STOPPED: a callback stopped a function that has
 * no result then. */
class IFT_API error : public std::runtime_error {
public:
  error(ift_status status, const char *message) : std::runtime_error(message), status_(status) {}
  ift_status status() const noexcept {
    return status_;
  }

private:
  ift_status status_;
};

/* What functions return that report: a status and, where they succeed, a value. The message is valid until the next
 * call on the same context that fails. */
template <class T> class [[nodiscard]] result {
public:
  result(ift_status status, const char *message) noexcept : status_(status), message_(message) {}
  result(ift_status status, T &&value) : status_(status), value_(std::move(value)), good_(true) {}
  explicit operator bool() const noexcept {
    return good_;
  }
  ift_status status() const noexcept {
    return status_;
  }
  const char *message() const noexcept {
    return message_;
  }
  T &operator*() &noexcept {
    return value_;
  }
  const T &operator*() const &noexcept {
    return value_;
  }
  T &&operator*() &&noexcept {
    return std::move(value_);
  }
  T *operator->() noexcept {
    return &value_;
  }
  const T *operator->() const noexcept {
    return &value_;
  }

private:
  ift_status status_;
  const char *message_ = "";
  T value_{};
  bool good_ = false;
};

/* The same without a value; true where the status is >= 0. */
template <> class [[nodiscard]] result<void> {
public:
  explicit result(ift_status status, const char *message = "") noexcept : status_(status), message_(message) {}
  explicit operator bool() const noexcept {
    return status_ >= 0;
  }
  ift_status status() const noexcept {
    return status_;
  }
  const char *message() const noexcept {
    return message_;
  }

private:
  ift_status status_;
  const char *message_;
};

/* The user's functions, and what they throw. No exception may pass through C: it waits here, on the calling thread,
 * while C is told of an error, and the function that called C throws it again. */
namespace callbacks {

IFT_API inline thread_local bool threw = false;

IFT_API inline std::exception_ptr &thrown() {
  static thread_local std::exception_ptr first;
  return first;
}

#if defined(__cpp_exceptions)
inline void keep() noexcept {
  if (!threw) thrown() = std::current_exception();
  threw = true;
}

[[noreturn]] inline void rethrow() {
  threw = false;
  std::rethrow_exception(std::exchange(thrown(), nullptr));
}
#endif

/* Calls f, which returns nothing, or what a callback of the C interface does. */
template <class F, class... A> int answer(F &f, A &&...arguments) noexcept {
  static_assert(std::is_invocable_v<F &, A...>, "the function does not take the arguments of this callback");
  using returned = std::invoke_result_t<F &, A...>;
  static_assert(std::is_void_v<returned> || std::is_same_v<returned, int> || std::is_same_v<returned, ift_status>,
                "a callback returns nothing, an int (0 goes on, > 0 stops, < 0 is an error) or an ift_status");
#if defined(__cpp_exceptions)
  try {
#endif
    if constexpr (std::is_void_v<returned>) {
      f(std::forward<A>(arguments)...);
      return 0;
    } else {
      return f(std::forward<A>(arguments)...);
    }
#if defined(__cpp_exceptions)
  } catch (...) {
    keep();
    return -1;
  }
#endif
}

/* A function of the user's on its way to C as `user`; C gives it back to `destroy`, also where it fails. NULL where
 * there is no memory. */
template <class F> F *store(F function) {
  return new (std::nothrow) F(std::move(function));
}
template <class F> void destroy(void *user) noexcept {
  delete static_cast<F *>(user);
}

/* The array of an output that was not asked for is empty. */
template <class T> span<T> array(T *data, std::int64_t size) noexcept {
  return data ? span<T>(data, static_cast<std::size_t>(size)) : span<T>();
}

} // namespace callbacks

inline namespace IFT_HPP_FLAVOR {

/* What functions return that can fail: T, or a result<T>. */
#if IFT_HPP_REPORTS
template <class T> using outcome = result<T>;
using progress = result<void>;
#else
template <class T> using outcome = T;
using progress = ift_status; /* IFT_OK, IFT_CONVERGED, IFT_STOPPED or IFT_STALLED */
#endif

namespace detail {

inline const char *message(ift_status status, const ift_context *context) noexcept {
  if (status > 0) return "stopped by a callback";
  if (context) return ift_context_message(context);
  return status == IFT_ERR_ARGUMENT ? "the object is empty: moved from, or never made" : ift_status_name(status);
}

/* The end of a function that has called C. */
#if IFT_HPP_REPORTS
inline progress end(bool good, ift_status status, const ift_context *context) {
#if defined(__cpp_exceptions)
  if (callbacks::threw) callbacks::rethrow();
#endif
  return result<void>(status, good ? "" : message(status, context));
}
template <class T> result<T> end(bool good, ift_status status, const ift_context *context, T &value) {
  const result<void> told = end(good, status, context);
  return good ? result<T>(status, std::move(value)) : result<T>(status, told.message());
}
template <class T> result<T> refuse(const char *why, ift_status status = IFT_ERR_ARGUMENT) {
  return result<T>(status, why);
}
#else
[[noreturn]] inline void fail(ift_status status, const ift_context *context) {
  if (callbacks::threw) callbacks::rethrow();
  throw error(status, message(status, context));
}
inline progress end(bool good, ift_status status, const ift_context *context) {
  if (!good || callbacks::threw) fail(status, context);
  return status;
}
template <class T> T end(bool good, ift_status status, const ift_context *context, T &value) {
  if (!good || callbacks::threw) fail(status, context);
  return std::move(value);
}
/* Before C is called: of lengths it knows nothing. */
template <class T> [[noreturn]] T refuse(const char *why, ift_status status = IFT_ERR_ARGUMENT) {
  throw error(status, why);
}
#endif

/* Done, or failed; and where positive outcomes are no failures. */
template <class T> outcome<T> done(ift_status status, const ift_context *context, T &value) {
  return end(status == IFT_OK, status, context, value);
}
inline outcome<void> done(ift_status status, const ift_context *context) {
  return static_cast<outcome<void>>(end(status == IFT_OK, status, context));
}
template <class T> outcome<T> went(ift_status status, const ift_context *context, T &value) {
  return end(status >= 0, status, context, value);
}
inline progress went(ift_status status, const ift_context *context) {
  return end(status >= 0, status, context);
}

/* Is an array of n d numbers? Where it is not the caller refuses. */
inline bool has(std::size_t size, std::int64_t n, std::int64_t d = 1) noexcept {
  return n >= 0 && d >= 0 && (n == 0 || static_cast<std::uint64_t>(d) <= SIZE_MAX / static_cast<std::uint64_t>(n)) &&
         size == static_cast<std::size_t>(n) * static_cast<std::size_t>(d);
}
/* What is empty stands for NULL. */
template <class T> T *given(span<T> array) noexcept {
  return array.empty() ? nullptr : array.data();
}
/* Number of points; -1 where there is no whole number of them. */
inline std::int64_t points(std::size_t size, std::int64_t d) noexcept {
  const auto width = static_cast<std::size_t>(d);
  return d < 1 || size % width ? -1 : static_cast<std::int64_t>(size / width);
}

} // namespace detail

/* A handle that somebody else owns, and the context whose message says what went wrong; objects keep it alive. */
template <class T> class view {
public:
  view() = default;
  view(const T *handle, ift_context *context) noexcept : handle_(handle), context_(context) {}
  /* For functions of the C interface. */
  const T *get() const noexcept {
    return handle_;
  }
  explicit operator bool() const noexcept {
    return handle_ != nullptr;
  }
  /* The context that it was made from. */
  ift_context *origin() const noexcept {
    return context_;
  }

private:
  template <class View, class U, void (*)(U *)> friend class owner;
  const T *handle_ = nullptr;
  ift_context *context_ = nullptr;
};

/* A handle that is destroyed with its owner. Move-only; one that was moved from is empty, and what is asked of it is
 * refused. */
template <class View, class T, void (*destroy)(T *)> class owner : public View {
public:
  owner() = default;
  /* Takes over a handle of the C interface, made from this context. */
  owner(T *handle, ift_context *context) noexcept : View(handle, context) {}
  owner(owner &&other) noexcept : View(std::exchange(static_cast<View &>(other), View())) {}
  owner &operator=(owner &&other) noexcept {
    if (this != &other) {
      destroy(get());
      static_cast<View &>(*this) = std::exchange(static_cast<View &>(other), View());
    }
    return *this;
  }
  ~owner() {
    destroy(get());
  }
  using View::get;
  T *get() noexcept {
    return const_cast<T *>(View::get()); /* it came as one */
  }
  /* Gives the handle up to the caller. */
  T *release() noexcept {
    return const_cast<T *>(std::exchange(static_cast<View &>(*this), View()).get());
  }
};

namespace detail {

/* Ends a function that has made a handle of C; a reference, since it is read when the call is over. */
template <class Noun, class T> outcome<Noun> made(ift_status status, T *const &handle, ift_context *context) {
  Noun out(handle, context);
  return done(status, context, out);
}

/* A quantity as text. */
template <class T>
outcome<std::string> read(ift_status (*get_text)(const T *, const char *, char *, std::int64_t), const view<T> &object,
                          text quantity) {
  char out[64] = "";
  const ift_status status = get_text(object.get(), quantity.c_str(), out, sizeof out);
  std::string value(out);
  return done(status, object.origin(), value);
}

/* A monitor, and the context of what it watches. */
template <class F> struct watcher {
  F function;
  ift_context *context;
};

} // namespace detail

} // namespace IFT_HPP_FLAVOR
} // namespace ift

#endif
