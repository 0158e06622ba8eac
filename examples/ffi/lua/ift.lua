-- Gradient flows of measures: libift from Lua, by LuaJIT's ffi.
--
--     local ift = require "ift"
--     local context = ift.context{seed = 1}
--     local points = context:load("points.csv")
--     local few, mmd2 = context:compress(context:gaussian(points:bandwidth()), context:samples(points), 25)
--
-- Objects are made by methods of a context; they keep what they need, and are freed by the collector. Errors are tables
-- with `status`, `name` and `message`, which print as the message. Options of flows and compressions are fields:
-- flow.tau = 0.4. Errors in functions that the library calls come out of the call that led to them, as they are.
local ffi = require "ffi"
local declarations = require "ift_h"

-- Calls of the library may come back to Lua, which compiled code can't.
jit.off(true, true)

ffi.cdef(declarations)

local function load()
  local named = os.getenv("IFT_LIBRARY")
  if named then return ffi.load(named) end
  local pipe = io.popen("pkg-config --variable=libdir ift 2>/dev/null")
  local folder = pipe and pipe:read("*l")
  if pipe then pipe:close() end
  if folder and folder ~= "" then return ffi.load(folder .. "/libift.so.1") end
  return ffi.load("libift.so.1")
end

local C = load()
local ift = {}

local outcomes = {[0] = "ok", "converged", "stopped", "stalled"}
local Error = {__tostring = function(error) return error.message end}

--- What is called: tables that find functions by the number that C has as `user`. Objects own them, not this table.
local living = setmetatable({}, {__mode = "v"})
local count = 0

local function callback(context, functions)
  count = count + 1
  functions.context, functions.number = context, count
  living[count] = functions
  return functions
end

local function user(functions) return ffi.cast("void *", functions.number) end

-- Calls one of the functions that `user` stands for. No error may go through the library: it is kept, C gets -1.
local function enter(number, name, ...)
  local functions = living[tonumber(ffi.cast("intptr_t", number))]
  if not functions then return -1 end
  local good, answer = pcall(functions[name], ...)
  if good then return name == "watch" and answer and 1 or 0 end
  functions.context.raised = {answer}
  return -1
end

-- One C function for each kind, since LuaJIT has only so many.
local entries = {
  kernel = ffi.cast("ift_lua_kernel", function(values, gradients, x, n, y, m, d, number)
    return enter(number, "evaluate", values, gradients, x, tonumber(n), y, tonumber(m), tonumber(d))
  end),
  potential = ffi.cast("ift_lua_potential", function(values, gradients, x, n, d, number)
    return enter(number, "evaluate", values, gradients, x, tonumber(n), tonumber(d))
  end),
  energy = ffi.cast("ift_lua_energy", function(value, variation, gradient, points, m, x, a, n, d, number)
    return enter(number, "evaluate", value, variation, gradient, points, tonumber(m), x, a, tonumber(n), tonumber(d))
  end),
  log_density = ffi.cast("ift_lua_points", function(values, x, n, d, number)
    return enter(number, "log_density", values, x, tonumber(n), tonumber(d))
  end),
  score = ffi.cast("ift_lua_points", function(scores, x, n, d, number)
    return enter(number, "score", scores, x, tonumber(n), tonumber(d))
  end),
  hessian = ffi.cast("ift_lua_hessian", function(products, x, u, n, d, number)
    return enter(number, "hessian", products, x, u, tonumber(n), tonumber(d))
  end),
  sample = ffi.cast("ift_lua_sample", function(points, n, d, seed, number)
    return enter(number, "sample", points, tonumber(n), tonumber(d), seed)
  end),
  monitor = ffi.cast("ift_lua_monitor", function(_, number) return enter(number, "watch") end),
  log = ffi.cast("ift_lua_log", function(text, number) enter(number, "log", ffi.string(text)) end),
}

-- A call that answers with a status.
local function call(context, name, ...)
  local status = tonumber(C["ift_" .. name](...))
  local raised = context.raised
  if raised then
    context.raised = nil
    error(raised[1], 0)
  end
  if status < 0 then
    local message = ffi.string(C.ift_context_message(context.handle))
    error(setmetatable({status = status, name = ffi.string(C.ift_status_name(status)), message = message}, Error), 0)
  end
  return outcomes[status] or "ok"
end

-- An object of the class, from a C function that puts a handle behind its first argument; `keeps` has what it may call.
local function make(class, context, name, first, keeps, ...)
  local out = ffi.new("ift_" .. class.noun .. " *[1]")
  local good, problem = pcall(call, context, name, first, out, ...)
  local handle = ffi.gc(out[0], C["ift_" .. class.noun .. "_destroy"])
  if not good then error(problem, 0) end
  return setmetatable({context = context, handle = handle, keeps = keeps}, class)
end

-- Rows of numbers, or numbers (points on a line), as C has them.
local function points(rows, what)
  if type(rows) ~= "table" or #rows == 0 then error(what .. " is no table of points", 0) end
  local d = type(rows[1]) == "table" and #rows[1] or 1
  local x = ffi.new("double[?]", #rows * d)
  for i, row in ipairs(rows) do
    row = type(row) == "table" and row or {row}
    if #row ~= d then error(("%s[%d] has %d coordinates; %d are needed"):format(what, i, #row, d), 0) end
    for k = 1, d do x[(i - 1) * d + k - 1] = row[k] end
  end
  return x, #rows, d
end

local function numbers(list, count, what)
  if not list then return nil end
  if #list ~= count then error(("%s has %d numbers; %d are needed"):format(what, #list, count), 0) end
  return ffi.new("double[?]", count, list)
end

local function to_table(pointer, count)
  local list = {}
  for i = 1, count do list[i] = pointer[i - 1] end
  return list
end

local function to_rows(pointer, n, d)
  local rows = {}
  for i = 1, n do rows[i] = to_table(pointer + (i - 1) * d, d) end
  return rows
end

local function class(noun)
  local it = {noun = noun}
  it.__index = it
  return it
end

local Measure, Kernel, Target, Energy = class("measure"), class("kernel"), class("target"), class("energy")
local Context = {}
Context.__index = Context

--- The context: ift.context{seed = 1, threads = 2, log = print}.
function ift.context(options)
  local out = ffi.new("ift_context *[1]")
  if C.ift_context_create(out) < 0 then error("no memory for a context") end
  local context = setmetatable({handle = ffi.gc(out[0], C.ift_context_destroy)}, Context)
  for name, value in pairs(options or {}) do
    if name == "log" then
      context.functions = callback(context, {log = value})
      call(context, "context_set_log", context.handle, entries.log, user(context.functions), nil)
    else
      call(context, "context_set_option", context.handle, name, tostring(value))
    end
  end
  return context
end

function ift.build_info()
  local size = C.ift_build_info(nil, 0) + 1
  local text = ffi.new("char[?]", size)
  C.ift_build_info(text, size)
  return ffi.string(text)
end

local function catalogue(table, fields)
  local list = {}
  for i = 0, tonumber(C["ift_" .. table .. "_count"]()) - 1 do
    list[i + 1] = {}
    for _, field in ipairs(fields) do list[i + 1][field] = ffi.string(C["ift_" .. table .. "_" .. field](i)) end
  end
  return list
end

--- The library's tables of options and quantities, and of kinds.
function ift.options() return catalogue("option", {"noun", "name", "type", "access", "range", "default", "applies", "doc"}) end
function ift.kinds() return catalogue("kind", {"noun", "name", "spec", "doc"}) end

--- Measures: rows {{x, y}, ...} with weights, 1/n each where there are none.
function Context:measure(rows, weights)
  local x, n, d = points(rows, "positions")
  return make(Measure, self, "measure_create", self.handle, {}, x, n, d, numbers(weights, n, "weights"))
end

function Context:load(path) return make(Measure, self, "measure_load", self.handle, {}, path) end
function Measure:save(path) call(self.context, "measure_save", self.handle, path) end
function Measure:size() return tonumber(C.ift_measure_size(self.handle)) end
function Measure:dim() return tonumber(C.ift_measure_dim(self.handle)) end
function Measure:mass() return C.ift_measure_mass(self.handle) end
function Measure:effective_size() return C.ift_measure_effective_size(self.handle) end
function Measure:positions() return to_rows(C.ift_measure_positions(self.handle), self:size(), self:dim()) end
function Measure:weights() return to_table(C.ift_measure_weights(self.handle), self:size()) end
--- Pointers to positions and weights, without a copy; they are good as long as the measure is.
function Measure:pointers() return C.ift_measure_positions(self.handle), C.ift_measure_weights(self.handle) end

function Measure:moments()
  local d = self:dim()
  local mean, covariance = ffi.new("double[?]", d), ffi.new("double[?]", d * d)
  call(self.context, "measure_moments", self.handle, mean, covariance)
  return to_table(mean, d), to_rows(covariance, d, d)
end

local function number(context, name, ...)
  local out = ffi.new("double[1]")
  local object = ...
  call(context, name, object, out, select(2, ...))
  return out[0]
end

function Measure:bandwidth() return number(self.context, "bandwidth_median", self.handle) end
function Measure:clone() return make(Measure, self.context, "measure_clone", self.handle, {}) end
function Measure:resample(size) return make(Measure, self.context, "measure_resample", self.handle, {}, size) end
function Measure:prune(threshold) return make(Measure, self.context, "measure_prune", self.handle, {}, threshold or 0) end
function Measure:merge(distance) return make(Measure, self.context, "measure_merge", self.handle, {}, distance or 0) end

--- Kernels: from text, or a function(values, gradients, x, n, y, m, d) of pointers; gradients may be nil.
function Context:kernel(spec)
  if type(spec) == "string" then return make(Kernel, self, "kernel_parse", self.handle, {}, spec) end
  local functions = callback(self, {evaluate = spec})
  return make(Kernel, self, "kernel_custom", self.handle, {functions}, entries.kernel, user(functions), nil)
end

function Context:gaussian(sigma) return make(Kernel, self, "kernel_gaussian", self.handle, {}, sigma) end

function Kernel:gram(rows, others)
  local x, n, d = points(rows, "x")
  local y, m, e
  if others then y, m, e = points(others, "y") else m, e = n, d end
  if d ~= e then error(("y has points of dimension %d, x of dimension %d"):format(e, d), 0) end
  local out = ffi.new("double[?]", n * m)
  call(self.context, "kernel_gram", self.handle, out, x, n, d, y, m)
  return to_rows(out, n, m)
end

function Kernel:check(rows, tolerance)
  local x, n, d = points(rows, "x")
  call(self.context, "kernel_check", self.handle, x, n, d, tolerance or 1e-6)
end

function Kernel:mmd2(a, b) return number(self.context, "mmd2", self.handle, a.handle, b.handle) end

--- Targets: samples, a sampler function(points, n, d, seed), a density {log_density =, score =, hessian =} of functions
--- (out, x, n, d), with u behind x for the Hessian's.
function Context:samples(measure) return make(Target, self, "target_samples", self.handle, {}, measure.handle) end

function Context:sampler(d, sample)
  local functions = callback(self, {sample = sample})
  return make(Target, self, "target_sampler", self.handle, {functions}, d, entries.sample, user(functions), nil)
end

function Context:density(d, given)
  local functions = callback(self, {log_density = given.log_density, score = given.score, hessian = given.hessian})
  return make(Target, self, "target_density", self.handle, {functions}, d, given.log_density and entries.log_density,
    given.score and entries.score, given.hessian and entries.hessian, user(functions), nil)
end

--- Energies.
function Context:mmd(kernel, target)
  return make(Energy, self, "energy_mmd", self.handle, {kernel, target}, kernel.handle, target.handle)
end

function Context:kl(target, bandwidth)
  return make(Energy, self, "energy_kl", self.handle, {target}, target.handle, bandwidth)
end

function Context:interaction(d, kernel)
  return make(Energy, self, "energy_interaction", self.handle, {kernel}, d, kernel.handle)
end

--- The integral of V, by a function(values, gradients, x, n, d); gradients may be nil.
function Context:potential(d, potential)
  local functions = callback(self, {evaluate = potential})
  return make(Energy, self, "energy_potential", self.handle, {functions}, d, entries.potential, user(functions), nil)
end

--- An energy of one's own, by a function(value, first_variation, gradient, points, m, positions, weights, n, d).
function Context:custom(d, evaluate)
  local functions = callback(self, {evaluate = evaluate})
  return make(Energy, self, "energy_custom", self.handle, {functions}, d, entries.energy, user(functions), nil)
end

function Context:sum(coefficients, energies)
  local handles = ffi.new("const ift_energy *[?]", #energies)
  for i, energy in ipairs(energies) do handles[i - 1] = energy.handle end
  local factors = numbers(coefficients, #energies, "coefficients")
  return make(Energy, self, "energy_sum", self.handle, {unpack(energies)}, factors, handles, #energies)
end

function Energy:value(measure) return number(self.context, "energy_value", self.handle, measure.handle) end
function Energy:check(measure, tolerance)
  call(self.context, "energy_check", self.handle, measure.handle, tolerance or 1e-6)
end

-- What has options. Fields that are none of its own are options and quantities.
local function configured(noun)
  local it = {noun = noun}
  local types = {}
  for _, entry in ipairs(ift.options()) do
    if entry.noun == noun then types[entry.name] = entry.type end
  end
  function it:get(name)
    local kind = types[name:gsub("-", "_")]
    local out = kind == "real" and ffi.new("double[1]") or kind == "integer" and ffi.new("int64_t[1]")
    if out then
      call(self.context, noun .. (kind == "real" and "_get_real" or "_get_int"), self.handle, name, out)
      return tonumber(out[0])
    end
    out = ffi.new("char[64]")
    call(self.context, noun .. "_get_text", self.handle, name, out, 64)
    return ffi.string(out)
  end
  -- as text every option can be set
  function it:set(name, value)
    local text = type(value) == "number" and ("%.17g"):format(value) or tostring(value)
    if type(value) == "boolean" then text = value and "yes" or "no" end
    call(self.context, noun .. "_set_text", self.handle, name, text)
  end
  --- watch(object) is called after each step; what it returns, if true, stops the run.
  function it:monitor(watch)
    local weak = setmetatable({self}, {__mode = "v"}) -- else an object with a monitor would know itself
    local functions = watch and callback(self.context, {watch = function() return watch(weak[1]) end})
    call(self.context, noun .. "_set_monitor", self.handle, watch and entries.monitor, functions and user(functions), nil)
    self.keeps.monitor = functions
  end
  function it:request_stop() C["ift_" .. noun .. "_request_stop"](self.handle) end
  --- A copy of the particles as they are; nil before there are any.
  function it:measure()
    local borrowed = C["ift_" .. noun .. "_measure"](self.handle)
    if borrowed ~= nil then return make(Measure, self.context, "measure_clone", borrowed, {}) end
  end
  it.__index = function(self, name) return rawget(it, name) or self:get(name) end
  it.__newindex = function(self, name, value) self:set(name, value) end
  return it
end

local function with_options(object, options)
  options = options or {}
  if options.preset then object:set("preset", options.preset) end -- what others change must come before them
  for name, value in pairs(options) do
    if name ~= "preset" then object:set(name, value) end
  end
  return object
end

local Flow, Compression = configured("flow"), configured("compression")

--- A flow from a copy of a measure; `options` is a table of them.
function Context:flow(geometry, energy, initial, options)
  local keeps = {energy}
  return with_options(make(Flow, self, "flow_create", self.handle, keeps, geometry, energy.handle, initial.handle), options)
end

function Flow:step(steps) return call(self.context, "flow_step", self.handle, steps or 1) end
function Flow:run(steps) return call(self.context, "flow_run", self.handle, steps) end
--- A checkpoint: the state as a string of bytes, options included; and back, in a flow that was made in the same way. The
--- steps that follow are those of the flow that was saved, to the last bit. After an error the flow is as it was.
function Flow:save()
  local size = ffi.new("int64_t[1]")
  call(self.context, "flow_save", self.handle, nil, 0, size)
  local bytes = ffi.new("char[?]", size[0])
  call(self.context, "flow_save", self.handle, bytes, size[0], size)
  return ffi.string(bytes, size[0])
end

function Flow:restore(state)
  if type(state) ~= "string" then error("state is no string of bytes", 0) end
  call(self.context, "flow_restore", self.handle, state, #state)
end

function Flow:set_kernel(kernel)
  call(self.context, "flow_set_kernel", self.handle, kernel and kernel.handle)
  self.keeps.kernel = kernel
end

--- A search for the best few particles.
function Context:compression(kernel, target, particles, options)
  local keeps = {kernel, target}
  return with_options(
    make(Compression, self, "compression_create", self.handle, keeps, kernel.handle, target.handle, particles), options)
end

function Compression:run() return call(self.context, "compression_run", self.handle) end

--- With points = "data", which of the target's points the particles are, from 1.
function Compression:rows()
  local rows, list = C.ift_compression_rows(self.handle), {}
  if rows == nil then return nil end
  for i = 1, self.particles do list[i] = tonumber(rows[i - 1]) + 1 end
  return list
end

--- All of it in one call: the particles, and their MMD^2 to the target.
function Context:compress(kernel, target, particles, options)
  local search = self:compression(kernel, target, particles, options)
  search:run()
  return search:measure(), search.mmd2
end

return ift
