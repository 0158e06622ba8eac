# The Old Faithful data as 25 weighted particles: Rscript faithful.R FILE
source("ift.R")

context <- ift_context()
data <- ift_load(context, commandArgs(trailingOnly = TRUE)[1])
moments <- ift_moments(data)
x <- scale(ift_positions(data), moments$mean, sqrt(diag(moments$covariance)))
points <- ift_measure(context, x)
few <- ift_compress(ift_kernel(context, ift_bandwidth(points)), ift_samples(points), 25, seed = 1)
cat(sprintf("mmd2 %.16e\n", few$mmd2))
at <- ift_positions(few$measure)
cat(sprintf("%.16e %.16e %.16e\n", at[, 1], at[, 2], ift_weights(few$measure)), sep = "")
