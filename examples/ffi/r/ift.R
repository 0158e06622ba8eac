# Gradient flows of measures: libift from R. Build the shim with `R CMD SHLIB ift.c`, then source this file, from the
# folder of both or with options(ift.folder = "...").
#
#     context <- ift_context(seed = 1)
#     points <- ift_measure(context, as.matrix(faithful))
#     few <- ift_compress(ift_kernel(context, ift_bandwidth(points)), ift_samples(points), 25)
#     ift_positions(few$measure); ift_weights(few$measure); few$mmd2
#
# Points are the rows of a matrix. Objects keep what they need and are freed by the collector. Errors are conditions of
# class "ift_error", with `status` and `name`. Options and quantities of flows and compressions: flow$tau <- 0.4.

.ift <- new.env()

# The condition that an error of the library is.
ift_error <- function(status, name, message) {
  structure(class = c(name, "ift_error", "error", "condition"),
            list(message = message, call = NULL, status = status, name = name))
}

# Goes on with what was kept: an error of an R function, or an interrupt.
.ift$raise <- function(condition = .ift$raised) {
  force(condition)
  .ift$raised <- NULL
  if (!inherits(condition, "interrupt")) stop(condition)
  signalCondition(condition)
  invokeRestart("abort")
}

# What the shim calls after a call that failed.
.ift$fail <- function(status, name, message) {
  if (!is.null(.ift$raised)) .ift$raise()
  stop(ift_error(status, name, message))
}

# No condition of an R function may go through the library: it is kept, and the library gets NULL.
.ift$guard <- function(expression) {
  keep <- function(condition) {
    .ift$raised <- condition
    NULL
  }
  tryCatch(expression, error = keep, interrupt = keep)
}

# The functions of one object as the shim calls them: points are columns there, and row-major is by columns of t().
.ift$functions <- function(...) {
  given <- list(...)
  function(what, count, x, y) .ift$guard({
    if (is.null(given[[what]])) stop("the function `", what, "` is needed here, and was not given")
    result <- if (is.null(y)) given[[what]](t(x)) else given[[what]](t(x), t(y))
    if (length(result) != count)
      stop("the result of `", what, "` has ", length(result), " numbers; ", count, " are needed")
    as.double(aperm(as.array(result)))
  })
}

.ift$words <- function(value) {
  if (is.logical(value)) c("no", "yes")[value + 1] else if (is.numeric(value)) sprintf("%.17g", value) else value
}

.ift$columns <- function(x) {
  x <- if (is.matrix(x)) x else as.matrix(x)
  if (!is.numeric(x)) stop("points are the rows of a numeric matrix")
  storage.mode(x) <- "double"
  t(x)
}

dyn.load(file.path(getOption("ift.folder", "."), paste0("ift", .Platform$dynlib.ext)))
ift_version <- .Call("ift_start", .ift$fail)

ift_context <- function(...) {
  context <- .Call("ift_context")
  for (name in names(list(...))) .Call("ift_context_set", context, name, .ift$words(list(...)[[name]]))
  context
}

# Measures
ift_measure <- function(context, positions, weights = NULL) {
  columns <- .ift$columns(positions)
  if (!is.null(weights) && length(weights) != ncol(columns))
    stop("weights has ", length(weights), " numbers; ", ncol(columns), " are needed")
  .Call("ift_measure", context, columns, if (!is.null(weights)) as.double(weights))
}
ift_load <- function(context, path) .Call("ift_measure_load", context, path)
ift_save <- function(measure, path) invisible(.Call("ift_measure_save", measure, path))
ift_positions <- function(measure) t(.Call("ift_positions", measure))
ift_weights <- function(measure) .Call("ift_weights", measure)
ift_moments <- function(measure) .Call("ift_moments", measure)
ift_bandwidth <- function(measure) .Call("ift_bandwidth", measure)

# Kernels: a text ("laplace:2"), a number (the sigma of a Gaussian), or a function(x, y) that gives an n by m matrix, with
# `gradient`, an n by m by d array of its gradient in x, for transport.
ift_kernel <- function(context, kernel, gradient = NULL) {
  if (is.function(kernel))
    return(.Call("ift_kernel_custom", context, .ift$functions(value = kernel, gradient = gradient)))
  .Call(if (is.numeric(kernel)) "ift_kernel_gaussian" else "ift_kernel_parse", context, kernel)
}
ift_mmd2 <- function(kernel, a, b) .Call("ift_mmd2", kernel, a, b)

# Targets: samples, or a density by functions of points: log_density(x) gives n numbers, score(x) an n by d matrix.
ift_samples <- function(measure) .Call("ift_samples", measure)
ift_density <- function(context, d, log_density = NULL, score = NULL) {
  functions <- .ift$functions(log_density = log_density, score = score)
  .Call("ift_density", context, d, functions, !is.null(log_density), !is.null(score))
}

# Energies: half the squared MMD, the Kullback-Leibler divergence, the integral of a potential by functions of points.
ift_energy_mmd <- function(kernel, target) .Call("ift_energy_mmd", kernel, target)
ift_energy_kl <- function(target, bandwidth) .Call("ift_energy_kl", target, bandwidth)
ift_energy_potential <- function(context, d, value, gradient = NULL)
  .Call("ift_energy_potential", context, d, .ift$functions(value = value, gradient = gradient))
ift_value <- function(energy, measure) .Call("ift_energy_value", energy, measure)
ift_check <- function(energy, measure, tolerance = 1e-6) invisible(.Call("ift_energy_check", energy, measure, tolerance))

# Flows and compressions; further arguments are options.
ift_flow <- function(geometry, energy, initial, ...)
  .ift$configured(.Call("ift_flow", geometry, energy, initial), ...)
ift_compression <- function(kernel, target, particles, ...)
  .ift$configured(.Call("ift_compression", kernel, target, particles), ...)
ift_step <- function(flow, steps = 1) .ift$run(flow, steps, FALSE)
ift_run <- function(it, steps = 0) .ift$run(it, steps, TRUE)
# A checkpoint: the state as a raw vector, options included; and back, in a flow that was made in the same way. The steps
# that follow are those of the flow that was saved, to the last bit. After an error the flow is as it was.
ift_checkpoint <- function(flow) .Call("ift_checkpoint", flow)
ift_restore <- function(flow, state) invisible(.Call("ift_restore", flow, state))
ift_now <- function(it) .Call("ift_snapshot", it)
ift_rows <- function(compression) .Call("ift_rows", compression)

# watch(object) is called after each step; TRUE stops the run. NULL: none.
ift_monitor <- function(it, watch = NULL) {
  invisible(.Call("ift_set_monitor", it, function(interrupted) {
    if (interrupted) .ift$raised <- structure(class = c("interrupt", "condition"), list(message = "", call = NULL))
    interrupted || .ift$guard(!is.null(watch) && isTRUE(watch(it)))
  }))
}

# All of it in one call.
ift_compress <- function(kernel, target, particles, ...) {
  search <- ift_compression(kernel, target, particles, ...)
  ift_run(search)
  list(measure = ift_now(search), mmd2 = search$mmd2)
}

ift_options <- function() as.data.frame(.Call("ift_options"))

.ift$types <- with(ift_options(), split(setNames(type, name), noun))

.ift$configured <- function(it, ...) {
  class(it) <- c(class(it), "ift_configured")
  ift_monitor(it)
  options <- list(...)
  for (name in names(options)) it[[name]] <- options[[name]]
  it
}

.ift$run <- function(it, steps, early) {
  status <- .Call("ift_run", it, steps, early)
  if (!is.null(.ift$raised)) .ift$raise()
  c("ok", "converged", "stopped", "stalled")[status + 1]
}

`[[.ift_configured` <- function(x, name) {
  noun <- if (inherits(x, "ift_flow")) "flow" else "compression"
  .Call("ift_get", x, name, .ift$types[[noun]][gsub("-", "_", name)] %in% c("real", "integer"))
}
`[[<-.ift_configured` <- function(x, name, value) .Call("ift_set", x, name, .ift$words(value))
`$.ift_configured` <- function(x, name) x[[name]]
`$<-.ift_configured` <- function(x, name, value) `[[<-.ift_configured`(x, name, value)
