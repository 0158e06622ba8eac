-- Tests of ift.lua: luajit test.lua
local ffi = require "ffi"
local ift = require "ift"

local passed, failed = 0, 0
local function test(name, body)
  local good, problem = xpcall(body, debug.traceback)
  collectgarbage()
  if good then
    passed = passed + 1
  else
    failed = failed + 1
    print(name .. ": " .. tostring(problem))
  end
end

local function equal(a, b)
  if a ~= b then error(("%s is not %s"):format(tostring(a), tostring(b)), 2) end
end

local function near(a, b, tolerance)
  if not (math.abs(a - b) <= (tolerance or 1e-12)) then error(("%.17g is not near %.17g"):format(a, b), 2) end
end

-- What `body` raises.
local function raised(body, ...)
  local good, problem = pcall(body, ...)
  assert(not good, "nothing was raised")
  return problem
end

local function cloud(n, seed)
  local state, rows = seed, {}
  local function uniform()
    state = (state * 16807) % 2147483647
    return state / 2147483647
  end
  for i = 1, n do rows[i] = {uniform() + uniform() - 1, uniform() + uniform() - 1} end
  return rows
end

local function gaussian(values, gradients, x, n, y, m, d)
  for i = 0, n - 1 do
    for j = 0, m - 1 do
      local r2 = 0
      for k = 0, d - 1 do r2 = r2 + (x[i * d + k] - y[j * d + k]) ^ 2 end
      values[i * m + j] = math.exp(-r2 / 2)
      if gradients ~= nil then
        for k = 0, d - 1 do
          gradients[(i * m + j) * d + k] = (y[j * d + k] - x[i * d + k]) * values[i * m + j]
        end
      end
    end
  end
end

local function an_energy(context)
  return context:mmd(context:kernel("gaussian:1"), context:samples(context:measure(cloud(40, 1))))
end

local function a_flow(context, options)
  return context:flow("spherical-ift", an_energy(context), context:measure(cloud(8, 2)), options)
end

test("measures", function()
  local context = ift.context{seed = 3, threads = 2}
  local measure = context:measure({{0, 0}, {0, 0}, {1, 2}}, {1, 2, 3})
  equal(measure:size() .. " " .. measure:dim() .. " " .. measure:mass(), "3 2 6")
  local mean, covariance = measure:moments()
  near(mean[2], 1)
  near(covariance[1][2], 0.5)
  equal(measure:merge():weights()[1], 3)
  equal(measure:resample(5):size(), 5)
  equal(context:measure{1, 2, 3}:positions()[2][1], 2)
  local x, a = measure:pointers()
  equal(x[5] + a[2], 5)
end)

test("files", function()
  local context, path = ift.context(), os.tmpname()
  local measure = context:measure(cloud(4, 5))
  measure:save(path)
  equal(context:load(path):positions()[4][2], measure:positions()[4][2])
  os.remove(path)
  equal(raised(context.load, context, path).name, "IFT_ERR_FILE")
end)

test("kernels", function()
  local context = ift.context()
  local built_in, own = context:kernel("gaussian:1"), context:kernel(gaussian)
  local x, y = cloud(5, 1), cloud(7, 2)
  near(built_in:gram(x, y)[3][4], own:gram(x, y)[3][4])
  own:check(x)
  local a, b = context:measure(x), context:measure(y)
  near(built_in:mmd2(a, b), own:mmd2(a, b))
  assert(tostring(raised(built_in.gram, built_in, x, {1, 2})):find("dimension 1"))
end)

test("energies", function()
  local context = ift.context()
  local mu, mmd = context:measure(cloud(6, 2)), an_energy(context)
  mmd:check(mu)
  local quartic = context:potential(2, function(values, gradients, x, n, d)
    for i = 0, n - 1 do values[i] = x[2 * i] ^ 4 + x[2 * i + 1] end
    if gradients == nil then return end
    for i = 0, n - 1 do gradients[2 * i], gradients[2 * i + 1] = 4 * x[2 * i] ^ 3, 1 end
  end)
  quartic:check(mu)
  near(context:sum({2, -1}, {mmd, quartic}):value(mu), 2 * mmd:value(mu) - quartic:value(mu))
  context:interaction(2, context:kernel("riesz:1")):check(mu)
  context:custom(2, function(value, variation, gradient, points, m, x, a, n) -- (int x_1)^2 / 2
    local mean = 0
    for i = 0, n - 1 do mean = mean + a[i] * x[2 * i] end
    if value ~= nil then value[0] = mean * mean / 2 end
    for i = 0, m - 1 do
      if variation ~= nil then variation[i] = mean * points[2 * i] end
      if gradient ~= nil then gradient[2 * i], gradient[2 * i + 1] = mean, 0 end
    end
  end):check(mu)
end)

test("targets", function()
  local context = ift.context()
  local normal = context:density(2, {
    log_density = function(values, x, n) for i = 0, n - 1 do values[i] = -(x[2 * i] ^ 2 + x[2 * i + 1] ^ 2) / 2 end end,
    score = function(scores, x, n, d) for i = 0, n * d - 1 do scores[i] = -x[i] end end,
    hessian = function(products, _, u, n, d) for i = 0, n * d - 1 do products[i] = -u[i] end end,
  })
  context:kl(normal, 0.3):check(context:measure(cloud(5, 1)))
  local seeds = {}
  local drawn = context:sampler(2, function(points, n, d, seed)
    seeds[#seeds + 1] = tostring(seed)
    local rows = cloud(n, tonumber(seed % 1000000ULL) + 1)
    for i, row in ipairs(rows) do points[2 * i - 2], points[2 * i - 1] = row[1], row[2] end
  end)
  local energy = context:mmd(context:kernel("gaussian:1"), drawn)
  local flow = context:flow("spherical-ift", energy, context:measure(cloud(8, 2)), {batch = 20, tau = 0.1, eta = 0.1})
  seeds = {}
  equal(flow:step(3), "ok")
  equal(#seeds, 3)
  assert(seeds[1] ~= seeds[2])
end)

test("options", function()
  local context = ift.context()
  local flow = a_flow(context, {tau = 0.4, rejuvenate = "insert", rejuvenate_every = 7, preset = "none"})
  equal(flow.tau, 0.4)
  equal(flow.rejuvenate, "insert")
  equal(flow.rejuvenate_every, 7)
  flow.accumulate = true
  equal(flow.accumulate, "yes")
  flow.accumulate = false
  flow["rejuvenate-every"] = 3
  equal(flow["rejuvenate-every"], 3)
  flow:step(2)
  for _, entry in ipairs(ift.options()) do
    if entry.noun == "flow" then
      assert(flow:get(entry.name) ~= nil)
      if entry.access == "option" then flow:set(entry.name, entry.default) end
    end
  end
  equal(flow:get("step"), 2)
  for _, entry in ipairs(ift.options()) do
    if entry.noun == "context" then ift.context{[entry.name] = entry.default} end
  end
  local problem = raised(function() flow.tua = 1 end)
  equal(problem.name, "IFT_ERR_OPTION")
  equal(problem.status, -4)
  equal(tostring(problem), "a flow has no option 'tua'; the nearest is 'tau'")
  equal(raised(function() return flow.tua end).name, "IFT_ERR_OPTION")
  equal(raised(function() flow.tau = -1 end).message, "tau is -1; allowed is [0, inf)")
  equal(raised(ift.context, {threads = 5000}).status, -4)
  assert(#ift.kinds() > 30 and ift.build_info():find("blas "))
end)

test("input that is refused", function()
  local context = ift.context()
  assert(raised(context.measure, context, {{1, 2}, {3}}):find("positions%[2%] has 1 coordinates; 2 are needed"))
  assert(raised(context.measure, context, {}):find("no table of points"))
  assert(raised(context.measure, context, {1, 2}, {1}):find("weights has 1 numbers; 2 are needed"))
  equal(raised(context.measure, context, {1, 0 / 0}).name, "IFT_ERR_NOT_FINITE")
  equal(raised(context.measure, context, {1, 2}, {1, -1}).message:match("weights%[1%] is %-1"), "weights[1] is -1")
  equal(raised(context.kernel, context, "gausian:1").name, "IFT_ERR_OPTION")
end)

test("monitors", function()
  local context = ift.context()
  local flow, steps = a_flow(context), {}
  flow:monitor(function(it)
    steps[#steps + 1] = it:get("step")
    return it.energy and #steps == 4
  end)
  equal(flow:step(10), "stopped")
  equal(table.concat(steps, " "), "1 2 3 4")
  flow:monitor(nil)
  equal(flow:step(), "ok")
  flow:request_stop()
  equal(flow:run(5), "stopped")
  local search = context:compression(context:kernel("gaussian:1"), context:samples(context:measure(cloud(60, 1))), 5,
    {points = "data", effort = "low"})
  equal(search:measure(), nil)
  equal(search:rows(), nil)
  local count = 0
  search:monitor(function() count = count + 1 end)
  equal(search:run(), "ok")
  assert(count > 0)
  equal(search:measure():positions()[2][1], cloud(60, 1)[search:rows()[2]][1])
end)

test("checkpoints", function()
  local context = ift.context()
  local flow = a_flow(context, {seed = 3, noise = 0.01, tau = 0.2})
  flow:step(5)
  local state = flow:save()
  equal(flow:step(5), "ok")
  local other = a_flow(context)
  other:restore(state)
  equal(other:get("step"), 5)
  equal(other.tau, 0.2)
  other:step(5)
  equal(other:save(), flow:save())
  local at, there = flow:measure():positions(), other:measure():positions()
  for i = 1, #at do equal(there[i][1], at[i][1]) end
  -- what is refused changes nothing
  local before = flow:save()
  local function refused(bytes, name, words)
    local problem = raised(flow.restore, flow, bytes)
    equal(problem.name, name)
    assert(tostring(problem):find(words, 1, true), tostring(problem))
    equal(flow:save(), before)
  end
  refused("", "IFT_ERR_FORMAT", "no checkpoint")
  refused(("x"):rep(#state), "IFT_ERR_FORMAT", "no checkpoint")
  refused(state:sub(1, -2), "IFT_ERR_FORMAT", "cut short")
  refused(state:sub(1, 200) .. string.char((state:byte(201) + 1) % 256) .. state:sub(202), "IFT_ERR_FORMAT", "damaged")
  refused(state:sub(1, 8) .. "\2" .. state:sub(10), "IFT_ERR_FORMAT", "has format 2; this version reads format 1")
  local energy, start = context:mmd(context:kernel("gaussian:2"), context:samples(context:measure(cloud(40, 1)))), cloud(8, 2)
  refused(context:flow("spherical-ift", energy, context:measure(start)):save(), "IFT_ERR_ARGUMENT", "another energy")
  assert(raised(flow.restore, flow, 3):find("no string"))
  local saved
  flow:monitor(function(it)
    saved = it:save()
    it:restore(saved)
  end)
  equal(raised(flow.step, flow, 1).name, "IFT_ERR_BUSY")
  other:restore(saved)
  equal(other:get("step"), 11)
end)

test("errors in functions come out of the call", function()
  local context = ift.context()
  local trouble = {}
  local function fails() error(trouble) end
  local kernel = context:kernel(fails)
  equal(raised(kernel.gram, kernel, cloud(3, 1)), trouble)
  local mu = context:measure(cloud(3, 1))
  equal(raised(kernel.mmd2, kernel, mu, mu), trouble)
  local energy = context:potential(2, fails)
  equal(raised(energy.value, energy, mu), trouble)
  equal(raised(context.mmd, context, context:kernel("gaussian:1"), context:sampler(2, fails)), trouble)
  local flow = a_flow(context)
  flow:monitor(function(it) if it:get("step") == 2 then fails() end end)
  equal(raised(flow.step, flow, 5), trouble)
  equal(flow:get("step"), 2)
  equal(flow:step(1), "ok")
  flow:monitor(function(it) it:step(1) end)
  equal(raised(flow.step, flow, 1).name, "IFT_ERR_BUSY")
  local told = {}
  flow = a_flow(ift.context{log = function(line) told[#told + 1] = line end})
  flow:step(3)
end)

test("objects go in any order, and all of them go", function()
  local context = ift.context()
  local flow = a_flow(context)
  flow:set_kernel(context:kernel(gaussian))
  flow:monitor(function(it) return it.energy < 0 end)
  context = nil
  collectgarbage()
  collectgarbage()
  flow:step(2)
  local gone = setmetatable({}, {__mode = "k"})
  gone[flow.context] = true
  gone[flow.keeps.kernel] = true
  gone[flow.keeps.monitor] = true
  flow = nil
  collectgarbage()
  collectgarbage()
  equal(next(gone), nil)
end)

test("1000 runs leave nothing", function()
  local context = ift.context()
  local function run()
    local flow = a_flow(context)
    flow:monitor(function(it) return it end)
    flow:step(2)
    pcall(flow.set, flow, "tua", 1)
  end
  local function memory()
    for _ = 1, 3 do collectgarbage() end
    return collectgarbage("count")
  end
  for _ = 1, 100 do run() end
  local before = memory()
  for _ = 1, 1000 do run() end
  assert(memory() - before < 50, "memory grew by " .. (memory() - before) .. " KB")
end)

test("declarations are those of the headers", function()
  local pipe = io.popen("cat $(pkg-config --variable=includedir ift)/ift/*.h")
  local headers = pipe:read("*a"):gsub("/%*.-%*/", " "):gsub("IFT_API ", ""):gsub("%s+", " "):gsub("%( ", "(")
  pipe:close()
  local count = 0
  for declaration in require("ift_h"):gmatch("[^\n]*%(.-%);") do
    if not declaration:find("ift_lua_") then
      count = count + 1
      assert(headers:find(declaration, 1, true), declaration)
    end
  end
  assert(count > 60)
end)

print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0)
