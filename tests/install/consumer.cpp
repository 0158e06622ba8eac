// consumer.c in C++17, with ift.hpp: it must print the same bits.
#include <ift.hpp>

#include <cstdio>
#include <stdexcept>
#include <vector>

// A sequence without a pattern, in [0, scale).
static std::vector<double> sequence(std::size_t count, double phase, double scale) {
  std::vector<double> values(count);
  double x = phase;
  for (auto &value : values) {
    x = x * 3.87 * (1.0 - x);
    value = scale * x;
  }
  return values;
}

static ift::flow begin(ift::context &context, const ift::measure &start, double &mmd2) {
  ift::measure samples = ift::measure::create(context, sequence(80, 0.6, 2.0), 2);
  ift::kernel kernel = ift::kernel::parse(context, "0.5*gaussian:0.7+0.5*imq:1");
  mmd2 = ift::mmd2(kernel, start, samples);
  std::printf("version %s\nmmd2 %a\n", ift::version_string(), mmd2);
  ift::target goal = ift::target::samples(context, samples);
  ift::flow flow = ift::flow::create(context, "spherical-ift", ift::energy::mmd(context, kernel, goal), start);
  flow.set_int("seed", 7);
  flow.set_real("noise", 0.01);
  return flow;
}

int main() try {
  double mmd2 = 0;
  ift::context context = ift::context::create();
  ift::measure start = ift::measure::create(context, sequence(24, 0.3, 1.0), 2);
  ift::flow flow = begin(context, start, mmd2);
  flow.step(10);
  std::printf("energy %a\n", flow.get_real("energy"));
  if (!(flow.get_real("energy") < 0.5 * mmd2)) throw std::runtime_error("the energy did not fall");
  const ift::measure_view end = flow.measure();
  for (std::size_t i = 0; i < end.weights().size(); i++)
    std::printf("particle %a %a %a\n", end.positions()[2 * i], end.positions()[2 * i + 1], end.weights()[i]);
  try {
    flow.set_text("no such option", "1");
  } catch (const ift::error &error) {
    return error.status() == IFT_ERR_OPTION ? 0 : 1;
  }
  return 1;
} catch (const std::exception &error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
