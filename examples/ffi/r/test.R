# Tests of ift.R: Rscript test.R
source("ift.R")

passed <- 0
failed <- 0
test <- function(name, body) {
  problem <- tryCatch({
    body
    NULL
  }, error = function(e) conditionMessage(e))
  gc()
  if (is.null(problem)) {
    passed <<- passed + 1
  } else {
    failed <<- failed + 1
    cat(name, ": ", problem, "\n", sep = "")
  }
}
near <- function(a, b, tolerance = 1e-12) stopifnot(length(a) == length(b), max(abs(a - b)) <= tolerance)
raised <- function(expression) tryCatch({
  expression
  stop("nothing was raised")
}, condition = function(e) e)
says <- function(condition, words) stopifnot(grepl(words, conditionMessage(condition), fixed = TRUE))

cloud <- function(n, seed) {
  set.seed(seed)
  matrix(rnorm(2 * n), n)
}
gaussian <- function(x, y) exp(-(outer(x[, 1], y[, 1], "-")^2 + outer(x[, 2], y[, 2], "-")^2) / 2)
gaussian_gradient <- function(x, y) {
  values <- gaussian(x, y)
  array(c(-outer(x[, 1], y[, 1], "-") * values, -outer(x[, 2], y[, 2], "-") * values), c(dim(values), 2))
}
an_energy <- function(context, kernel = ift_kernel(context, "gaussian:1"))
  ift_energy_mmd(kernel, ift_samples(ift_measure(context, cloud(40, 1))))
a_flow <- function(context, ...) ift_flow("spherical-ift", an_energy(context), ift_measure(context, cloud(8, 2)), ...)

test("measures", {
  context <- ift_context(seed = 3, threads = 2)
  x <- cloud(5, 1)
  measure <- ift_measure(context, x, 1:5)
  stopifnot(identical(ift_positions(measure), x), identical(ift_weights(measure), as.double(1:5)))
  moments <- ift_moments(measure)
  near(moments$mean, colSums(x * 1:5) / 15)
  near(moments$covariance, cov.wt(x, 1:5 / 15, method = "ML")$cov)
  stopifnot(identical(dim(ift_positions(ift_measure(context, 1:3))), c(3L, 1L)))
  near(ift_bandwidth(ift_measure(context, x)), sqrt(median(dist(x)^2) / 2))
})

test("files", {
  context <- ift_context()
  path <- tempfile(fileext = ".csv")
  measure <- ift_measure(context, cloud(4, 5))
  ift_save(measure, path)
  stopifnot(identical(ift_positions(ift_load(context, path)), ift_positions(measure)))
  stopifnot(inherits(raised(ift_load(context, "absent.csv")), "IFT_ERR_FILE"))
})

test("kernels", {
  context <- ift_context()
  a <- ift_measure(context, cloud(6, 1))
  b <- ift_measure(context, cloud(9, 2))
  x <- ift_positions(a)
  y <- ift_positions(b)
  expected <- mean(gaussian(x, x)) - 2 * mean(gaussian(x, y)) + mean(gaussian(y, y))
  near(ift_mmd2(ift_kernel(context, "gaussian:1"), a, b), expected)
  near(ift_mmd2(ift_kernel(context, 1), a, b), expected)
  near(ift_mmd2(ift_kernel(context, gaussian), a, b), expected)
  ift_check(an_energy(context, ift_kernel(context, gaussian, gaussian_gradient)), a)
})

test("energies", {
  context <- ift_context()
  mu <- ift_measure(context, cloud(6, 2))
  ift_check(ift_energy_potential(context, 2, function(x) rowSums(x^4), function(x) 4 * x^3), mu)
  normal <- ift_density(context, 2, function(x) -rowSums(x^2) / 2, function(x) -x)
  energy <- ift_energy_kl(normal, 0.3)
  ift_check(energy, mu)
  flow <- ift_flow("wasserstein", energy, ift_measure(context, cloud(20, 3) + 3))
  ift_step(flow, 60)
  stopifnot(max(abs(colMeans(ift_positions(ift_now(flow))))) < 0.2)
})

test("options", {
  flow <- a_flow(ift_context(), tau = 0.4, rejuvenate = "insert", rejuvenate_every = 100000)
  stopifnot(flow$tau == 0.4, flow$rejuvenate == "insert", flow$rejuvenate_every == 100000)
  flow$tau <- 1
  flow[["rejuvenate-every"]] <- 3L
  flow$accumulate <- TRUE
  stopifnot(flow$tau == 1, flow[["rejuvenate-every"]] == 3, flow$accumulate == "yes")
  flow$accumulate <- FALSE
  ift_step(flow, 2)
  entries <- subset(ift_options(), noun == "flow")
  for (i in seq_len(nrow(entries))) {
    stopifnot(length(flow[[entries$name[i]]]) == 1)
    if (entries$access[i] == "option") flow[[entries$name[i]]] <- entries$default[i]
  }
  stopifnot(flow$step == 2)
  entries <- subset(ift_options(), noun == "context")
  do.call(ift_context, setNames(as.list(entries$default), entries$name))
  problem <- raised(flow$tua <- 1)
  stopifnot(problem$status == -4, problem$name == "IFT_ERR_OPTION", inherits(problem, "ift_error"))
  says(problem, "a flow has no option 'tua'; the nearest is 'tau'")
  says(raised(flow$tua), "nearest is 'tau'")
  says(raised(flow$tau <- -1), "tau is -1; allowed is [0, inf)")
  says(raised(ift_context(threads = 5000)), "1024")
})

test("input that is refused", {
  context <- ift_context()
  says(raised(ift_measure(context, matrix("a", 2, 2))), "numeric matrix")
  says(raised(ift_measure(context, 1:3, 1:2)), "weights has 2 numbers; 3 are needed")
  says(raised(ift_measure(context, c(1, NA))), "positions[1][0] is nan")
  says(raised(ift_measure(context, 1:2, c(1, -1))), "weights[1] is -1")
  says(raised(ift_kernel(context, "gausian:1")), "unknown kernel")
  says(raised(ift_positions(context)), "an ift_measure is needed")
  says(raised(ift_positions(3)), "an ift_measure is needed")
  says(raised(ift_step(a_flow(context), NA)), "steps is")
  says(raised(ift_value(an_energy(context), ift_measure(context, 1:3))), "dimension")
})

test("monitors", {
  flow <- a_flow(ift_context())
  steps <- c()
  ift_monitor(flow, function(flow) {
    steps <<- c(steps, flow$step)
    length(steps) == 4
  })
  stopifnot(ift_step(flow, 10) == "stopped", identical(steps, c(1, 2, 3, 4)))
  ift_monitor(flow)
  stopifnot(ift_step(flow) == "ok", flow$step == 5)
})

test("compressions", {
  context <- ift_context()
  x <- cloud(60, 1)
  search <- ift_compression(ift_kernel(context, 1), ift_samples(ift_measure(context, x)), 5, points = "data", effort = "low")
  stopifnot(is.null(ift_now(search)), is.null(ift_rows(search)))
  stopifnot(ift_run(search) == "ok", identical(ift_positions(ift_now(search)), x[ift_rows(search), ]))
})

test("checkpoints", {
  context <- ift_context()
  flow <- a_flow(context, seed = 3, noise = 0.01, tau = 0.2)
  ift_step(flow, 5)
  state <- ift_checkpoint(flow)
  ift_step(flow, 5)
  other <- a_flow(context)
  ift_restore(other, state)
  stopifnot(is.raw(state), other$step == 5, other$tau == 0.2)
  ift_step(other, 5)
  stopifnot(identical(ift_checkpoint(other), ift_checkpoint(flow)))
  stopifnot(identical(ift_positions(ift_now(other)), ift_positions(ift_now(flow))))
  # what is refused changes nothing
  before <- ift_checkpoint(flow)
  refused <- function(bytes, name, words) {
    problem <- raised(ift_restore(flow, bytes))
    stopifnot(problem$name == name, identical(ift_checkpoint(flow), before))
    says(problem, words)
  }
  changed <- function(at, to) replace(state, at, as.raw(to))
  refused(raw(0), "IFT_ERR_FORMAT", "no checkpoint")
  refused(raw(length(state)), "IFT_ERR_FORMAT", "no checkpoint")
  refused(head(state, -1), "IFT_ERR_FORMAT", "cut short")
  refused(changed(201, xor(state[201], as.raw(1))), "IFT_ERR_FORMAT", "damaged")
  refused(changed(9, 2), "IFT_ERR_FORMAT", "has format 2; this version reads format 1")
  wider <- ift_flow("spherical-ift", an_energy(context, ift_kernel(context, 2)), ift_measure(context, cloud(8, 2)))
  refused(ift_checkpoint(wider), "IFT_ERR_ARGUMENT", "another energy")
  says(raised(ift_restore(flow, "state")), "raw vector")
  says(raised(ift_checkpoint(context)), "an ift_flow is needed")
  ift_monitor(flow, function(flow) {
    state <<- ift_checkpoint(flow)
    ift_restore(flow, state)
  })
  stopifnot(inherits(raised(ift_step(flow)), "IFT_ERR_BUSY"))
  ift_restore(other, state)
  stopifnot(other$step == 11)
})

test("errors in functions come out of the call", {
  context <- ift_context()
  trouble <- structure(class = c("trouble", "error", "condition"), list(message = "from inside", call = NULL))
  fails <- function(...) stop(trouble)
  mu <- ift_measure(context, cloud(3, 1))
  stopifnot(identical(raised(ift_mmd2(ift_kernel(context, fails), mu, mu)), trouble))
  stopifnot(identical(raised(ift_value(ift_energy_potential(context, 2, fails), mu)), trouble))
  flow <- a_flow(context)
  ift_monitor(flow, function(flow) if (flow$step == 2) fails())
  stopifnot(identical(raised(ift_step(flow, 5)), trouble), flow$step == 2, ift_step(flow) == "ok")
  ift_monitor(flow, function(flow) ift_step(flow))
  stopifnot(inherits(raised(ift_step(flow)), "IFT_ERR_BUSY"))
  says(raised(ift_value(ift_energy_potential(context, 2, function(x) 1), mu)), "`value` has 1 numbers; 3 are needed")
  potential <- ift_energy_potential(context, 2, function(x) x[, 1])
  says(raised(ift_check(potential, mu)), "`gradient` is needed")
})

test("a condition that is no error does not jump through the library", {
  context <- ift_context()
  energy <- ift_energy_potential(context, 2, function(x) {
    warning("careful")
    x[, 1]
  })
  mu <- ift_measure(context, cloud(3, 1))
  suppressWarnings(tryCatch(ift_value(energy, mu), warning = function(w) NULL))
  near(suppressWarnings(ift_value(energy, mu)), mean(cloud(3, 1)[, 1])) # not busy
})

test("interrupts end a run", {
  context <- ift_context()
  flow <- ift_flow("wasserstein", an_energy(context), ift_measure(context, cloud(50, 2)), step_control = "fixed")
  system(paste("(sleep 0.3; kill -INT", Sys.getpid(), ") &"))
  outcome <- tryCatch(ift_step(flow, 1e9), interrupt = function(e) "interrupted")
  stopifnot(outcome == "interrupted", flow$step > 0, ift_step(flow) == "ok")
})

test("objects go in any order, and all of them go", {
  gone <- 0
  local({
    watched <- new.env()
    reg.finalizer(watched, function(e) gone <<- gone + 1)
    context <- ift_context()
    kernel <- ift_kernel(context, function(x, y) {
      watched$used <- TRUE
      gaussian(x, y)
    }, gaussian_gradient)
    flow <- ift_flow("wasserstein", an_energy(context, kernel), ift_measure(context, cloud(4, 1)))
    ift_monitor(flow, function(flow) flow$energy < 0)
    rm(context, kernel)
    gc()
    ift_step(flow, 2)
    stopifnot(gone == 0, watched$used)
  })
  for (i in 1:3) gc()
  stopifnot(gone == 1)
})

test("1000 runs leave nothing", {
  context <- ift_context()
  run <- function() {
    flow <- a_flow(context)
    ift_monitor(flow, function(flow) TRUE)
    ift_step(flow)
    try(flow$tua <- 1, silent = TRUE)
  }
  used <- function() {
    for (i in 1:3) cells <- gc()[, 1]
    sum(cells * c(56, 8)) / 1000 # KB
  }
  for (i in 1:100) run()
  before <- used()
  for (i in 1:1000) run()
  stopifnot(used() - before < 50)
})

cat(passed, " passed, ", failed, " failed\n", sep = "")
quit(status = if (failed > 0 || passed == 0) 1 else 0)
