-- The Old Faithful data as 25 weighted particles: faithful.lua FILE
local ift = require "ift"

local context = ift.context()
local data = context:load(arg[1])
local mean, covariance = data:moments()
local rows = data:positions()
for _, row in ipairs(rows) do
  for k = 1, 2 do row[k] = (row[k] - mean[k]) / math.sqrt(covariance[k][k]) end
end
local points = context:measure(rows)
local few, mmd2 = context:compress(context:gaussian(points:bandwidth()), context:samples(points), 25, {seed = 1})
print(("mmd2 %.16e"):format(mmd2))
local weights = few:weights()
for i, at in ipairs(few:positions()) do print(("%.16e %.16e %.16e"):format(at[1], at[2], weights[i])) end
