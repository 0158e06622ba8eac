#include <ift.hpp>
#include <cstdio>
#include <exception>

int main(int argc, char **argv) try {
  ift::context context = ift::context::create();
  ift::measure points = ift::measure::load(context, argc > 1 ? argv[1] : "-");
  ift::kernel kernel = ift::kernel::gaussian(context, ift::bandwidth_median(points));
  ift::target target = ift::target::samples(context, points);
  ift::compressed few = ift::compress(context, kernel, target, 25);
  std::printf("%d particles, MMD^2 %g\n", static_cast<int>(few.particles.size()), few.mmd2);
  return 0;
} catch (const std::exception &error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
