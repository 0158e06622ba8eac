// Functions that return results: without exceptions in the compiler, and beside functions that throw in one program.
#define IFT_NO_EXCEPTIONS
#include "test.hpp"

#include <memory>

static const std::vector<double> source = scattered(12, 0.3), sample = scattered(20, 0.6, 2);

TEST(results_have_values) {
  auto context = ift::context::create();
  REQUIRE(context && context.status() == IFT_OK && !*context.message());
  auto points = ift::measure::create(*context, sample, 2), start = ift::measure::create(*context, source, 2);
  auto kernel = ift::kernel::parse(*context, "gaussian:1");
  auto target = ift::target::samples(*context, *points);
  auto energy = ift::energy::mmd(*context, *kernel, *target);
  auto flow = ift::flow::create(*context, "spherical-ift", *energy, *start);
  REQUIRE(points && start && kernel && target && energy && flow);
  const double before = *flow->get_real("energy");
  ift::progress stepped = flow->step(5);
  REQUIRE(stepped && stepped.status() == IFT_OK && *flow->get_real("energy") < before);
  REQUIRE(flow->set_real("tolerance", before));
  stepped = flow->run(5);
  REQUIRE(stepped && stepped.status() == IFT_CONVERGED);
  const ift::flow taken = *std::move(flow);
  REQUIRE(taken.measure().size() == 6 && *taken.get_text("transport") == "explicit");

  auto few = ift::compress(*context, *kernel, *target, 3, "effort=low");
  REQUIRE(few && few.status() == IFT_OK && few->particles.size() == 3 && few->mmd2 > 0);
  few = ift::compress(*context, *kernel, *target, 3, "tolerance=1");
  REQUIRE(few && few.status() == IFT_CONVERGED && few->status == IFT_CONVERGED);
}

TEST(results_have_messages) {
  auto context = ift::context::create();
  auto points = ift::measure::create(*context, sample, 3);
  REQUIRE(!points && points.status() == IFT_ERR_ARGUMENT && std::strstr(points.message(), "positions"));
  auto kernel = ift::kernel::gaussian(*context, -1);
  REQUIRE(!kernel && kernel.status() == IFT_ERR_ARGUMENT && std::strcmp(kernel.message(), context->message()) == 0);
  REQUIRE(!*kernel);
  const ift::result<void> set = context->set_threads(0);
  REQUIRE(!set && set.status() == IFT_ERR_ARGUMENT && std::strstr(set.message(), "1024"));
  ift::flow nothing;
  const ift::progress stepped = nothing.step(1);
  REQUIRE(!stepped && stepped.status() == IFT_ERR_ARGUMENT && std::strstr(stepped.message(), "empty"));
}

TEST(callbacks_report) {
  auto context = ift::context::create();
  auto start = ift::measure::create(*context, source, 2);
  auto alive = std::make_shared<int>(-3);
  auto energy = ift::energy::potential(
      *context, 2, [alive](ift::span<double> values, ift::span<double>, ift::span<const double>, std::int64_t) {
        for (auto &value : values) value = 1;
        return *alive;
      });
  auto value = energy->value(*start);
  REQUIRE(!value && value.status() == IFT_ERR_CALLBACK && std::strstr(value.message(), "-3"));
  *alive = 1;
  value = energy->value(*start);
  REQUIRE(!value && value.status() == IFT_STOPPED && std::strstr(value.message(), "stopped"));
  *alive = 0;
  value = energy->value(*start);
  REQUIRE(value && near(*value, 1));
  energy = ift::energy::potential(
      *context, 0, [alive](ift::span<double>, ift::span<double>, ift::span<const double>, std::int64_t) {});
  REQUIRE(!energy && alive.use_count() == 1);
}

TEST(memory_that_runs_out) {
  counting_memory memory;
  memory.left = 0;
  REQUIRE(ift::context::create_with_allocator(memory).status() == IFT_ERR_NO_MEMORY);
  memory.left = 1;
  auto context = ift::context::create_with_allocator(memory);
  REQUIRE(context && ift::measure::create(*context, source, 2).status() == IFT_ERR_NO_MEMORY);
}

#if defined(__cpp_exceptions)
// What a callback throws comes out of functions that throw nothing themselves.
TEST(exceptions_come_out_of_functions_that_report) {
  auto context = ift::context::create();
  auto start = ift::measure::create(*context, source, 2);
  auto energy = ift::energy::potential(
      *context, 2, [](ift::span<double>, ift::span<double>, ift::span<const double>, std::int64_t) { throw 14; });
  int came = 0;
  try {
    (void)energy->value(*start);
  } catch (int number) {
    came = number;
  }
  REQUIRE(came == 14);
}
#endif
