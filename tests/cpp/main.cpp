// Runs the cases that this program is linked from.
#include "test.hpp"

int main() {
  int failed = 0;
  for (const auto &each : test_cases()) {
    test_failures = 0;
#if defined(__cpp_exceptions)
    try {
      each.run();
    } catch (const std::exception &e) {
      std::printf("%s: %s\n", each.name, e.what());
      test_failures++;
    }
#else
    each.run();
#endif
    if (test_failures) {
      std::printf("failed: %s\n", each.name);
      failed++;
    }
  }
  std::printf("%d passed, %d failed\n", static_cast<int>(test_cases().size()) - failed, failed);
  return failed > 0 || test_cases().empty();
}
