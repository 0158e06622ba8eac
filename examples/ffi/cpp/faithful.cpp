// The Old Faithful data as 25 weighted particles: faithful FILE
#include <ift.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

int main(int argc, char **argv) try {
  ift::context context = ift::context::create();
  ift::measure data = ift::measure::load(context, argc > 1 ? argv[1] : "-");
  const std::size_t d = static_cast<std::size_t>(data.dim());
  std::vector<double> mean(d), covariance(d * d), x;
  data.moments(mean, covariance);
  for (double value : data.positions()) {
    const std::size_t k = x.size() % d;
    x.push_back((value - mean[k]) / std::sqrt(covariance[(d + 1) * k]));
  }
  ift::measure points = ift::measure::create(context, x, data.dim());
  ift::kernel kernel = ift::kernel::gaussian(context, ift::bandwidth_median(points));
  ift::target target = ift::target::samples(context, points);
  ift::compressed few = ift::compress(context, kernel, target, 25, "seed=1");
  std::printf("mmd2 %.16e\n", few.mmd2);
  const double *at = few.particles.positions().data();
  for (double weight : few.particles.weights()) {
    for (std::size_t k = 0; k < d; k++) std::printf("%.16e ", *at++);
    std::printf("%.16e\n", weight);
  }
  return 0;
} catch (const ift::error &error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
