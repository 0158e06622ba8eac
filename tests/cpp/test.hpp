/* tests/cpp/test.hpp - cases in C++. None needs an exception to fail, so that tests without exceptions can use it. */
#ifndef TESTS_CPP_TEST_HPP
#define TESTS_CPP_TEST_HPP

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include <ift.hpp>

struct test_case {
  const char *name;
  void (*run)();
};

inline std::vector<test_case> &test_cases() {
  static std::vector<test_case> all;
  return all;
}

struct test_registered {
  test_registered(const char *name, void (*run)()) {
    test_cases().push_back({name, run});
  }
};

/* Requirements that did not hold, in the running case. */
inline int test_failures = 0;

#define TEST(name)                                                                                                     \
  static void name();                                                                                                  \
  static const test_registered name##_registered(#name, name);                                                         \
  static void name()

inline void test_require(bool good, const char *what, const char *file, int line) {
  if (good) return;
  std::printf("%s:%d: not so: %s\n", file, line, what);
  test_failures++;
}

#define REQUIRE(...) test_require(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)

/* The expression throws an `ift::error` with this status, whose message has this text in it. */
#define REQUIRE_ERROR(expected, part, ...)                                                                             \
  do {                                                                                                                 \
    try {                                                                                                              \
      (void)(__VA_ARGS__);                                                                                             \
      test_require(false, #__VA_ARGS__ " throws", __FILE__, __LINE__);                                                 \
    } catch (const ift::error &e) {                                                                                    \
      REQUIRE(e.status() == expected);                                                                                 \
      REQUIRE(std::strstr(e.what(), part));                                                                            \
      if (!std::strstr(e.what(), part)) std::printf("  but \"%s\"\n", e.what());                                       \
    }                                                                                                                  \
  } while (0)

inline bool near(double a, double b, double tolerance = 1e-12) {
  return std::fabs(a - b) <= tolerance * (1 + std::fabs(b));
}

/* An allocator that counts, and has no more after `left` blocks. */
struct counting_memory {
  long live = 0, left = -1;
  void *allocate(std::size_t size) {
    if (left == 0) return nullptr;
    if (left > 0) left--;
    live++;
    return ::operator new(size, std::nothrow);
  }
  void release(void *memory) noexcept {
    live--;
    ::operator delete(memory);
  }
};

/* Points without a pattern, in [0, scale). */
inline std::vector<double> scattered(std::size_t count, double phase, double scale = 1) {
  std::vector<double> values(count);
  for (auto &value : values) {
    phase = phase * 3.87 * (1 - phase);
    value = scale * phase;
  }
  return values;
}

#endif
