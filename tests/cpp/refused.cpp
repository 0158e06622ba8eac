// What must not compile, one CASE after the other; with CASE 0 all of this does.
#include <ift.hpp>

#include <functional>
#include <vector>

int main() {
  ift::context context = ift::context::create();
  const double x[] = {0, 1};
  ift::measure points = ift::measure::create(context, x, 1);
  ift::kernel kernel = ift::kernel::gaussian(context, 1);
  ift::energy energy = ift::energy::interaction(context, 1, kernel);
  ift::flow flow = ift::flow::create(context, "mmd", energy, points);
  std::function<void(ift::span<double>, std::int64_t, std::uint64_t)> draw;
#if CASE == 0
  flow.set_monitor([](ift::flow_view) { return 0; });
  (void)ift::target::sampler(context, 1, draw);
#elif CASE == 1 // two owners of one handle
  ift::flow copy = flow;
#elif CASE == 2 // arrays of a measure that is gone
  const auto view = points.clone().positions();
#elif CASE == 3
  const auto view = points.clone().weights();
#elif CASE == 4  // the particles of a flow that is gone
  const auto view = ift::flow::create(context, "mmd", energy, points).measure();
#elif CASE == 5  // does true stop, or go on?
  flow.set_monitor([](ift::flow_view) { return true; });
#elif CASE == 6  // a function of other arguments
  (void)ift::target::sampler(context, 1, [](double *, int) {});
#elif CASE == 7  // particles of a flow are not for changing
  flow.measure().normalize(2);
#elif CASE == 8  // outputs that are not there
  points.copy_weights(std::vector<double>(2));
#elif CASE == 9  // outputs that can't be written
  points.copy_weights(x);
#elif CASE == 10 // a coefficient is missing
  (void)ift::kernel::sum(context, {&kernel, &kernel}, {1.0});
#elif CASE == 11
  const auto rows = ift::compression::create(context, kernel, ift::target::samples(context, points), 1).rows();
#else
#error no such case
#endif
}
