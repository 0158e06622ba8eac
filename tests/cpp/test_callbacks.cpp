// What a user's functions answer and throw, and how long they live.
#include "test.hpp"

#include <memory>
#include <stdexcept>
#include <thread>

static const std::vector<double> source = scattered(12, 0.3), sample = scattered(20, 0.6, 2);

namespace {

// An exception that nobody else throws.
struct thrown {
  int number;
};

// The expression throws thrown{n}, and what follows is not disturbed by it.
#define REQUIRE_THROWN(n, ...)                                                                                         \
  do {                                                                                                                 \
    try {                                                                                                              \
      (void)(__VA_ARGS__);                                                                                             \
      test_require(false, #__VA_ARGS__ " throws", __FILE__, __LINE__);                                                 \
    } catch (const thrown &t) {                                                                                        \
      REQUIRE(t.number == n);                                                                                          \
    }                                                                                                                  \
    REQUIRE(!ift::callbacks::threw && !ift::callbacks::thrown());                                                      \
  } while (0)

// What a callback does: throws, answers, or goes on.
struct behavior {
  int to_throw = 0, to_answer = 0, calls = 0, from = 0;
  int act() {
    if (++calls <= from) return 0;
    if (to_throw) throw thrown{to_throw};
    return to_answer;
  }
};

struct setting {
  ift::context context = ift::context::create();
  ift::measure start = ift::measure::create(context, source, 2), points = ift::measure::create(context, sample, 2);
  behavior kernel_does, energy_does, target_does;
  ift::kernel gauss = ift::kernel::gaussian(context, 1);
  // the Gaussian kernel of width 1
  ift::kernel kernel =
      ift::kernel::custom(context, [this](ift::span<double> values, ift::span<double> gradients,
                                          ift::span<const double> x, ift::span<const double> y, std::int64_t d) {
        const auto width = static_cast<std::size_t>(d);
        const std::size_t n = x.size() / width, m = y.size() / width;
        for (std::size_t i = 0; i < n; i++)
          for (std::size_t j = 0; j < m; j++) {
            double s = 0;
            for (std::size_t k = 0; k < width; k++) s += std::pow(x[i * width + k] - y[j * width + k], 2);
            values[i * m + j] = std::exp(-s / 2);
            for (std::size_t k = 0; !gradients.empty() && k < width; k++)
              gradients[(i * m + j) * width + k] = (y[j * width + k] - x[i * width + k]) * values[i * m + j];
          }
        return kernel_does.act();
      });
  ift::target target = ift::target::samples(context, points);
  ift::energy energy = ift::energy::potential(
      context, 2,
      [this](ift::span<double> values, ift::span<double> gradients, ift::span<const double> x, std::int64_t) {
        for (std::size_t i = 0; i < values.size(); i++)
          values[i] = (x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]) / 2;
        for (std::size_t i = 0; i < gradients.size(); i++) gradients[i] = x[i];
        return energy_does.act();
      });
};

} // namespace

TEST(exceptions_of_a_kernel) {
  setting s;
  std::vector<double> gram(36), row(6);
  s.kernel.check(sample, 2, 1e-6);
  s.kernel_does.to_throw = 1;
  REQUIRE_THROWN(1, s.kernel.gram(gram, source, 2));
  REQUIRE_THROWN(1, s.kernel.sum_pairs(row, {}, source, 2, sample));
  REQUIRE_THROWN(1, s.kernel.check(sample, 2, 1e-6));
  REQUIRE_THROWN(1, ift::mmd2(s.kernel, s.start, s.points));
  REQUIRE_THROWN(1, ift::mmd2_standard_error(s.kernel, s.start, s.points));
  REQUIRE_THROWN(1, ift::witness(s.kernel, row, source, s.start, s.points));
  REQUIRE_THROWN(1, ift::energy::mmd(s.context, s.kernel, s.target).value(s.start));
  REQUIRE_THROWN(1, ift::compress(s.context, s.kernel, s.target, 3));
  s.kernel_does.to_throw = 0;
  REQUIRE(near(ift::mmd2(s.kernel, s.start, s.points), ift::mmd2(s.gauss, s.start, s.points)));

  ift::energy energy = ift::energy::mmd(s.context, s.kernel, s.target);
  ift::flow flow = ift::flow::create(s.context, "spherical-ift", energy, s.start);
  REQUIRE(flow.step(2) == IFT_OK);
  s.kernel_does = {2, 0, 0, 3};
  REQUIRE_THROWN(2, flow.step(100));
  s.kernel_does = {3, 0, 0, 0};
  REQUIRE_THROWN(3, energy.value(s.start));
  REQUIRE_THROWN(3, ift::flow::create(s.context, "ift", energy, s.start));
  s.kernel_does = {};
  REQUIRE(flow.step(2) == IFT_OK && flow.get_int("step") >= 4);
}

TEST(answers_of_a_callback) {
  setting s;
  s.energy_does.to_answer = -42;
  REQUIRE_ERROR(IFT_ERR_CALLBACK, "-42", s.energy.value(s.start));
  s.energy_does.to_answer = 5;
  REQUIRE_ERROR(IFT_STOPPED, "stopped", s.energy.value(s.start));
  REQUIRE_ERROR(IFT_STOPPED, "stopped", s.energy.check(s.start, 1e-6));
  s.energy_does.to_answer = 0;
  ift::flow flow = ift::flow::create(s.context, "wasserstein", s.energy, s.start);
  s.energy_does = {0, 1, 0, 4};
  REQUIRE(flow.step(100) == IFT_STOPPED && flow.get_int("step") < 100);
}

TEST(exceptions_of_energies_and_targets) {
  setting s;
  behavior custom, density, sampler;
  ift::flow flow = ift::flow::create(s.context, "wasserstein", s.energy, s.start);
  s.energy_does = {4, 0, 0, 0};
  REQUIRE_THROWN(4, flow.step(1));
  REQUIRE_THROWN(4, s.energy.check(s.start, 1e-6));
  std::vector<double> g(6), v(12);
  REQUIRE_THROWN(4, s.energy.first_variation(g, s.start));
  REQUIRE_THROWN(4, s.energy.gradient(v, s.start));

  ift::energy own =
      ift::energy::custom(s.context, 2,
                          [&](double *value, ift::span<double> first, ift::span<double> gradient,
                              ift::span<const double>, ift::span<const double>, ift::span<const double>, std::int64_t) {
                            if (value) *value = 0;
                            for (auto &x : first) x = 0;
                            for (auto &x : gradient) x = 0;
                            custom.act();
                          });
  REQUIRE(own.value(s.start) == 0);
  custom.to_throw = 5;
  REQUIRE_THROWN(5, own.value(s.start));

  ift::target normal = ift::target::density(
      s.context, 2,
      [&](ift::span<double> values, ift::span<const double> x, std::int64_t) {
        for (std::size_t i = 0; i < values.size(); i++)
          values[i] = -(x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]) / 2;
      },
      [&](ift::span<double> scores, ift::span<const double> x, std::int64_t) {
        for (std::size_t i = 0; i < scores.size(); i++) scores[i] = -x[i];
        return density.act();
      });
  ift::energy kl = ift::energy::kl(s.context, normal, 0.4);
  ift::flow sampling = ift::flow::create(s.context, "spherical-wfr", kl, s.start);
  REQUIRE(sampling.step(1) == IFT_OK);
  density.to_throw = 6;
  REQUIRE_THROWN(6, sampling.step(1));
  density.to_throw = 0;
  REQUIRE(sampling.step(1) == IFT_OK);

  ift::target drawn = ift::target::sampler(s.context, 2, [&](ift::span<double> points, std::int64_t, std::uint64_t) {
    for (auto &x : points) x = 0.5;
    return sampler.act();
  });
  sampler.to_throw = 7;
  REQUIRE_THROWN(7, ift::energy::mmd(s.context, s.gauss, drawn).value(s.start));
}

TEST(monitors) {
  setting s;
  ift::flow flow = ift::flow::create(s.context, "wasserstein", s.energy, s.start);
  int steps = 0;
  flow.set_monitor([&](ift::flow_view now) {
    steps++;
    if (now.get_int("step") == 3) throw thrown{8};
    REQUIRE(now.measure().size() == 6 && now.get_real("energy") > 0 && now.get_text("transport") == "explicit");
  });
  REQUIRE_THROWN(8, flow.step(10));
  REQUIRE(steps == 3 && flow.get_int("step") == 3);
  ift::flow moved = std::move(flow);
  REQUIRE(moved.step(2) == IFT_OK && steps == 5);
  moved.set_monitor([](const ift::flow_view &now) { return now.get_real("energy") > 0 ? 1 : 0; });
  REQUIRE(moved.step(5) == IFT_STOPPED && steps == 5);
  // an error inside is an exception like others, and comes out with its own status
  moved.set_monitor([](const ift::flow_view &now) { (void)now.get_real("no such"); });
  REQUIRE_ERROR(IFT_ERR_OPTION, "no such", moved.step(5));
  // set inside of itself: refused, and the refused function is gone
  auto alive = std::make_shared<int>(1);
  moved.set_monitor(
      [&](const ift::flow_view &) { moved.set_monitor([alive](const ift::flow_view &) { return *alive; }); });
  REQUIRE_ERROR(IFT_ERR_BUSY, "", moved.step(5));
  REQUIRE(alive.use_count() == 1);
  moved.set_monitor(nullptr);
  REQUIRE(moved.step(5) == IFT_OK);

  ift::compression search = ift::compression::create(s.context, s.gauss, s.target, 3);
  search.set_monitor([](ift::compression_view now) {
    if (now.get_int("step") > 2) throw thrown{9};
  });
  REQUIRE_THROWN(9, search.run());
  search.set_monitor(nullptr);
  REQUIRE(search.run() >= IFT_OK && search.measure().size() > 0);
}

TEST(logs_and_allocators) {
  const double gram[] = {2, 0, 0, 2}, linear[] = {1, 1};
  double weights[2] = {7, 7};
  ift::context context = ift::context::create();
  context.set_log([](const char *) { throw thrown{10}; });
  REQUIRE_THROWN(10, ift::simplex_qp(context, weights, gram, linear, 1));
  REQUIRE(near(weights[0], 0.5)); // the work is done nevertheless
  context.set_log(nullptr);
  ift::simplex_qp(context, weights, gram, linear, 1);

  struct throwing_memory : counting_memory {
    bool empty = false;
    void *allocate(std::size_t size) {
      if (empty) throw thrown{11};
      return counting_memory::allocate(size);
    }
  } memory;
  memory.empty = true;
  REQUIRE_THROWN(11, ift::context::create_with_allocator(memory));
  memory.empty = false;
  ift::context other = ift::context::create_with_allocator(memory);
  memory.empty = true;
  REQUIRE_THROWN(11, ift::measure::create(other, source, 2));
  memory.empty = false;
  REQUIRE(ift::measure::create(other, source, 2).size() == 6);
}

TEST(memory_that_runs_out_at_every_place) {
  long k = 0;
  for (bool done = false; !done && k < 1000; k++) {
    counting_memory memory;
    memory.left = k;
    try {
      ift::context context = ift::context::create_with_allocator(memory);
      ift::measure start = ift::measure::create(context, source, 2);
      auto alive = std::make_shared<int>(0);
      {
        ift::energy energy = ift::energy::potential(
            context, 2,
            [alive](ift::span<double> values, ift::span<double> gradients, ift::span<const double>, std::int64_t) {
              for (auto &x : values) x = 0;
              for (auto &x : gradients) x = 0;
            });
        ift::flow flow = ift::flow::create(context, "wasserstein", energy, start);
        flow.set_monitor([alive](const ift::flow_view &) {});
        (void)flow.step(2);
        REQUIRE(alive.use_count() == 3);
      }
      REQUIRE(alive.use_count() == 1);
      done = true;
    } catch (const ift::error &e) {
      REQUIRE(e.status() == IFT_ERR_NO_MEMORY);
    }
    REQUIRE(memory.live == 0);
  }
  REQUIRE(k > 5 && k < 1000);
}

TEST(functions_live_as_long_as_their_objects) {
  auto alive = std::make_shared<int>(0);
  const auto points = [alive](ift::span<double> x, std::int64_t, std::uint64_t) {
    for (auto &value : x) value = 1;
  };
  REQUIRE(alive.use_count() == 2);
  {
    ift::context context = ift::context::create();
    ift::kernel gauss = ift::kernel::gaussian(context, 1);
    ift::energy energy;
    {
      ift::target target = ift::target::sampler(context, 1, points);
      REQUIRE(alive.use_count() == 3);
      energy = ift::energy::mmd(context, gauss, target);
    }
    REQUIRE(alive.use_count() == 3); // the energy holds the target
    energy = ift::energy();
    REQUIRE(alive.use_count() == 2);
    context.set_log([alive](const char *) {});
    context.set_log([alive](const char *) {});
    REQUIRE(alive.use_count() == 3);
    REQUIRE_ERROR(IFT_ERR_ARGUMENT, "d", ift::target::sampler(context, 0, points));
    ift::context none;
    REQUIRE_ERROR(IFT_ERR_ARGUMENT, "", ift::target::sampler(none, 1, points));
    REQUIRE_ERROR(IFT_ERR_ARGUMENT, "", none.set_log([alive](const char *) {}));
    REQUIRE(alive.use_count() == 3);
  }
  REQUIRE(alive.use_count() == 2);
}

TEST(functions_that_only_move_and_functions_that_change) {
  setting s;
  ift::flow flow = ift::flow::create(s.context, "wasserstein", s.energy, s.start);
  auto owned = std::make_unique<int>(2);
  flow.set_monitor(
      [owned = std::move(owned), left = 3](const ift::flow_view &) mutable { return --left == 0 ? *owned : 0; });
  REQUIRE(flow.step(10) == IFT_STOPPED && flow.get_int("step") == 3);
}

// A callback that uses the library itself, where another callback throws.
TEST(exceptions_inside_of_exceptions) {
  setting outer, inner;
  inner.energy_does.to_throw = 12;
  ift::flow flow = ift::flow::create(outer.context, "wasserstein", outer.energy, outer.start);
  flow.set_monitor([&](const ift::flow_view &) { (void)inner.energy.value(inner.start); });
  REQUIRE_THROWN(12, flow.step(3));
  flow.set_monitor([&](const ift::flow_view &) { REQUIRE_THROWN(12, inner.energy.value(inner.start)); });
  REQUIRE(flow.step(3) == IFT_OK);
}

TEST(exceptions_stay_on_their_thread) {
  setting a, b;
  ift::flow one = ift::flow::create(a.context, "wasserstein", a.energy, a.start);
  one.set_monitor([&](const ift::flow_view &) {
    std::thread([&] {
      b.energy_does.to_throw = 13;
      REQUIRE_THROWN(13, b.energy.value(b.start));
    }).join();
  });
  REQUIRE(one.step(2) == IFT_OK);
}
