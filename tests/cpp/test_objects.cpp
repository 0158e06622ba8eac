// Every class and function of ift.hpp does what the C function does that it is named after.
#include "test.hpp"

#include <algorithm>
#include <array>
#include <string>

static const std::vector<double> source = scattered(24, 0.3), sample = scattered(80, 0.6, 2);

namespace {
struct setting {
  ift::context context = ift::context::create();
  ift::measure start = ift::measure::create(context, source, 2), points = ift::measure::create(context, sample, 2);
  ift::kernel kernel = ift::kernel::gaussian(context, 0.7);
  ift::target target = ift::target::samples(context, points);
  ift::energy energy = ift::energy::mmd(context, kernel, target);
};

bool equal(ift::span<const double> a, ift::span<const double> b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}
} // namespace

TEST(a_flow_gives_the_bits_of_the_c_interface) {
  setting s;
  ift::flow flow = ift::flow::create(s.context, "spherical-ift", s.energy, s.start);
  REQUIRE(flow.step(10) == IFT_OK);
  ift_flow *other = nullptr;
  REQUIRE(ift_flow_create(s.context.get(), &other, "spherical-ift", s.energy.get(), s.start.get()) == IFT_OK);
  REQUIRE(ift_flow_step(other, 10) == IFT_OK);
  const ift::flow owned(other, s.context.get());
  REQUIRE(flow.measure().size() == 12 && flow.measure().dim() == 2);
  REQUIRE(equal(flow.measure().positions(), owned.measure().positions()));
  REQUIRE(equal(flow.measure().weights(), owned.measure().weights()));
  REQUIRE(near(flow.measure().mass(), 1));
}

TEST(options_and_quantities_of_a_flow) {
  setting s;
  ift::flow flow = ift::flow::create(s.context, "spherical-ift", s.energy, s.start);
  flow.set_real("tau", 0.25);
  flow.set_int("seed", 7);
  flow.set_text(std::string("step_control"), "fixed");
  REQUIRE(flow.get_real("tau") == 0.25);
  REQUIRE(flow.get_int("seed") == 7);
  REQUIRE(flow.get_text("step_control") == "fixed");
  REQUIRE_ERROR(IFT_ERR_OPTION, "the nearest is 'tau'", flow.set_real("tao", 1));
  REQUIRE_ERROR(IFT_ERR_OPTION, "tao", flow.get_text("tao"));
  flow.set_kernel(ift::kernel::laplace(s.context, 1));
  flow.set_kernel(nullptr);
  flow.set_text("step_control", "auto");
  const double before = flow.get_real("energy");
  flow.set_real("tolerance", before);
  REQUIRE(flow.run(100) == IFT_CONVERGED);
  flow.set_real("tolerance", 0);
  flow.request_stop();
  REQUIRE(flow.step(5) == IFT_STOPPED);
  REQUIRE(flow.step() == IFT_OK);
  REQUIRE(flow.get_int("step") == 1 && flow.get_real("energy") < before);
}

TEST(checkpoints) {
  setting s;
  ift::flow flow = ift::flow::create(s.context, "spherical-ift", s.energy, s.start);
  flow.set_real("noise", 0.01);
  std::vector<std::byte> seen;
  flow.set_monitor([&](ift::flow_view now) { seen = now.save(); });
  flow.step(3);
  flow.set_monitor(nullptr);
  const std::vector<std::byte> saved = flow.save();
  REQUIRE(saved == seen && flow.save({}) == static_cast<std::int64_t>(saved.size()));
  std::vector<std::byte> buffer(saved.size() + 1);
  REQUIRE(flow.save(buffer) == static_cast<std::int64_t>(saved.size()) && buffer.back() == std::byte());
  buffer.pop_back();
  REQUIRE(saved == buffer);
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "", flow.save(ift::span<std::byte>(buffer).subspan(0, 10)));
  flow.step(4);

  ift::flow again = ift::flow::create(s.context, "spherical-ift", s.energy, s.start);
  again.restore(saved);
  REQUIRE(again.get_int("step") == 3 && again.get_real("noise") == 0.01);
  again.step(4);
  REQUIRE(equal(flow.measure().positions(), again.measure().positions()));
  REQUIRE(equal(flow.measure().weights(), again.measure().weights()));
  buffer.back() ^= std::byte(1);
  REQUIRE_ERROR(IFT_ERR_FORMAT, "checkpoint", again.restore(buffer));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "", again.restore({}));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "mmd", ift::flow::create(s.context, "mmd", s.energy, s.start).restore(saved));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "empty", ift::flow().save());
  REQUIRE(again.get_int("step") == 7);
}

TEST(objects_move_and_are_destroyed_once) {
  counting_memory memory;
  {
    ift::context context = ift::context::create_with_allocator(memory);
    ift::measure a = ift::measure::create(context, source, 2), b = a.clone();
    ift::measure c = std::move(a);
    REQUIRE(!a && c && b.get() != c.get());
    const ift_measure *handle = b.get();
    c = std::move(b);
    REQUIRE(c.get() == handle && !b.get());
    ift::measure &self = c;
    c = std::move(self);
    REQUIRE(c.size() == 12);
    ift::measure nothing;
    REQUIRE(nothing.size() == 0 && nothing.positions().empty() && nothing.weights().empty());
    REQUIRE_ERROR(IFT_ERR_ARGUMENT, "empty", nothing.normalize(1));
    REQUIRE_ERROR(IFT_ERR_ARGUMENT, "empty", a.clone());
    ift_measure *released = c.release();
    REQUIRE(!c && ift_measure_size(released) == 12);
    ift_measure_destroy(released);
  }
  REQUIRE(memory.live == 0);
}

TEST(objects_outlive_what_they_are_made_of) {
  ift::flow flow;
  {
    setting s;
    flow = ift::flow::create(s.context, "mmd", s.energy, s.start);
  }
  REQUIRE(flow.step(2) == IFT_OK);
  REQUIRE_ERROR(IFT_ERR_OPTION, "tua", flow.set_real("tua", 1));
  REQUIRE(std::is_nothrow_move_constructible_v<ift::flow> && !std::is_copy_constructible_v<ift::flow>);
  REQUIRE(sizeof(ift::flow) == 2 * sizeof(void *) && sizeof(ift::measure_view) == 2 * sizeof(void *));
}

TEST(contexts) {
  ift::context context = ift::context::create();
  context.set_seed(4);
  context.set_threads(2);
  context.set_option("threads", "1");
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "1 to 1024", context.set_threads(0));
  REQUIRE(std::string(context.message()).find("1 to 1024") != std::string::npos);
  std::vector<std::string> lines;
  context.set_log([&](const char *line) { lines.emplace_back(line); });
  const double gram[] = {2, 0, 0, 2}, linear[] = {1, 1};
  double weights[2];
  ift::simplex_qp(context, weights, gram, linear, 1);
  REQUIRE(lines.size() == 1 && lines[0].find("method") != std::string::npos);
  context.set_log(nullptr);
  ift::simplex_qp(context, weights, gram, linear, 1);
  REQUIRE(lines.size() == 1);
  REQUIRE(ift::version() == ift_version() && std::string(ift::version_string()) == ift_version_string());
  REQUIRE(std::string(ift::status_name(IFT_ERR_BUSY)) == "IFT_ERR_BUSY");
  const std::string info = ift::build_info();
  REQUIRE(info.find("\nblas ") != std::string::npos &&
          static_cast<std::int64_t>(info.size()) == ift_build_info(NULL, 0));
}

TEST(measures) {
  ift::context context = ift::context::create();
  const std::array<double, 4> x = {0, 1, 2, 3};
  const double a[] = {1, 0, 1, 2};
  ift::measure m = ift::measure::create(context, x, 1, a);
  REQUIRE(m.size() == 4 && m.dim() == 1 && m.mass() == 4 && near(m.effective_size(), 16.0 / 6));
  std::vector<double> copy(4), mean(1), covariance(1);
  m.copy_positions(copy);
  REQUIRE(equal(copy, x));
  m.copy_weights(copy);
  REQUIRE(equal(copy, a));
  m.moments(mean, covariance);
  REQUIRE(near(mean[0], 2) && near(covariance[0], 1.5));
  m.moments({}, covariance);
  m.normalize(1);
  REQUIRE(near(m.mass(), 1) && m.prune(0).size() == 3 && m.merge(10).size() == 1);
  REQUIRE(m.resample(8).size() == 8);
  m.set(x, a);
  m.set({}, {a, 4});
  REQUIRE(m.mass() == 4);
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "weights[1]", [&] {
    const double negative[] = {1, -1, 1, 1};
    m.set(x, negative);
  }());
  REQUIRE(ift::measure::create(context, x, 2).size() == 2);

  const std::string path = "test_objects.csv";
  m.save(path);
  ift::measure read = ift::measure::load(context, path);
  REQUIRE(equal(read.positions(), x) && equal(read.weights(), a));
  std::remove(path.c_str());
  REQUIRE_ERROR(IFT_ERR_FILE, "no-such", ift::measure::load(context, "no-such.csv"));
}

TEST(lengths_are_checked) {
  setting s;
  std::vector<double> three(3), four(4);
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "positions", ift::measure::create(s.context, three, 2));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "weights", ift::measure::create(s.context, four, 2, three));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "d", ift::measure::create(s.context, four, 0));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "", ift::measure::create(s.context, {}, 2));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "positions", s.start.copy_positions(three));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "weights", s.start.copy_weights(three));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "positions", s.start.set(three));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "weights", s.start.set({}, three));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "mean", s.start.moments(three));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "covariance", s.start.moments({}, three));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "gram", s.kernel.gram(three, four, 2));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "gram", s.kernel.gram(four, four, 0));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "values", s.kernel.sum_pairs(three, {}, four, 2, four));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "gradients", s.kernel.sum_pairs({}, three, four, 2, four));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "w:", s.kernel.sum_pairs({}, four, four, 2, four, three));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "", s.kernel.sum_pairs({}, {}, three, 2, four));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "", s.kernel.check(three, 2, 1e-6));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "out", ift::witness(s.kernel, three, four, s.start, s.points));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "out", s.energy.first_variation(three, s.start));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "out", s.energy.first_variation(three, four, s.start));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "out", s.energy.gradient(three, s.start));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "out", s.energy.gradient(three, four, s.start));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "means", ift::target::gaussian_mixture(s.context, 2, four, three, four));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "covar", ift::target::gaussian_mixture(s.context, 1, four, four, three));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "gram", ift::simplex_qp(s.context, three, four, three, 1));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "gram", ift::cone_qp(s.context, three, std::vector<double>(9), four));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "start", ift::cone_qp(s.context, three, std::vector<double>(9), three, four));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "values", ift::simplex_project(s.context, three, four, 1));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "coefficients",
                ift::kernel::sum(s.context, ift::span<const ift_kernel *const>(), three));
  REQUIRE_ERROR(IFT_ERR_ARGUMENT, "coefficients",
                ift::energy::sum(s.context, three, ift::span<const ift_energy *const>()));
}

TEST(kernels) {
  setting s;
  const struct {
    ift::kernel made;
    const char *spec;
  } kernels[] = {
      {ift::kernel::gaussian(s.context, 0.5), "gaussian:0.5"},
      {ift::kernel::laplace(s.context, 0.5), "laplace:0.5"},
      {ift::kernel::matern(s.context, 1.5, 0.5), "matern32:0.5"},
      {ift::kernel::imq(s.context, 1, 0.25), "imq:1,0.25"},
      {ift::kernel::riesz(s.context, 1.5), "riesz:1.5"},
      {ift::kernel::linear(s.context), "linear"},
      {ift::kernel::polynomial(s.context, 1, 3), "polynomial:1,3"},
      {ift::kernel::sum(s.context, {&s.kernel, &s.kernel}, {0.25, 2}), "0.25*gaussian:0.7+2*gaussian:0.7"},
  };
  for (const auto &each : kernels) {
    ift::kernel parsed = ift::kernel::parse(s.context, each.spec);
    REQUIRE(ift::mmd2(each.made, s.start, s.points) == ift::mmd2(parsed, s.start, s.points));
    each.made.check(sample, 2, 1e-6);
  }
  REQUIRE_ERROR(IFT_ERR_OPTION, "unknown kernel", ift::kernel::parse(s.context, "gausian:1"));

  std::vector<double> gram(144), rows(12), gradients(24), witness(12), other(12 * 40);
  s.kernel.gram(gram, source, 2);
  s.kernel.gram(other, source, 2, sample);
  s.kernel.sum_pairs(rows, gradients, source, 2, source);
  double sum = 0;
  for (int j = 0; j < 12; j++) sum += gram[static_cast<std::size_t>(j)];
  REQUIRE(near(sum, rows[0]) &&
          near(other[0], std::exp(-(std::pow(source[0] - sample[0], 2) + std::pow(source[1] - sample[1], 2)) / 0.98)));
  s.kernel.sum_pairs(rows, {}, source, 2, {});
  REQUIRE(rows[0] == 0);
  ift::witness(s.kernel, witness, source, s.start, s.points);
  double c_witness[12], expected;
  REQUIRE(ift_witness(s.kernel.get(), c_witness, source.data(), 12, 2, s.start.get(), s.points.get()) == IFT_OK);
  REQUIRE(equal(witness, c_witness));
  REQUIRE(ift_mmd2_standard_error(s.kernel.get(), &expected, s.start.get(), s.points.get()) == IFT_OK);
  REQUIRE(ift::mmd2_standard_error(s.kernel, s.start, s.points) == expected);
  REQUIRE(ift_bandwidth_median(s.points.get(), &expected) == IFT_OK && ift::bandwidth_median(s.points) == expected);
}

TEST(targets_and_energies) {
  setting s;
  const double one[] = {1}, mean[] = {0.5, 0.5}, covariance[] = {1, 0, 0, 1};
  ift::target gauss = ift::target::gaussian_mixture(s.context, 2, one, mean, covariance);
  ift::target density = ift::target::density(
      s.context, 2,
      [](ift::span<double> values, ift::span<const double> x, std::int64_t d) {
        for (std::size_t i = 0; i < values.size(); i++) {
          values[i] = -std::log(2 * 3.14159265358979324);
          for (std::size_t k = 0; k < static_cast<std::size_t>(d); k++)
            values[i] -= std::pow(x[i * static_cast<std::size_t>(d) + k] - 0.5, 2) / 2;
        }
      },
      [](ift::span<double> scores, ift::span<const double> x, std::int64_t) {
        for (std::size_t i = 0; i < scores.size(); i++) scores[i] = 0.5 - x[i];
      },
      [](ift::span<double> products, ift::span<const double>, ift::span<const double> u, std::int64_t) {
        for (std::size_t i = 0; i < products.size(); i++) products[i] = -u[i];
      });
  ift::energy a = ift::energy::kl(s.context, gauss, 0.3), b = ift::energy::kl(s.context, density, 0.3);
  REQUIRE(near(a.value(s.start), b.value(s.start)));
  b.check(s.start, 1e-6);
  REQUIRE_ERROR(IFT_ERR_CAPABILITY, "log-density", [&] {
    ift::energy::kl(
        s.context,
        ift::target::density(s.context, 2, nullptr, [](ift::span<double>, ift::span<const double>, std::int64_t) {}),
        0.3);
  }());

  ift::target drawn =
      ift::target::sampler(s.context, 2, [](ift::span<double> points, std::int64_t, std::uint64_t seed) {
        double phase = 0.1 + 0.8 * static_cast<double>(seed % 1000) / 1000;
        for (auto &x : points) x = phase = phase * 3.87 * (1 - phase);
      });
  REQUIRE(ift::energy::mmd(s.context, s.kernel, drawn).value(s.start) < 1);

  // 1/2 |x|^2 by a potential and by a custom energy, alone and in sums
  ift::energy well = ift::energy::potential(
      s.context, 2, [](ift::span<double> v, ift::span<double> gradients, ift::span<const double> x, std::int64_t) {
        for (std::size_t i = 0; i < v.size(); i++) v[i] = (x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]) / 2;
        std::copy(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(gradients.size()), gradients.begin());
      });
  ift::energy same =
      ift::energy::custom(s.context, 2,
                          [](double *value, ift::span<double> g, ift::span<double> v, ift::span<const double> points,
                             ift::span<const double> x, ift::span<const double> weights, std::int64_t) {
                            const auto half = [](ift::span<const double> at, std::size_t i) {
                              return (at[2 * i] * at[2 * i] + at[2 * i + 1] * at[2 * i + 1]) / 2;
                            };
                            if (value) *value = 0;
                            for (std::size_t i = 0; value && i < weights.size(); i++) *value += weights[i] * half(x, i);
                            for (std::size_t i = 0; i < g.size(); i++) g[i] = half(points, i);
                            for (std::size_t i = 0; i < v.size(); i++) v[i] = points[i];
                          });
  ift::energy pairs = ift::energy::interaction(s.context, 2, s.kernel);
  REQUIRE(near(well.value(s.start), same.value(s.start)));
  const ift_energy *const handles[] = {well.get(), pairs.get()};
  const double coefficients[] = {2, 0.5};
  ift::energy sum = ift::energy::sum(s.context, {2, 0.5}, {&same, &pairs}),
              also = ift::energy::sum(s.context, coefficients, handles);
  REQUIRE(near(sum.value(s.start), 2 * well.value(s.start) + 0.5 * pairs.value(s.start)));
  REQUIRE(near(sum.value(s.start), also.value(s.start)));
  for (const auto *energy : {&well, &same, &sum}) energy->check(s.start, 1e-6);

  std::vector<double> g(12), there(12), v(24), at(24);
  sum.first_variation(g, s.start);
  sum.first_variation(there, source, s.start);
  REQUIRE(near(g[3], there[3]) && near(g[11], there[11]));
  sum.gradient(v, s.start);
  sum.gradient(at, source, s.start);
  REQUIRE(near(v[5], at[5]) && near(v[23], at[23]));
}

TEST(compressions) {
  setting s;
  ift::compression search = ift::compression::create(s.context, s.kernel, s.target, 5);
  REQUIRE(!search.measure() && search.measure().size() == 0 && search.rows().empty());
  search.set_text("effort", "low");
  search.set_int("seed", 3);
  search.set_real("tolerance", 0);
  search.set_text("points", "data");
  REQUIRE(search.run() == IFT_OK);
  REQUIRE(search.measure().size() == 5 && search.rows().size() == 5);
  for (std::size_t i = 0; i < 5; i++)
    REQUIRE(search.measure().positions()[2 * i] == sample[2 * static_cast<std::size_t>(search.rows()[i])]);
  REQUIRE(search.get_int("seed") == 3 && search.get_text("points") == "data" && search.get_real("tolerance") == 0);
  const double coreset = search.get_real("mmd2");
  int steps = 0;
  search.set_text("points", "free");
  search.set_monitor([&](const ift::compression_view &now) {
    steps++;
    return now.get_int("seed") == 3 ? IFT_OK : IFT_STOPPED;
  });
  REQUIRE(search.run() == IFT_OK && steps > 0 && search.rows().empty());
  search.set_monitor([](const ift::compression_view &) { return 1; });
  REQUIRE(search.run() == IFT_STOPPED);
  search.set_monitor(nullptr);
  search.request_stop();
  REQUIRE(search.run() == IFT_STOPPED);

  ift::compressed few = ift::compress(s.context, s.kernel, s.target, 5, "effort=low seed=3");
  REQUIRE(few.status == IFT_OK && few.particles.size() == 5 && few.mmd2 < coreset);
  REQUIRE(near(ift::mmd2(s.kernel, few.particles, s.points), few.mmd2, 1e-10));
  REQUIRE(ift::compress(s.context, s.kernel, s.target, 5, "tolerance=1").status == IFT_CONVERGED);
  REQUIRE_ERROR(IFT_ERR_FORMAT, "NAME=VALUE", ift::compress(s.context, s.kernel, s.target, 5, "effort"));
}

TEST(weights_by_themselves) {
  ift::context context = ift::context::create();
  const double gram[] = {2, 0, 0, 4}, linear[] = {1, 1};
  std::vector<double> weights(2), start = {0.5, 0.5};
  ift::certificate end = ift::simplex_qp(context, weights, gram, linear, 1);
  REQUIRE(near(weights[0], 2.0 / 3) && end.gap < 1e-12 && end.status == IFT_OK && end.iterations > 0);
  end = ift::simplex_qp(context, weights, gram, linear, 1, start, "pairwise", 1e-6);
  REQUIRE(near(weights[0], 2.0 / 3, 1e-3) && end.gap <= 1e-6);
  REQUIRE_ERROR(IFT_ERR_OPTION, "method", ift::simplex_qp(context, weights, gram, linear, 1, start, "best"));
  end = ift::cone_qp(context, weights, gram, linear);
  REQUIRE(near(weights[0], 0.5) && near(weights[1], 0.25));
  ift::simplex_project(context, weights, linear, 1);
  REQUIRE(near(weights[0], 0.5));
}

TEST(the_catalogue) {
  REQUIRE(ift::option_count() == ift_option_count() && ift::kind_count() == ift_kind_count());
  for (std::int64_t i = 0; i < ift::option_count(); i++) {
    const ift::option entry(i);
    REQUIRE(entry.noun == ift_option_noun(i) && entry.name == ift_option_name(i) && entry.type == ift_option_type(i));
    REQUIRE(entry.access == ift_option_access(i) && entry.range == ift_option_range(i) &&
            entry.doc == ift_option_doc(i));
    REQUIRE(entry.default_value == ift_option_default(i) && entry.applies == ift_option_applies(i));
  }
  for (std::int64_t i = 0; i < ift::kind_count(); i++) {
    const ift::kind entry(i);
    REQUIRE(entry.noun == ift_kind_noun(i) && entry.name == ift_kind_name(i));
    REQUIRE(entry.spec == ift_kind_spec(i) && entry.doc == ift_kind_doc(i));
  }
  REQUIRE(!ift::option(-1).name && !ift::kind(ift::kind_count()).name);
}
