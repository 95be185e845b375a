# mclust's maxima on the tables of the benchmark, kept as numbers for machines without R.
#
# Rscript optima_mclust.R FOLDER: reads every FOLDER/NAME.csv (no header) and writes
# FOLDER/mclust.json with one record a cell. mclust starts from its own model-based agglomeration,
# which is deterministic, and uses no regularisation. A cell that it can't fit is null.

suppressMessages(library(mclust))

models <- c(spherical = "VII", diag = "VVI", tied = "EEE", full = "VVV")
single <- c(spherical = "XII", diag = "XXI", tied = "XXX", full = "XXX")
folder <- commandArgs(trailingOnly = TRUE)[1]

numbers <- function(x) paste0("[", paste(formatC(x, digits = 10, format = "g"), collapse = ","), "]")

# One covariance by rows of its lower triangle, which is its upper triangle by columns.
triangle <- function(m) m[upper.tri(m, diag = TRUE)]

record <- function(x, name, structure, k) {
  model <- if (k == 1) single[[structure]] else models[[structure]]
  fit <- tryCatch(
    Mclust(x, G = k, modelNames = model, verbose = FALSE),
    error = function(e) NULL
  )
  key <- sprintf('"%s/%s/%d"', name, structure, k)
  if (is.null(fit) || !is.finite(fit$loglik)) return(paste0(key, ": null"))
  p <- fit$parameters
  sigma <- if (k == 1) array(p$variance$Sigma, c(ncol(x), ncol(x), 1)) else p$variance$sigma
  weights <- if (k == 1) 1 else p$pro
  means <- if (is.matrix(p$mean)) t(p$mean) else matrix(p$mean, nrow = 1)
  last <- if (structure == "tied") 1 else k
  paste0(
    key, ": {\"log_likelihood\": ", formatC(fit$loglik, digits = 12, format = "g"),
    ", \"weights\": ", numbers(weights),
    ", \"means\": [", paste(apply(means, 1, numbers), collapse = ","), "]",
    ", \"triangles\": [",
    paste(sapply(seq_len(last), function(i) numbers(triangle(sigma[, , i]))), collapse = ","),
    "]}"
  )
}

cells <- c()
for (path in sort(list.files(folder, pattern = "\\.csv$", full.names = TRUE))) {
  x <- as.matrix(read.csv(path, header = FALSE))
  name <- sub("\\.csv$", "", basename(path))
  for (structure in names(models)) for (k in 1:6) {
    cells <- c(cells, record(x, name, structure, k))
  }
}
origin <- sprintf("mclust %s, R %s", packageVersion("mclust"), getRversion())
text <- paste0("{\"origin\": \"", origin, "\",\n\"cells\": {\n", paste(cells, collapse = ",\n"), "\n}}")
writeLines(text, file.path(folder, "mclust.json"))
