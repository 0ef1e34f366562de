#!/usr/bin/env Rscript
# Recomputes the figures of an analysis of Patience from the tables beside this file.
#
#     Rscript recompute.R [FOLDER]
#
# Needs R alone, no package. It shares no code with Patience: what each unit brings to each metric is made again from
# the rows of conversations and facts, by the definitions that the product documents, and from that each figure. It ends
# with "all figures agree", or says what differs, by how much. What facts told after the analysis changed
# (changed_since.csv) is compared with its new value. Without tables of single units it makes what follows from the sums.

arguments <- commandArgs(trailingOnly = TRUE)
this_file <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
FOLDER <- if (length(arguments)) arguments[1] else if (length(this_file)) dirname(this_file[1]) else "."
DAY <- 86400000 # milliseconds
FEW <- 40 # below this many units a cohort's ratio has the CR2 variance

# -- Tables ---------------------------------------------------------------------------------------

CHANGED <- NULL

# A table as text, empty cells as ""; cells that facts told since have changed as they are now.
read <- function(name) {
  path <- file.path(FOLDER, paste0(name, ".csv"))
  if (!file.exists(path)) return(NULL)
  table <- read.csv(path, colClasses = "character", check.names = FALSE, na.strings = character(), encoding = "UTF-8")
  for (k in which(CHANGED$table == name)) {
    change <- CHANGED[k, ]
    if (change$column == "rows") {
      stop(name, ".csv has ", change$stored, " rows, and would have ", change$now, " by what is known now: ",
           "make a new analysis (Refresh) and download that", call. = FALSE)
    }
    table[as.integer(change$row) + 1, change$column] <- change$now
  }
  table
}

numbers <- function(cells) suppressWarnings(ifelse(cells == "", NA_real_, as.numeric(cells)))

# UTC times as milliseconds since 1970, NA where empty.
moments <- function(cells) {
  round(1000 * as.numeric(as.POSIXct(strptime(sub("Z$", "", cells), "%Y-%m-%dT%H:%M:%OS", tz = "UTC"))))
}

# Months since 1970.
month_of <- function(ms) {
  date <- as.POSIXlt(ms / 1000, origin = "1970-01-01", tz = "UTC")
  12 * (date$year - 70) + date$mon
}

month_start <- function(month) {
  1000 * as.numeric(ISOdate(1970 + month %/% 12, month %% 12 + 1, 1, 0, tz = "UTC"))
}

CHANGED <- read("changed_since")
parameters <- read("parameters")
P <- setNames(as.list(parameters$value), parameters$name)
COHORTS <- read("cohorts")
TAKEN <- read("looks_taken")
PLAN <- read("plan")
METRICS <- read("metrics")
COMPARISONS <- read("comparisons")
UNITS <- read("units")
WITH_UNITS <- !is.null(UNITS)
MOMENTS <- read("moments")
CONVERSATIONS <- read("conversations")
FACTS <- read("facts")
MEASURES <- read("measures")
KEYS <- COHORTS$cohort
CONTROL <- match(P$control, KEYS)
TREATMENTS <- setdiff(seq_along(KEYS), CONTROL)
CONFIDENCE <- as.numeric(P$confidence)
AS_OF <- moments(P$as_of)
PLANNED_END <- moments(P$planned_end)
LAST_MONTH <- month_of(AS_OF) - 1
ASSIGNED <- as.numeric(COHORTS$units)
DIRECTION <- setNames(METRICS$direction, METRICS$metric)[!duplicated(METRICS$metric)]
COHORT_OF <- if (WITH_UNITS) match(UNITS$cohort, KEYS) # of each row of UNITS
unit_row <- function(ids) match(ids, UNITS$unit_id)
planned <- function(metric, column) {
  row <- match(metric, PLAN$metric)
  if (is.na(row)) "" else PLAN[[column]][row]
}
has_margin <- function(metric) planned(metric, "margin") != ""

# -- What agrees ----------------------------------------------------------------------------------

compared <- list() # table -> figures, largest relative deviation
differences <- character()

# Holds stored cells against our own figures; `scale` is the size below which nothing matters.
same <- function(table, where, column, stored, own, scale = 0, tolerance = 1e-8) {
  tally <- if (is.null(compared[[table]])) c(0, 0) else compared[[table]]
  tally[1] <- tally[1] + length(stored)
  if (is.character(own) || is.logical(own)) {
    own <- if (is.logical(own)) ifelse(own, "true", "false") else own
    off <- stored != own
  } else {
    missing <- is.na(own)
    value <- numbers(stored)
    size <- pmax(abs(value), abs(own), scale)
    deviation <- ifelse(size > 0, abs(value - own) / size, 0)
    deviation[missing | is.na(value)] <- 0
    off <- (stored == "") != missing | deviation > tolerance
    tally[2] <- max(tally[2], deviation)
  }
  compared[[table]] <<- tally
  if (any(off)) {
    where <- rep_len(where, length(stored))
    differences <<- c(differences, paste0(table, " ", where, " ", column, ": stored ", stored, ", recomputed ",
                                          if (is.numeric(own)) format(own, digits = 15) else own)[off])
  }
}

# -- Sums over units ------------------------------------------------------------------------------

SUMS <- c("n", "y", "yy", "x", "xx", "xy", "n0", "y0", "y0y0", "x0", "x0x0", "x0y0", "yy0", "xx0", "yx0", "xy0", "y_h", "x_h")

# Sums over units, each a row (y, x, y0, x0); y0 and x0 are NA without a pre-period.
sums_of <- function(rows) {
  y <- rows[, 1]; x <- rows[, 2]
  h <- !is.na(rows[, 4])
  a <- y[h]; b <- x[h]; y0 <- rows[h, 3]; x0 <- rows[h, 4]
  as.list(setNames(c(length(y), sum(y), sum(y * y), sum(x), sum(x * x), sum(x * y), sum(h), sum(y0), sum(y0 * y0), sum(x0),
                     sum(x0 * x0), sum(x0 * y0), sum(a * y0), sum(b * x0), sum(a * x0), sum(b * y0), sum(a), sum(b)), SUMS))
}

# The sums that rows of moments.csv hold, a list for each cohort.
SUMS_OF_MOMENTS <- c("n", "numerator_sum", "numerator_sum_squares", "denominator_sum", "denominator_sum_squares", "cross_sum",
                     "pre_n", "pre_numerator_sum", "pre_numerator_sum_squares", "pre_denominator_sum",
                     "pre_denominator_sum_squares", "pre_cross_sum", "numerator_numerator", "denominator_denominator",
                     "numerator_denominator", "denominator_numerator", "numerator_sum_with_pre", "denominator_sum_with_pre")

stored_sums <- function(table) {
  lapply(match(KEYS, table$cohort), function(k) as.list(setNames(as.numeric(unlist(table[k, SUMS_OF_MOMENTS])), SUMS)))
}

# Covariance matrix between units of (y, x, y0, x0, h), where y0 = x0 = h = 0 without a pre-period.
covariances <- function(s) {
  total <- c(s$y, s$x, s$y0, s$x0, s$n0)
  products <- matrix(c(s$yy, s$xy, s$yy0, s$yx0, s$y_h, s$xy, s$xx, s$xy0, s$xx0, s$x_h, s$yy0, s$xy0, s$y0y0, s$x0y0, s$y0,
                       s$yx0, s$xx0, s$x0y0, s$x0x0, s$x0, s$y_h, s$x_h, s$y0, s$x0, s$n0), 5)
  (products - outer(total, total) / s$n) / (s$n - 1)
}

# -- Estimates by cohort --------------------------------------------------------------------------

# Of n units an estimate with its variance, the unadjusted one with its own, their covariance, and degrees of freedom.
arm <- function(n, mean, var, df, plain = mean, var_plain = var, cov = var) {
  list(n = n, mean = mean, var = var, plain = plain, var_plain = var_plain, cov = cov, df = df)
}

is_mean <- function(s) s$n > 0 && s$x == s$n && s$xx == s$n && s$xy == s$y

# Ratio of sums by the delta method (Deng, Knoblich & Lu 2018).
ratio_arm <- function(s) {
  if (s$n < 2 || s$x == 0) return(NULL)
  r <- s$y / s$x
  base <- s$x / s$n
  c <- covariances(s)
  g <- c(1, -r) / base
  var <- sum(g * (c[1:2, 1:2] %*% g))
  # What rounding leaves of a variance that is zero.
  var <- if (var > 1e-13 * (c[1, 1] + r * r * c[2, 2]) / base^2) var / s$n else 0
  arm(s$n, r, var, s$n - 1)
}

# Ratio of sums of few units: CR2 with Bell and McCaffrey's degrees of freedom.
few_arm <- function(rows) {
  y <- rows[, 1]; x <- rows[, 2]
  used <- x > 0
  if (sum(used) < 2) return(NULL)
  r <- sum(y) / sum(x)
  h <- x / sum(x)
  var <- sum(((y - r * x)^2 / (1 - h))[used]) / sum(x)^2
  spill <- h^2 / (1 - h)
  arm(sum(used), r, var, 1 / (sum(h^2) + sum(spill)^2 - sum(spill^2)))
}

# Of each cohort; `rows` are the units themselves, where they are at hand.
plain_arms <- function(sums, rows = NULL) {
  lapply(seq_along(sums), function(i) {
    s <- sums[[i]]
    if (!is.null(rows) && s$n > 0 && s$n < FEW && !is_mean(s)) few_arm(rows[[i]]) else ratio_arm(s)
  })
}

plain_arms_of <- function(rows) plain_arms(lapply(rows, sums_of), rows)

slope <- function(covariance, variance) if (variance > 0) covariance / variance else 0

# CUPED (Deng et al. 2013) on linearised ratios, slopes pooled over the cohorts; NULL where it cannot be.
adjusted_arms <- function(sums) {
  parts <- lapply(sums, function(s) {
    plain <- ratio_arm(s)
    if (is.null(plain)) return(NULL)
    c <- covariances(s)
    g <- c(1, -plain$mean, 0, 0, 0) / (s$x / s$n)
    r0 <- if (s$x0 != 0) s$y0 / s$x0 else 0
    g0 <- if (s$x0 != 0) c(0, 0, 1, -r0, 0) / (s$x0 / s$n) else rep(0, 5)
    h <- c(0, 0, 0, 0, 1)
    by <- function(a, b) sum(a * (c %*% b))
    list(s = s, plain = plain, r0 = r0, v = by(g, g), v0 = by(g0, g0), vh = by(h, h), c0 = by(g, g0), ch = by(g, h))
  })
  if (any(vapply(parts, is.null, TRUE))) return(NULL)
  all <- as.list(Reduce(`+`, lapply(sums, unlist)))
  means <- is_mean(all) && all$n0 == all$n && all$x0 == all$n && all$x0x0 == all$n && all$x0y0 == all$y0
  total <- function(name) sum(vapply(parts, `[[`, 0, name))
  c <- covariances(all)
  theta <- if (means) slope(c[1, 3], c[3, 3]) else slope(total("c0"), total("v0"))
  theta_h <- slope(total("ch"), total("vh"))
  r0 <- if (all$x0 != 0) all$y0 / all$x0 else 0
  lapply(parts, function(p) {
    n <- p$s$n
    explained <- theta * p$c0 + theta_h * p$ch
    # L0 and h are uncorrelated in each cohort, so that their slopes stand alone.
    var <- p$v - 2 * explained + theta^2 * p$v0 + theta_h^2 * p$vh
    mean <- p$plain$mean - theta * (p$r0 - r0) - theta_h * (p$s$n0 / n - all$n0 / all$n)
    arm(n, mean, max(0, var) / n, n - 1, p$plain$mean, p$plain$var, (p$v - explained) / n)
  })
}

# The arms that are compared, and whether they are adjusted.
arms_of <- function(sums, rows = NULL) {
  enough <- all(vapply(sums, function(s) s$n >= FEW, TRUE)) && any(vapply(sums, function(s) s$n0 > 1, TRUE))
  arms <- if (P$covariate_adjustment == "true" && enough) adjusted_arms(sums)
  if (is.null(arms)) list(arms = plain_arms(sums, rows), adjusted = FALSE) else list(arms = arms, adjusted = TRUE)
}

# -- Looks: how wide, how probable ----------------------------------------------------------------

# Nodes and weights of Gauss and Legendre (Golub & Welsch 1969).
legendre <- function(n) {
  k <- seq_len(n - 1)
  off <- k / sqrt(4 * k^2 - 1)
  jacobi <- matrix(0, n, n)
  jacobi[cbind(k, k + 1)] <- off
  jacobi[cbind(k + 1, k)] <- off
  found <- eigen(jacobi, symmetric = TRUE)
  list(nodes = found$values, weights = 2 * found$vectors[1, ]^2)
}

# (An end at which f is not finite counts as very large, which is as it should be, and not worth a warning.)
root <- function(f, low, high) suppressWarnings(uniroot(f, c(low, high), tol = 1e-15, maxiter = 10000)$root)

# One look: Student's t.
fixed <- function(alpha) {
  list(fixed = TRUE, critical = function(df) qt(alpha / 2, df, lower.tail = FALSE),
       p_two_sided = function(z, df) 2 * pt(abs(z), df, lower.tail = FALSE),
       p_of_side = function(z, df) pt(z, df, lower.tail = FALSE))
}

# Many looks at cohorts below 40 units: t counts as the normal statistic with its tail (Pocock 1977).
few_units <- function(rule) {
  force(rule)
  critical <- function(df) {
    tail <- pnorm(rule$critical(df), lower.tail = FALSE)
    if (tail > 0) qt(tail, df, lower.tail = FALSE) else Inf
  }
  p_two_sided <- function(z, df) {
    rule$p_two_sided(qnorm(pt(abs(z), df, lower.tail = FALSE), lower.tail = FALSE), df)
  }
  list(fixed = FALSE, critical = critical, p_two_sided = p_two_sided,
       p_of_side = function(z, df) if (z > 0) 0.5 * p_two_sided(z, df) else 1)
}

# A margin's p is half of the two-sided one on its good side, so that it agrees with the interval.
sequential <- function(critical, p_two_sided) {
  list(fixed = FALSE, critical = function(df) critical, p_two_sided = function(z, df) p_two_sided(z),
       p_of_side = function(z, df) if (z > 0) 0.5 * p_two_sided(z) else 1)
}

# The asymptotic confidence sequence (Waudby-Smith et al., arXiv:2103.06476, eq. 9).
always_valid <- function(alpha, units, size) {
  rho2 <- (-2 * log(alpha) + log(1 - 2 * log(alpha))) / size
  s <- units * rho2
  sequential(sqrt(2 * (s + 1) / s * log(sqrt(s + 1) / alpha)),
             function(z) min(1, sqrt(s + 1) * exp(-z * z * s / (2 * (s + 1)))))
}

spent_by <- function(spending, a, t) {
  if (spending == "pocock") return(a * log(1 + (exp(1) - 1) * min(t, 1)))
  2 * pnorm(qnorm(a / 2, lower.tail = FALSE) / sqrt(min(t, 1)), lower.tail = FALSE)
}

# Lan and DeMets: the bound that spends alpha over the information until now.
last_bound <- function(alpha, information, spending) {
  grid <- GRID()
  before_t <- 0; before_spent <- 0; points <- 0; mass <- 1
  for (t in information) {
    step <- sqrt(t - before_t)
    spent <- spent_by(spending, alpha / 2, t)
    above <- function(z) sum(mass * pnorm((points - z * sqrt(t)) / step))
    z <- if (spent - before_spent < 1e-290) Inf else {
      root(function(z) log(max(above(z), 1e-320)) - log(spent - before_spent), -10, 38)
    }
    reach <- min(z * sqrt(t), 9 * sqrt(t))
    inside <- reach * grid$nodes
    density <- as.vector(dnorm(outer(inside, points, "-") / step) %*% mass) / step
    points <- inside
    mass <- reach * grid$weights * density
    before_t <- t
    before_spent <- spent
  }
  z
}

GRID <- local({
  grid <- NULL
  function() {
    if (is.null(grid)) grid <<- legendre(400)
    grid
  }
})

group_sequential <- function(alpha, information, spending) {
  # The smallest alpha whose bound is z (Jennison & Turnbull's repeated p).
  p <- function(z) {
    excess <- function(log_alpha) min(last_bound(exp(log_alpha), information, spending), 1e3) - abs(z)
    if (excess(log(1 - 1e-9)) >= 0) 1 else exp(root(excess, -400, log(1 - 1e-9)))
  }
  sequential(last_bound(alpha, information, spending), p)
}

# Information of the looks until the one with so many units in a treatment and the control: those taken before, each
# planned one that no look is nearest to, and this one. (From full information on all looks are one, the last.)
information <- function(i, units) {
  size <- as.numeric(P$planned_units)
  many <- if (P$planned_looks == "") 5 else as.numeric(P$planned_looks)
  now <- min(max(units / size, 1e-6), 50)
  before <- function(t) t > 0 & t < now - 1e-9 & t < 1 - 1e-9
  of <- TAKEN[TAKEN$cohort %in% KEYS[c(CONTROL, i)], ]
  taken <- if (nrow(of)) as.vector(tapply(as.numeric(of$units), of$analysis, sum)) / size else numeric()
  looks <- c(taken[before(taken)], now)
  nearest <- floor(looks * many + 0.5)
  steps <- setdiff(seq_len(many - 1), nearest) / many
  looks <- sort(c(looks, steps[before(steps)]))
  looks[c(TRUE, diff(looks) >= 1e-9)]
}

rule_of <- function(alpha, i, units) {
  spending <- if (P$spending == "") "obrien_fleming" else P$spending
  switch(P$looks, fixed = fixed(alpha), always_valid = always_valid(alpha, units, as.numeric(P$planned_units)),
         group_sequential = group_sequential(alpha, information(i, units), spending))
}

# -- The contrast ---------------------------------------------------------------------------------

# T - C - m base, base 1 or |C unadjusted|, with the control's noise counted in both places.
contrast <- function(control, treatment, relative) {
  base <- if (relative) abs(control$plain) else 1
  sign <- if (relative) if (control$plain < 0) -1 else 1 else 0
  difference <- treatment$mean - control$mean
  control_var <- function(m) max(0, control$var + 2 * m * sign * control$cov + (m * sign)^2 * control$var_plain)
  at <- function(m) {
    v_c <- control_var(m)
    v_t <- treatment$var
    value <- difference - m * base
    if (v_c + v_t == 0) return(c(if (value == 0) 0 else base::sign(value) * Inf, control$df))
    c(value / sqrt(v_t + v_c), (v_t + v_c)^2 / (v_t^2 / treatment$df + v_c^2 / control$df))
  }
  of_control <- if (control$var_plain > 0) abs(control$plain) / sqrt(control$var_plain) else Inf
  bounded <- function(rule) {
    if (sign == 0) is.finite(rule$critical(at(0)[2])) else of_control > rule$critical(control$df)
  }
  # One end of the set of margins that are not rejected (Fieller 1954), outwards from the estimate: where the statistic
  # passes the critical value at that margin's own degrees of freedom.
  end <- function(rule, side) {
    if (!bounded(rule)) return(NA_real_)
    estimate <- difference / base
    excess <- function(m) {
      z <- at(m)
      -side * z[1] - rule$critical(z[2])
    }
    width <- rule$critical(at(estimate)[2]) * sqrt(treatment$var + control_var(estimate)) / base
    step <- max(width, 1e-12 * abs(estimate), 1e-300)
    while (excess(estimate + side * step) < 0) step <- 1.5 * step
    # In steps from the estimate, so that the tolerance is one of the width.
    estimate + side * step * root(function(part) excess(estimate + side * step * part), 0, 1)
  }
  list(at = at, bounded = bounded, end = end, of_control = of_control)
}

# Both intervals, the p-value and the conclusion; without a variance the estimate alone.
compare <- function(control, treatment, margin, margin_scale, direction, rule) {
  guarded <- !is.na(margin)
  nothing <- if (guarded) "not_yet_shown" else "no_difference_shown"
  found <- list(estimate = NA_real_, lower = NA_real_, upper = NA_real_, relative = NA_real_, relative_lower = NA_real_,
                relative_upper = NA_real_, p = NA_real_, conclusion = nothing)
  if (is.null(control) || is.null(treatment)) return(found)
  if (min(control$n, treatment$n) < FEW && !rule$fixed) rule <- few_units(rule)
  found$estimate <- treatment$mean - control$mean
  if (control$plain != 0) found$relative <- found$estimate / abs(control$plain)
  on_relative <- guarded && margin_scale == "relative"
  if (control$var + treatment$var <= 0 || (on_relative && control$plain == 0)) return(found)
  absolute <- contrast(control, treatment, FALSE)
  relative <- if (control$plain != 0) contrast(control, treatment, TRUE)
  judged <- if (on_relative) relative else absolute
  good <- if (direction == "increase") 1 else -1
  z <- judged$at(if (guarded) -good * margin else 0)
  p_of <- function(z, df) if (guarded) rule$p_of_side(z, df) else rule$p_two_sided(z, df)
  p <- p_of(good * z[1], z[2])
  bounded <- judged$bounded(rule)
  if (!bounded) p <- max(p, p_of(judged$of_control, control$df))
  critical <- rule$critical(z[2])
  words <- if (guarded) c("non_inferior", "inferior") else c("better", "worse")
  if (bounded && good * z[1] > critical) found$conclusion <- words[1]
  if (bounded && -good * z[1] > critical) found$conclusion <- words[2]
  found$lower <- absolute$end(rule, -1)
  found$upper <- absolute$end(rule, 1)
  if (!is.null(relative)) {
    found$relative_lower <- relative$end(rule, -1)
    found$relative_upper <- relative$end(rule, 1)
  }
  found$p <- min(p, 1)
  found
}

# The largest of several comparisons with one control (Dunnett 1955), normal law.
dunnett <- function(arms) {
  control <- if (is.null(arms[[CONTROL]])) NA else arms[[CONTROL]]$var
  others <- unlist(lapply(arms[TREATMENTS], `[[`, "var"))
  others <- others[!is.na(control + others) & control + others > 0]
  loadings <- sqrt(control / (control + others))
  active <- length(loadings) > 1
  # 1 - P(all |Z| < z), given the part u that the comparisons share; a treatment without noise strays with u.
  p_of_largest <- function(z) {
    outside <- function(u) {
      inside <- rep(1, length(u))
      for (l in loadings) {
        own <- sqrt(1 - l * l)
        inside <- inside * if (own > 0) pnorm((z + l * u) / own) - pnorm((l * u - z) / own) else as.numeric(abs(u) < z)
      }
      dnorm(u) * (1 - inside)
    }
    grid <- GRID()
    part <- function(low, high) (high - low) * sum(grid$weights * outside(low + (high - low) * (grid$nodes + 1) / 2))
    part(0, z) + part(z, z + 9)
  }
  confidence <- function() {
    if (!active) return(CONFIDENCE)
    alpha <- 1 - CONFIDENCE
    z <- root(function(z) p_of_largest(z) - alpha, qnorm(alpha / 2, lower.tail = FALSE) - 1e-6,
              qnorm(alpha / 2 / length(loadings), lower.tail = FALSE) + 1e-6)
    2 * pnorm(z) - 1
  }
  p <- function(p, one_sided) {
    two_sided <- if (one_sided) 2 * p else p
    if (!active || is.na(p) || two_sided > 1) return(p)
    bonferroni <- two_sided * length(loadings)
    allowed <- if (bonferroni < 1e-9) bonferroni else max(p_of_largest(qnorm(two_sided / 2, lower.tail = FALSE)), two_sided)
    if (one_sided) allowed / 2 else allowed
  }
  list(active = active, confidence = confidence, p = p)
}

# Each treatment against the control; `plain` leaves the plan out (parts of net value, segments). Group-sequential figures
# stand where the whole experiment stands, but for the days of a series.
compare_all <- function(arms, metric, units = ASSIGNED, plain = FALSE, day = FALSE) {
  if (P$looks == "group_sequential" && !day) units <- ASSIGNED
  guarded <- !plain && has_margin(metric)
  margin <- if (guarded) as.numeric(planned(metric, "margin")) else NA_real_
  scale <- if (guarded) planned(metric, "margin_scale") else "relative"
  allowance <- dunnett(arms)
  lapply(TREATMENTS, function(i) {
    alpha <- 1 - allowance$confidence()
    if (day && allowance$active && P$looks == "group_sequential") {
      digit <- 10^(floor(log10(alpha)) - 2)
      alpha <- floor(alpha / digit + 1e-6) * digit
    }
    rule <- rule_of(alpha, i, units[CONTROL] + units[i])
    one <- compare(arms[[CONTROL]], arms[[i]], margin, scale, DIRECTION[[metric]], rule)
    one$p <- allowance$p(one$p, guarded)
    one
  })
}

# -- Waits ----------------------------------------------------------------------------------------

# Kaplan and Meier's curve of one cohort; its variance between units by the infinitesimal jackknife.
curve_of <- function(unit, time, ended) {
  at <- sort(unique(time[ended]))
  d <- tabulate(match(time[ended], at), length(at))
  risk <- length(time) - findInterval(at, sort(time), left.open = TRUE)
  s <- cumprod(1 - d / risk)
  # First time with S below 1 - p; where S equals it on an interval, the middle (as in the package survival).
  quantile <- function(p) {
    i <- which(s <= 1 - p + 1e-9)[1]
    if (is.na(i)) return(NA_real_)
    flat <- abs(s[i] - (1 - p)) <= 1e-9 && i < length(at)
    if (flat) (at[i] + at[i + 1]) / 2 else at[i]
  }
  # Each unit's influence on a figure that changes by weights[i] per unit of ln(1 - d/Y) at step i.
  by_unit <- function(weights) {
    gone <- ifelse(risk > d, d / (risk * (risk - d)), 0)
    beyond <- cumsum(weights * gone)
    fell <- beyond - weights * gone - weights / risk
    last <- findInterval(time, at)
    influence <- c(0, beyond)[last + 1]
    influence[ended] <- fell[last[ended]]
    rowsum(influence, unit)[, 1]
  }
  of_units <- function(influences) {
    k <- length(influences)
    if (k > 1) sqrt(k / (k - 1) * sum(influences^2)) else NA_real_
  }
  std_error <- function(weights) of_units(by_unit(weights))
  waiting <- function(t) c(1, s)[findInterval(t, at) + 1]
  # The share waiting at t has this error.
  error_at <- function(t) std_error(ifelse(at <= t, waiting(t), 0))
  # The integral of S to tau, and from each step to tau.
  areas <- function(tau) {
    ends <- c(at[at < tau], tau)
    area <- diff(c(0, ends)) * c(1, s)[seq_along(ends)]
    list(mean = sum(area), after = c(rev(cumsum(rev(area)))[-1], numeric(length(at) - length(ends) + 1)))
  }
  restricted_mean <- function(tau) {
    found <- areas(tau)
    c(found$mean, std_error(found$after))
  }
  z <- qnorm((1 - CONFIDENCE) / 2, lower.tail = FALSE)
  # By when the share p has ended, with the interval of that share read off the curve (Woodruff 1952).
  percentile <- function(p) {
    found <- quantile(p)
    error <- if (is.na(found)) NA_real_ else error_at(found)
    if (is.na(error)) return(c(found, NA, NA))
    end <- function(share) if (share > 0 && share < 1) quantile(share) else NA_real_
    c(found, end(p - z * error), end(p + z * error))
  }
  # The median, its standard error that of its interval.
  median_arm <- function() {
    if (!length(at)) return(NULL)
    found <- percentile(0.5)
    width <- found[3] - found[2]
    if (is.na(width)) return(NULL)
    units <- length(unique(unit))
    arm(units, found[1], (width / (2 * z))^2, units - 1)
  }
  list(unit = unit, time = time, ended_at = ended, at = at, units = length(unique(unit)), waits = length(time), ended = sum(ended), median = quantile(0.5), arm = median_arm(),
       waiting = waiting, error_at = error_at, areas = areas, by_unit = by_unit, of_units = of_units,
       restricted_mean = restricted_mean, percentile = percentile)
}

# Of equal curves: the log-rank test, its variance between units (Lin and Wei 1989).
log_rank <- function(control, treatment) {
  if (is.null(control) || is.null(treatment)) return(NA_real_)
  at <- sort(unique(c(control$at, treatment$at)))
  risk <- function(curve) length(curve$time) - findInterval(at, sort(curve$time), left.open = TRUE)
  over <- function(curve) tabulate(match(curve$time[curve$ended_at], at), length(at))
  all <- risk(control) + risk(treatment)
  share <- risk(treatment) / all
  step <- (over(control) + over(treatment)) / all
  part <- function(z, curve) {
    last <- findInterval(curve$time, at) + 1
    hazard <- c(0, cumsum(step))[last]
    share_hazard <- c(0, cumsum(share * step))[last]
    rowsum(curve$ended_at * (z - c(0, share)[last]) - (z * hazard - share_hazard), curve$unit)[, 1]
  }
  sums <- c(part(0, control), part(1, treatment))
  if (any(sums != 0)) pchisq(sum(sums)^2 / sum(sums^2), 1, lower.tail = FALSE) else NA_real_
}

# A curve for each cohort, NULL without waits.
curves <- function(column, ended, period = "window") {
  hours <- numbers(CONVERSATIONS[[column]])
  use <- CONVERSATIONS$period == period & !is.na(hours)
  cohort <- UNITS$cohort[unit_row(CONVERSATIONS$unit_id)]
  lapply(KEYS, function(key) {
    of <- use & cohort == key
    if (any(of)) curve_of(CONVERSATIONS$unit_id[of], hours[of], ended[of])
  })
}

# -- From facts to what each unit brings to each metric -------------------------------------------

# Numerator and denominator of each conversation, by metric.
conversation_shares <- function() {
  c <- CONVERSATIONS
  score <- numbers(c$score)
  value <- numbers(c$emotional_value)
  opened <- moments(c$opened_at); replied <- moments(c$first_reply_at); due <- moments(c$due_at)
  first_closed <- moments(c$first_closed_at); closed <- moments(c$closed_at)
  reopened <- moments(c$reopened_at); rated <- moments(c$first_rated_at)
  spent <- function(x) ifelse(is.na(x), 0, x)
  handle <- numbers(c$handle_hours)
  after <- numbers(c$after_contact_hours)
  was <- function(at) !is.na(at)
  yes <- function(condition) !is.na(condition) & condition
  kept <- yes(replied >= opened & replied <= due)
  broken <- !kept & yes(due < AS_OF) & !yes(replied < opened)
  week <- 7 * DAY
  judged <- yes(closed + week <= AS_OF)
  about <- match(paste(c$customer_id, c$topic, sep = "\r"), unique(paste(c$customer_id, c$topic, sep = "\r")))
  asked <- split(opened, about)
  followed <- logical(nrow(c))
  for (k in which(judged)) {
    at <- asked[[about[k]]]
    followed[k] <- any(at > closed[k] & at <= closed[k] + week)
  }
  pair <- function(y, x) cbind(as.numeric(y), as.numeric(x))
  list(csat = pair(yes(score >= 4), was(score)),
       csat_response_rate = pair(was(first_closed) & was(rated), was(first_closed)),
       net_emotional_value = pair(spent(value), was(value)),
       promise_kept = pair(kept, kept | broken),
       first_contact_resolution = pair(judged & !followed & !was(reopened), judged),
       reopen_rate = pair(was(first_closed) & was(reopened), was(first_closed)),
       conversations_per_agent_hour = pair(was(closed), spent(handle + after)),
       handle_time = pair(spent(handle), was(closed)),
       after_contact_time = pair(spent(after), was(closed)))
}

# Revenue of a month, and whether it was carried from an earlier one.
in_month <- function(customer, month) {
  place <- match(month, customer$month)
  if (!is.na(place)) return(c(customer$amount[place], 0))
  before <- customer$month[customer$month < month]
  if (!length(before)) return(c(0, 0))
  last <- max(before)
  if (any(customer$left_month >= last & customer$left_month < month)) return(c(0, 0))
  amount <- customer$amount[match(last, customer$month)]
  c(amount, amount > 0)
}

revenue_of <- function(customer, month) {
  place <- match(month, customer$month)
  if (is.na(place)) 0 else customer$amount[place]
}

# It left and did not come back, or its base revenue has fallen to zero.
lost_by <- function(customer, month, assigned) {
  for (k in which(customer$left >= assigned & customer$left_month <= month)) {
    back <- customer$month > customer$left_month[k] & customer$month <= month & customer$amount > 0
    if (!any(back)) return(TRUE)
  }
  revenue_of(customer, month_of(assigned)) > 0 && in_month(customer, month)[1] <= 0
}

# metric -> a row (y, x, y0, x0) for each row of UNITS, and what units.csv says of each unit's money.
shares_by_unit <- function() {
  n <- nrow(UNITS)
  out <- list()
  empty <- function() cbind(numeric(n), numeric(n), rep(NA_real_, n), rep(NA_real_, n))
  unit <- factor(unit_row(CONVERSATIONS$unit_id), levels = seq_len(n))
  window <- CONVERSATIONS$period == "window"
  total <- function(values, of) {
    found <- rowsum(values[of, , drop = FALSE], as.integer(unit[of]))
    list(rows = as.integer(rownames(found)), values = unname(found))
  }
  shares <- conversation_shares()
  for (metric in names(shares)) {
    rows <- empty()
    if (any(window)) {
      found <- total(shares[[metric]], window)
      rows[found$rows, 1:2] <- found$values
    }
    # Nobody was told a level before.
    if (any(!window) && metric != "promise_kept") {
      found <- total(shares[[metric]], !window)
      use <- found$values[, 2] > 0
      rows[found$rows[use], 3:4] <- found$values[use, ]
    }
    out[[metric]] <- rows
  }
  asked <- as.vector(table(unit[window]))
  asked_before <- as.vector(table(unit[!window]))
  spent <- numbers(CONVERSATIONS$handle_hours) + numbers(CONVERSATIONS$after_contact_hours)
  spent[is.na(spent)] <- 0
  hours <- function(of) {
    sums <- tapply(spent[of], unit[of], sum)
    ifelse(is.na(sums), 0, sums)
  }
  hours_window <- hours(window)
  hours_before <- hours(!window)
  opened_month <- month_of(moments(CONVERSATIONS$opened_at))
  of_unit <- split(which(window), unit[window])
  fact_at <- moments(FACTS$at)
  fact_month <- month_of(fact_at)
  fact_value <- numbers(FACTS$value)
  facts_of <- split(seq_len(nrow(FACTS)), factor(unit_row(FACTS$unit_id), levels = seq_len(n)))
  assigned_at <- moments(UNITS$assigned_at)
  costs <- if (P$agent_hour != "") as.numeric(c(P$agent_hour, P$gross_margin, P$replacement_cost))
  worth <- matrix(0, n, 4)
  base <- numeric(n)
  carried <- rep(NA_real_, n)
  own <- setdiff(PLAN$metric, BUILT_IN)
  for (metric in c("questions_asked", REVENUE, "cost_to_serve", "net_value", own)) out[[metric]] <- empty()
  for (u in seq_len(n)) {
    assigned <- assigned_at[u]
    joined <- month_of(assigned)
    start <- assigned - 90 * DAY
    mine <- facts_of[[u]]
    revenue <- mine[FACTS$fact[mine] == "revenue"]
    counted <- revenue[P$currency == "" | FACTS$name[revenue] == P$currency]
    left <- mine[FACTS$fact[mine] == "churned"]
    customers <- lapply(unique(FACTS$customer_id[mine]), function(id) {
      r <- counted[FACTS$customer_id[counted] == id]
      l <- left[FACTS$customer_id[left] == id]
      list(month = fact_month[r], amount = fact_value[r], left = fact_at[l], left_month = fact_month[l])
    })
    add <- function(f) sum(vapply(customers, f, 0))
    known <- asked_before[u] > 0 || any(fact_month[revenue] >= month_of(start) & fact_month[revenue] < joined)
    pre <- function(y, x) if (known) c(y, x) else c(NA, NA)
    out$questions_asked[u, ] <- c(asked[u], 1, pre(asked_before[u], 1))
    base[u] <- add(function(c) revenue_of(c, joined))
    if (base[u] > 0 && joined < LAST_MONTH) {
      carried[u] <- add(function(c) if (in_month(c, LAST_MONTH)[2] > 0) revenue_of(c, joined) else 0)
      now <- add(function(c) in_month(c, LAST_MONTH)[1])
      out$net_revenue_retention[u, 1:2] <- c(now, base[u])
      out$gross_revenue_retention[u, 1:2] <- c(min(now, base[u]), base[u])
      out$churn[u, 1:2] <- c(as.numeric(now <= 0), 1)
    }
    months <- if (LAST_MONTH > joined) (joined + 1):LAST_MONTH
    if (length(months)) {
      in_them <- of_unit[[u]][opened_month[of_unit[[u]]] %in% months]
      worth[u, ] <- c(sum(month_start(months + 1) - month_start(months)) / DAY / 30, sum(spent[in_them]),
                      add(function(c) sum(vapply(months, function(m) in_month(c, m)[1], 0))),
                      add(function(c) as.numeric(lost_by(c, max(months), assigned))))
    }
    if (!is.null(costs)) {
      out$cost_to_serve[u, ] <- c(costs[1] * hours_window[u], (AS_OF - assigned) / DAY / 30, pre(costs[1] * hours_before[u], 3))
      if (length(months)) {
        out$net_value[u, 1:2] <- c(sum(c(-costs[1], costs[2], -costs[3]) * worth[u, 2:4]), worth[u, 1])
      }
    }
    for (metric in own) {
      told <- mine[FACTS$fact[mine] == "figure"]
      values <- function(name, from, before) {
        of <- told[FACTS$name[told] == name]
        fact_value[of][fact_at[of] >= from & fact_at[of] < before]
      }
      during <- function(name) values(name, assigned, AS_OF + 1)
      before <- function(name) values(name, start, assigned)
      kind <- planned(metric, "kind")
      if (kind == "ratio") {
        below <- planned(metric, "denominator")
        pre0 <- c(sum(before(metric)), sum(before(below)))
        out[[metric]][u, ] <- c(sum(during(metric)), sum(during(below)), if (pre0[2] > 0) pre0 else c(NA, NA))
      } else {
        figure <- function(values) if (kind == "share") as.numeric(sum(values) > 0) else sum(values)
        heard <- known || length(before(metric)) > 0
        out[[metric]][u, ] <- c(figure(during(metric)), 1, if (heard) c(figure(before(metric)), 1) else c(NA, NA))
      }
    }
  }
  list(measures = out, worth = worth, base = base, carried = carried)
}

REVENUE <- c("net_revenue_retention", "gross_revenue_retention", "churn")
WAITS <- c("first_response_time", "resolution_time")
BUILT_IN <- c("csat", "csat_response_rate", "questions_asked", REVENUE, "conversations_per_agent_hour", "handle_time",
              "after_contact_time", "cost_to_serve", "net_value", WAITS, "promise_kept", "first_contact_resolution",
              "reopen_rate", "net_emotional_value")

# -- Each table -----------------------------------------------------------------------------------

# Facts give what each unit brings to each metric.
check_measures <- function(made) {
  for (metric in intersect(names(made$measures), names(DIRECTION))) {
    rows <- made$measures[[metric]]
    stored <- MEASURES[MEASURES$metric == metric, ]
    counted <- which(rows[, 1] != 0 | rows[, 2] != 0)
    place <- unit_row(stored$unit_id)
    for (u in setdiff(counted, place)) differences <<- c(differences, paste("measures", UNITS$unit_id[u], metric, "missing"))
    for (u in setdiff(place, counted)) {
      differences <<- c(differences, paste("measures", UNITS$unit_id[u], metric, "nothing in the facts gives it"))
    }
    where <- paste(stored$unit_id, metric)
    for (k in 1:4) {
      column <- c("numerator", "denominator", "pre_numerator", "pre_denominator")[k]
      if (nrow(stored)) same("measures", where, column, stored[[column]], rows[place, k], scale = 1e-6)
    }
  }
  same("units", UNITS$unit_id, "base_revenue", UNITS$base_revenue, made$base)
  same("units", UNITS$unit_id, "base_carried", UNITS$base_carried, made$carried)
  for (k in 1:4) {
    column <- c("worth_months", "worth_hours", "worth_revenue", "worth_lost")[k]
    same("units", UNITS$unit_id, column, UNITS[[column]], made$worth[, k])
  }
}

# Of each cohort the units that bring something.
by_cohort <- function(rows) {
  use <- rows[, 1] != 0 | rows[, 2] != 0
  lapply(seq_along(KEYS), function(i) rows[use & COHORT_OF == i, , drop = FALSE])
}

# Metrics that are the same for every unit of a cohort: what is left of their variance is rounding, and no two programs
# round alike. Their values and differences are compared, not their ranges.
ROUNDED <- character()

check_metrics <- function(metric, arms, sums = NULL, rows = NULL, waits = NULL) {
  for (i in seq_along(KEYS)) {
    row <- METRICS[METRICS$metric == metric & METRICS$cohort == KEYS[i], ]
    where <- paste(metric, KEYS[i])
    one <- arms[[i]]
    if (is.null(sums)) {
      curve <- waits[[i]]
      known <- !is.null(curve)
      same("metrics", where, "n", row$n, if (known) curve$units else 0)
      same("metrics", where, "value", row$value, if (known) curve$median else NA_real_)
      same("metrics", where, "numerator", row$numerator, if (known) curve$ended else NA_real_)
      same("metrics", where, "denominator", row$denominator, if (known) curve$waits else NA_real_)
    } else {
      s <- sums[[i]]
      if (!is.null(rows)) same("metrics", where, "n", row$n, sum(rows[[i]][, 2] > 0))
      same("metrics", where, "numerator", row$numerator, if (s$n) s$y else NA_real_, scale = 1e-6)
      same("metrics", where, "denominator", row$denominator, if (s$n) s$x else NA_real_)
      same("metrics", where, "value", row$value, if (s$x != 0) s$y / s$x else NA_real_, scale = 1e-9)
    }
    noise <- if (is.null(one)) 0 else 1e-7 * abs(one$plain)
    if (noise > 0 && sqrt(one$var_plain) <= noise && row$std_error != "" && numbers(row$std_error) <= noise) {
      ROUNDED <<- union(ROUNDED, metric)
      next
    }
    same("metrics", where, "std_error", row$std_error, if (is.null(one)) NA_real_ else sqrt(one$var_plain),
         scale = if (is.null(one)) 0 else 1e-6 * abs(one$plain))
  }
}

# Whether revenue may not be judged yet: too much of it carried, or units not followed long enough.
withheld <- function(metric) {
  days <- as.numeric(P$follow_up_days)
  last <- if (nrow(UNITS)) max(moments(UNITS$assigned_at)) else PLANNED_END
  last <- if (AS_OF < PLANNED_END) PLANNED_END else min(last, PLANNED_END)
  too_early <- days > 0 && AS_OF < last + days * DAY && planned(metric, "role") == "guardrail"
  rows <- lapply(seq_along(KEYS), function(i) {
    of <- UNITS[COHORT_OF == i & UNITS$base_carried != "", ]
    cbind(numbers(of$base_carried), numbers(of$base_revenue), rep(NA_real_, nrow(of)), rep(NA_real_, nrow(of)))
  })
  total <- Reduce(`+`, lapply(rows, function(part) colSums(part[, 1:2, drop = FALSE])))
  arms <- lapply(rows, function(part) ratio_arm(sums_of(part)))
  uneven <- vapply(TREATMENTS, function(i) compare(arms[[CONTROL]], arms[[i]], NA, "", "increase", fixed(0.05))$p, 0)
  incomplete <- total[2] > 0 && (total[1] / total[2] > 0.05 || any(uneven < 0.001, na.rm = TRUE))
  too_early || (incomplete && metric != "net_value")
}

# Corrects the p-values over the secondary metrics and holds all of it against the table.
check_comparisons <- function(found, adjusted) {
  if (P$looks == "group_sequential" && nrow(TAKEN)) {
    earlier <- TAKEN[moments(TAKEN$as_of) < AS_OF, ]
    full <- vapply(TREATMENTS, function(i) {
      of <- earlier[earlier$cohort %in% KEYS[c(CONTROL, i)], ]
      nrow(of) > 0 && any(tapply(as.numeric(of$units), of$analysis, sum) >= as.numeric(P$planned_units))
    }, TRUE)
    if (any(full)) {
      cat("After the last look ranges also cover those of that look, which this file does not hold: comparisons are not",
          "recomputed.\n")
      return(invisible())
    }
  }
  kind <- c(none = "none", holm = "holm", benjamini_hochberg = "BH")[[P$correction]]
  for (place in seq_along(TREATMENTS)) {
    mine <- lapply(found, `[[`, place)
    secondary <- Filter(function(metric) planned(metric, "role") == "secondary" && !is.na(mine[[metric]]$p), names(mine))
    corrected <- if (kind == "none") numeric() else p.adjust(vapply(mine[secondary], `[[`, 0, "p"), kind)
    for (metric in names(mine)) {
      one <- mine[[metric]]
      row <- COMPARISONS[COMPARISONS$metric == metric & COMPARISONS$treatment == KEYS[TREATMENTS[place]], ]
      if (!nrow(row)) next
      guarded <- has_margin(metric)
      nothing <- if (guarded) "not_yet_shown" else "no_difference_shown"
      level <- if (guarded) (1 - CONFIDENCE) / 2 else 1 - CONFIDENCE
      p_adjusted <- if (metric %in% names(corrected)) corrected[[metric]] else NA_real_
      conclusion <- one$conclusion
      if (!is.na(p_adjusted) && conclusion != "inferior" && p_adjusted > level) conclusion <- nothing
      judged <- WITH_UNITS || !(metric %in% c(REVENUE, "net_value"))
      if (WITH_UNITS && metric %in% c(REVENUE, "net_value") && withheld(metric)) conclusion <- nothing
      where <- paste(metric, KEYS[TREATMENTS[place]])
      width <- if (is.na(one$upper - one$lower)) abs(one$estimate) else one$upper - one$lower
      relative_width <- if (is.na(one$relative_upper - one$relative_lower)) 0 else one$relative_upper - one$relative_lower
      width <- if (is.na(width)) 0 else width
      if (metric %in% ROUNDED) {
        same("comparisons", where, "absolute_estimate", row$absolute_estimate, one$estimate, 1e-6)
        next
      }
      same("comparisons", where, "absolute_estimate", row$absolute_estimate, one$estimate, width)
      same("comparisons", where, "absolute_lower", row$absolute_lower, one$lower, width)
      same("comparisons", where, "absolute_upper", row$absolute_upper, one$upper, width)
      same("comparisons", where, "relative_estimate", row$relative_estimate, one$relative, relative_width)
      same("comparisons", where, "relative_lower", row$relative_lower, one$relative_lower, relative_width)
      same("comparisons", where, "relative_upper", row$relative_upper, one$relative_upper, relative_width)
      same("comparisons", where, "p_value", row$p_value, one$p, 1e-12, tolerance = 1e-6)
      same("comparisons", where, "p_value_adjusted", row$p_value_adjusted, p_adjusted, 1e-12, tolerance = 1e-6)
      same("comparisons", where, "adjusted", row$adjusted, adjusted[[metric]])
      if (judged) same("comparisons", where, "conclusion", row$conclusion, conclusion)
    }
  }
}

# What net value is made of, a month and a year.
check_economics <- function(found, worth) {
  table <- read("economics")
  if (P$agent_hour == "" || !nrow(table)) return(invisible())
  costs <- as.numeric(c(P$agent_hour, P$gross_margin, P$replacement_cost))
  place <- match(match(table$treatment[1], KEYS), TREATMENTS)
  followed <- worth[, 1] > 0
  priced <- function(prices) {
    value <- as.vector(worth[, 2:4] %*% prices)
    rows <- lapply(seq_along(KEYS), function(i) {
      of <- followed & COHORT_OF == i
      cbind(value[of], worth[of, 1], rep(NA_real_, sum(of)), rep(NA_real_, sum(of)))
    })
    compare_all(plain_arms_of(rows), "net_value", plain = TRUE)[[place]]
  }
  saving <- priced(c(-costs[1], 0, 0))
  loss <- priced(c(0, -costs[2], costs[3]))
  units <- floor(sum(ASSIGNED) / as.numeric(P$traffic_share) + 0.5)
  a_year <- units * 365 / 30
  usual <- followed & COHORT_OF == CONTROL
  revenue <- if (any(usual)) sum(worth[usual, 3]) / sum(worth[usual, 1]) else NA_real_
  three <- function(one, by = 1) c(one$estimate, one$lower, one$upper) * by
  alone <- function(value) c(value, NA, NA)
  net <- found$net_value[[place]]
  own <- list("saving unit_and_30_days" = three(saving), "retention_loss unit_and_30_days" = three(loss),
              "net_value unit_and_30_days" = three(net), "saving year" = three(saving, a_year),
              "retention_loss year" = three(loss, a_year), "net_value year" = three(net, a_year),
              "hours_saved year" = alone(if (costs[1] != 0) saving$estimate * a_year / costs[1] else NA_real_),
              "units segment" = alone(units), "control_revenue unit_and_30_days" = alone(revenue),
              "break_even_retention_loss share" =
                alone(if (isTRUE(revenue * costs[2] > 0)) saving$estimate / (revenue * costs[2]) else NA_real_))
  for (k in seq_len(nrow(table))) {
    where <- paste(table$sum[k], table$per[k])
    mine <- own[[where]]
    width <- if (is.na(mine[3] - mine[2])) 0 else mine[3] - mine[2]
    for (j in 1:3) same("economics", where, c("estimate", "lower", "upper")[j], table[[c("estimate", "lower", "upper")[j]]][k],
                        mine[j], width)
  }
  lines <- read("sensitivity")
  at_price <- function(parameter, value, by = 1) {
    other <- costs
    other[match(parameter, c("agent_hour", "gross_margin", "replacement_cost"))] <- value
    three(priced(c(-other[1], other[2], -other[3])), by)
  }
  for (k in seq_len(nrow(lines))) {
    line <- lines[k, ]
    mine <- at_price(line$parameter, as.numeric(line$value), a_year)
    where <- paste(line$parameter, "x", line$factor)
    for (j in 1:3) {
      column <- c("net_value_estimate", "net_value_lower", "net_value_upper")[j]
      same("sensitivity", where, column, line[[column]], mine[j], mine[3] - mine[2])
    }
    # Where a figure turns, it is zero: measured against the interval's width.
    turns <- c(estimate_turns_at = 1, lower_turns_at = 2, lower_turns_again_at = 2)
    for (column in names(turns)[unlist(line[names(turns)]) != ""]) {
      there <- at_price(line$parameter, as.numeric(line[[column]]))
      same("sensitivity", where, column, "0", there[turns[[column]]], there[3] - there[2])
    }
  }
}

# Units give the sums as of the end.
check_moments <- function(rows, metric) {
  stored <- MOMENTS[MOMENTS$metric == metric & MOMENTS$until == P$as_of, ]
  for (k in seq_len(nrow(stored))) {
    own <- sums_of(rows[[match(stored$cohort[k], KEYS)]])
    for (j in seq_along(SUMS)) {
      same("moments", paste(metric, stored$cohort[k]), SUMS_OF_MOMENTS[j], stored[[SUMS_OF_MOMENTS[j]]][k], own[[j]])
    }
  }
}

# The sums of each day give that day's point.
check_series <- function() {
  series <- read("series")
  days <- split(MOMENTS, paste(MOMENTS$metric, MOMENTS$until))
  own <- lapply(split(series, paste(series$metric, series$at)), function(part) {
    metric <- part$metric[1]
    day <- days[[paste(metric, part$at[1])]]
    units <- as.numeric(day$units)[match(KEYS, day$cohort)]
    found <- compare_all(arms_of(stored_sums(day))$arms, metric, units, day = TRUE)
    for (k in seq_len(nrow(part))) {
      one <- found[[match(match(part$treatment[k], KEYS), TREATMENTS)]]
      mine <- if (part$scale[k] == "relative") c(one$relative, one$relative_lower, one$relative_upper) else {
        c(one$estimate, one$lower, one$upper)
      }
      where <- paste(metric, part$treatment[k], part$at[k])
      width <- if (is.na(mine[3] - mine[2])) 0 else mine[3] - mine[2]
      same("series", where, "units", part$units[k], sum(units))
      for (j in 1:3) same("series", where, c("estimate", "lower", "upper")[j], part[[c("estimate", "lower", "upper")[j]]][k],
                          mine[j], width)
    }
  })
}

# Which looks a group-sequential experiment pays for.
check_looks <- function() {
  looks <- read("looks")
  for (treatment in unique(looks$treatment)) {
    part <- looks[looks$treatment == treatment, ]
    i <- match(treatment, KEYS)
    own <- information(i, ASSIGNED[CONTROL] + ASSIGNED[i])
    same("looks", treatment, "look", tail(part$look, 1), length(own))
    same("looks", treatment, "information", part$information, own)
    bound <- last_bound(1 - CONFIDENCE, own, if (P$spending == "") "obrien_fleming" else P$spending)
    same("looks", treatment, "critical_value", tail(part$critical_value, 1), if (is.finite(bound)) bound else NA_real_)
  }
}

# The interval about Lee's bounds for the difference itself (Imbens and Manski 2004), errors between units. A row a unit:
# how often it was asked, answered, and was satisfied.
lee_interval <- function(control, treatment) {
  rate <- function(units) sum(units[, 2]) / sum(units[, 1])
  swapped <- rate(treatment) < rate(control)
  more <- if (swapped) control else treatment
  less <- if (swapped) treatment else control
  asked <- sum(more[, 1])
  said_no <- (sum(more[, 2]) - sum(more[, 3])) / asked
  said_yes <- sum(more[, 3]) / asked
  share <- sum(less[, 3]) / sum(less[, 2])
  of_less <- rate(less)
  of_share <- c(0, share, -1) / sum(less[, 2])
  of_rate <- c(-of_less, 1, 0) / (of_less^2 * sum(less[, 1]))
  noise <- function(units, weights) nrow(units) * var(as.vector(units %*% weights))
  # Where the bound is the edge of what a share can be, the other cohort's share alone is noise.
  error_of <- function(open, of_more, by) {
    if (!open) return(sqrt(noise(less, of_share)))
    sqrt(noise(more, of_more / (of_less * asked)) + noise(less, of_share + by * of_rate))
  }
  low <- 1 - said_no / of_less
  high <- said_yes / of_less
  errors <- c(error_of(low > 0, c(said_no, -1, 1), said_no), error_of(high < 1, c(-said_yes, 0, 1), -said_yes))
  ends <- c(max(0, low), min(1, high)) - share
  if (swapped) {
    ends <- -rev(ends)
    errors <- rev(errors)
  }
  if (max(errors) <= 0) return(c(NA_real_, NA_real_))
  width <- max(0, ends[2] - ends[1]) / max(errors)
  reach <- function(tail) qnorm(tail * (1 - CONFIDENCE), lower.tail = FALSE)
  covers <- function(c) pnorm(c + width) - pnorm(-c) - CONFIDENCE
  c <- uniroot(covers, c(reach(1) - 1e-9, reach(0.5) + 1e-9), tol = 1e-14)$root
  ends + c(-1, 1) * c * errors
}

# Where response rates differ, how far CSAT's difference could go (Lee 2009, with fractional trimming).
check_lee <- function(rates) {
  # Mean of the best (or worst) share of answers of which `good` of `all` are ones.
  kept <- function(share, good, all, from_top) {
    wanted <- share * all
    (if (from_top) min(good, wanted) else max(0, good - (all - wanted))) / wanted
  }
  score <- numbers(CONVERSATIONS$score)
  cohort <- UNITS$cohort[unit_row(CONVERSATIONS$unit_id)]
  answers <- function(i) {
    own <- CONVERSATIONS$period == "window" & cohort == KEYS[i]
    rated <- own & !is.na(score)
    c(sum(score[rated] >= 4), sum(rated), sum(own & (CONVERSATIONS$first_closed_at != "" | rated)))
  }
  by_unit <- function(i) {
    own <- CONVERSATIONS$period == "window" & cohort == KEYS[i]
    asked <- own & (CONVERSATIONS$first_closed_at != "" | !is.na(score))
    rated <- !is.na(score[asked])
    rowsum(cbind(1, rated, rated & score[asked] >= 4) * 1, CONVERSATIONS$unit_id[asked])
  }
  for (place in seq_along(TREATMENTS)) {
    treatment <- KEYS[TREATMENTS[place]]
    row <- COMPARISONS[COMPARISONS$metric == "csat" & COMPARISONS$treatment == treatment, ]
    where <- paste("csat", treatment)
    rate <- rates[[place]]
    same("comparisons", where, "response_rate_difference", row$response_rate_difference, rate$estimate, 1e-6)
    same("comparisons", where, "response_rate_lower", row$response_rate_lower, rate$lower, 1e-6)
    same("comparisons", where, "response_rate_upper", row$response_rate_upper, rate$upper, 1e-6)
    usual <- answers(CONTROL)
    slow <- answers(TREATMENTS[place])
    if (usual[2] == 0 || slow[2] == 0) next
    rate_c <- usual[2] / usual[3]
    rate_t <- slow[2] / slow[3]
    keep_c <- min(1, rate_t / rate_c)
    keep_t <- min(1, rate_c / rate_t)
    low <- kept(keep_t, slow[1], slow[2], FALSE) - kept(keep_c, usual[1], usual[2], TRUE)
    high <- kept(keep_t, slow[1], slow[2], TRUE) - kept(keep_c, usual[1], usual[2], FALSE)
    same("comparisons", where, "lee_lower", row$lee_lower, low, 1e-6)
    same("comparisons", where, "lee_upper", row$lee_upper, high, 1e-6)
    ends <- lee_interval(by_unit(CONTROL), by_unit(TREATMENTS[place]))
    same("comparisons", where, "lee_interval_lower", row$lee_interval_lower, ends[1], 1e-6)
    same("comparisons", where, "lee_interval_upper", row$lee_interval_upper, ends[2], 1e-6)
    differs <- isTRUE(rate$lower > 0 || rate$upper < 0)
    same("comparisons", where, "non_response_lower", row$non_response_lower, if (differs) low else NA_real_, 1e-6)
    same("comparisons", where, "non_response_upper", row$non_response_upper, if (differs) high else NA_real_, 1e-6)
  }
}

# Waiting curves, their medians, and whether the service levels were really given.
check_waits <- function() {
  answered <- CONVERSATIONS$answered == "true"
  both <- list(open = curves("first_response_open_hours", answered), wall = curves("first_response_wall_hours", answered))
  cohort <- match(UNITS$cohort[unit_row(CONVERSATIONS$unit_id)], KEYS)
  window <- CONVERSATIONS$period == "window"
  promised <- lapply(KEYS, function(key) numbers(CONVERSATIONS[[paste0("promised_wall_hours_", key)]]))
  level <- numbers(COHORTS$promised_hours)
  z <- qnorm((1 - CONFIDENCE) / 2, lower.tail = FALSE)
  # The conversations of a treatment and of the control, and the longest wall time that either level promises one.
  pair_of <- function(i) window & cohort %in% c(CONTROL, i) & !is.na(promised[[i]] + promised[[CONTROL]])
  longest <- function(i) max(0, promised[[i]][pair_of(i)], promised[[CONTROL]][pair_of(i)])
  horizon <- c(open = max(level), wall = max(vapply(TREATMENTS, longest, 0)))
  hold <- function(table, where, row, columns, own) {
    for (j in seq_along(columns)) same(table, where, columns[j], row[[columns[j]]], own[j], 1e-6)
  }
  waits <- read("waits")
  for (k in seq_len(nrow(waits))) {
    row <- waits[k, ]
    i <- match(row$cohort, KEYS)
    tau <- horizon[[row$clock]]
    curve <- both[[row$clock]][[i]]
    p <- NA_real_
    own <- rep(NA_real_, 3)
    if (row$figure == "log_rank") {
      p <- log_rank(both[[row$clock]][[CONTROL]], curve)
    } else if (startsWith(row$figure, "hours_p")) {
      own <- curve$percentile(as.numeric(sub("hours_p", "", row$figure)) / 100)
    } else if (row$figure == "share_within_promise") {
      share <- 1 - curve$waiting(level[i])
      half <- z * curve$error_at(level[i])
      own <- c(share, max(0, share - half), min(1, share + half))
    } else if (row$figure == "restricted_mean_hours") {
      found <- curve$restricted_mean(tau)
      own <- if (is.na(found[2])) rep(NA_real_, 3) else found[1] + c(0, -z, z) * found[2]
    } else {
      usual <- both[[row$clock]][[CONTROL]]$restricted_mean(tau)
      slow <- curve$restricted_mean(tau)
      error <- sqrt(usual[2]^2 + slow[2]^2)
      gap <- slow[1] - usual[1]
      own <- gap + c(0, -z, z) * error
      p <- 2 * pnorm(abs(gap) / error, lower.tail = FALSE)
    }
    where <- paste(row$cohort, row$clock, row$figure)
    hold("waits", where, row, c("estimate", "lower", "upper"), own)
    same("waits", where, "p_value", row$p_value, p, 1e-12)
  }
  before <- curves("first_response_wall_hours", answered, "pre")
  changes <- read("before_after")
  for (k in seq_len(nrow(changes))) {
    i <- match(changes$cohort[k], KEYS)
    tau <- horizon[["wall"]]
    was <- before[[i]]
    since <- both$wall[[i]]
    first <- was$by_unit(was$areas(tau)$after)
    second <- since$by_unit(since$areas(tau)$after)
    units <- union(names(first), names(second))
    of <- function(influences) ifelse(is.na(influences[units]), 0, influences[units])
    error <- since$of_units(of(second) - of(first))
    gap <- since$areas(tau)$mean - was$areas(tau)$mean
    to_minute <- function(hours) round(hours * 60) / 60
    hold("before_after", changes$cohort[k], changes[k, ],
         c("horizon_hours", "before_mean_hours", "since_mean_hours", "difference_estimate", "difference_lower",
           "difference_upper", "std_error", "before_median_hours", "since_median_hours"),
         c(tau, was$areas(tau)$mean, since$areas(tau)$mean, gap, gap - z * error, gap + z * error, error,
           to_minute(was$median), to_minute(since$median)))
  }
  points <- read("waiting")
  for (part in split(points, paste(points$cohort, points$clock))) {
    curve <- both[[part$clock[1]]][[match(part$cohort[1], KEYS)]]
    where <- paste(part$cohort, part$clock, part$hours)
    same("waiting", where, "share_answered", part$share_answered, 1 - curve$waiting(numbers(part$hours)), 1e-6)
  }
  delivery <- read("delivery")
  for (k in seq_len(nrow(delivery))) {
    row <- delivery[k, ]
    i <- match(row$treatment, KEYS)
    use <- pair_of(i)
    tau <- longest(i)
    gap <- if (any(use)) mean((promised[[i]] - promised[[CONTROL]])[use]) else 0
    own <- rep(NA_real_, 3)
    if (!is.null(both$wall[[CONTROL]]) && !is.null(both$wall[[i]]) && tau > 0) {
      usual <- both$wall[[CONTROL]]$restricted_mean(tau)
      slow <- both$wall[[i]]$restricted_mean(tau)
      own <- slow[1] - usual[1] + c(0, -z, z) * sqrt(usual[2]^2 + slow[2]^2)
    }
    width <- if (is.na(own[3] - own[2])) 0 else own[3] - own[2]
    columns <- c("waited_longer", "waited_longer_lower", "waited_longer_upper")
    for (j in 1:3) same("delivery", row$treatment, columns[j], row[[columns[j]]], own[j], width)
    same("delivery", row$treatment, "promised_longer", row$promised_longer, gap, 1e-6)
    humans <- vapply(c(CONTROL, i), function(i) sum(window & CONVERSATIONS$first_reply_at != "" & cohort == i), 0)
    most <- if (gap >= 0) own[3] else -own[2]
    checked <- min(humans) >= 50 && gap != 0 && !is.na(most)
    same("delivery", row$treatment, "checked", row$checked, checked)
    same("delivery", row$treatment, "ok", row$ok, !checked || most >= 0.25 * abs(gap))
  }
}

# Within each value of a segment, not adjusted; p corrected over the values of all segments of a metric.
check_segments <- function(measures) {
  table <- read("segments")
  shares <- conversation_shares()
  cohort <- COHORT_OF[unit_row(CONVERSATIONS$unit_id)]
  found <- list()
  # Rows (y, x, NA, NA) of each cohort's units that bring something.
  used <- function(rows, of) lapply(seq_along(KEYS), function(i) {
    part <- rows[of == i & (rows[, 1] != 0 | rows[, 2] != 0), , drop = FALSE]
    cbind(part[, 1:2, drop = FALSE], matrix(NA_real_, nrow(part), 2))
  })
  # `rows` names the units of channel and topic, of which one may be in several values.
  weigh <- function(segment, value, metric, parts, units, rows = NULL) {
    declared <- table$declared[match(segment, table$segment)]
    if (!(metric %in% PLAN$metric) || (declared == "false" && min(units) < FEW)) return(invisible())
    arms <- plain_arms_of(parts)
    all <- compare_all(arms, metric, units, plain = TRUE)
    for (place in seq_along(TREATMENTS)) {
      one <- all[[place]]
      i <- TREATMENTS[place]
      row <- table[table$segment == segment & table$value == value & table$metric == metric & table$treatment == KEYS[i], ]
      where <- paste(segment, value, metric, KEYS[i])
      if (is.na(one$estimate) != (nrow(row) == 0)) {
        differences <<- c(differences, paste("segments", where, nrow(row), "rows, recomputed", one$estimate))
      }
      if (!nrow(row)) next
      known <- function(width) if (is.na(width)) 0 else width
      width <- known(one$upper - one$lower)
      relative_width <- known(one$relative_upper - one$relative_lower)
      same("segments", where, "units", row$units, units[CONTROL] + units[i])
      same("segments", where, "control_value", row$control_value, arms[[CONTROL]]$mean, 1e-9)
      same("segments", where, "treatment_value", row$treatment_value, arms[[i]]$mean, 1e-9)
      same("segments", where, "absolute_estimate", row$absolute_estimate, one$estimate, width)
      same("segments", where, "absolute_lower", row$absolute_lower, one$lower, width)
      same("segments", where, "absolute_upper", row$absolute_upper, one$upper, width)
      same("segments", where, "relative_estimate", row$relative_estimate, one$relative, relative_width)
      same("segments", where, "relative_lower", row$relative_lower, one$relative_lower, relative_width)
      same("segments", where, "relative_upper", row$relative_upper, one$relative_upper, relative_width)
      found[[length(found) + 1]] <<- list(segment = segment, metric = metric, treatment = KEYS[i], declared = declared,
                                          where = where, p = one$p, stored = row, control = arms[[CONTROL]], slow = arms[[i]], rows = rows)
    }
  }
  for (segment in unique(table$segment)) {
    if (segment %in% c("channel", "topic")) {
      named <- CONVERSATIONS$period == "window" & CONVERSATIONS[[segment]] != ""
      for (value in unique(CONVERSATIONS[[segment]][named])) {
        here <- named & CONVERSATIONS[[segment]] == value
        units <- vapply(seq_along(KEYS), function(i) length(unique(CONVERSATIONS$unit_id[here & cohort == i])), 0)
        for (metric in names(shares)) {
          totals <- rowsum(shares[[metric]][here, , drop = FALSE], CONVERSATIONS$unit_id[here])
          totals <- totals[totals[, 1] != 0 | totals[, 2] != 0, , drop = FALSE]
          weigh(segment, value, metric, used(totals, COHORT_OF[unit_row(rownames(totals))]), units, totals)
        }
      }
    } else {
      of <- UNITS[[paste0("segment_", segment)]]
      for (value in setdiff(unique(of), "")) {
        units <- vapply(seq_along(KEYS), function(i) sum(of == value & COHORT_OF == i), 0)
        for (metric in names(measures)) {
          weigh(segment, value, metric, used(measures[[metric]][of == value, , drop = FALSE], COHORT_OF[of == value]), units)
        }
      }
    }
  }
  key <- function(...) vapply(found, function(one) paste(unlist(one[c(...)]), collapse = "\r"), "")
  for (tested in split(found, key("metric", "declared"))) {
    p <- vapply(tested, `[[`, 0, "p")
    p[!is.na(p)] <- p.adjust(p[!is.na(p)], "BH")
    stored <- vapply(tested, function(one) one$stored$p_value_adjusted, "")
    same("segments", vapply(tested, `[[`, "", "where"), "p_value_adjusted", stored, p, 1e-12, tolerance = 1e-6)
  }
  check_heterogeneity(split(found, key("segment", "metric", "treatment")))
}

# Covariance of two ratios of one cohort, from the units that are in both values.
shared <- function(first, second, i, ratio, other) {
  of <- function(rows) rows[COHORT_OF[unit_row(rownames(rows))] == i, , drop = FALSE]
  a <- of(first)
  b <- of(second)
  both <- intersect(rownames(a), rownames(b))
  if (!length(both)) return(0)
  few <- sqrt(nrow(a) / (nrow(a) - 1) * nrow(b) / (nrow(b) - 1))
  products <- (a[both, 1] - ratio * a[both, 2]) * (b[both, 1] - other * b[both, 2])
  few * sum(products) / (sum(a[, 2]) * sum(b[, 2]))
}

# Whether the values of a segment have one effect: Cochran's Q, and where a unit may be in several values (channel, topic)
# Wald's test with the covariance between them.
check_heterogeneity <- function(effects) {
  table <- read("heterogeneity")
  p <- numeric(nrow(table))
  for (k in seq_len(nrow(table))) {
    row <- table[k, ]
    of <- effects[[paste(row$segment, row$metric, row$treatment, sep = "\r")]]
    known <- lapply(of, function(one) {
      relative <- row$scale == "relative"
      one$base <- if (relative) abs(one$control$mean) else 1
      one$weight <- if (relative) one$slow$mean / one$control$mean else 1
      one$variance <- one$slow$var + one$weight^2 * one$control$var
      if (one$base > 0 && one$variance > 0) one
    })
    known <- Filter(Negate(is.null), known)
    e <- vapply(known, function(one) (one$slow$mean - one$control$mean) / one$base, 0)
    sigma <- diag(vapply(known, function(one) one$variance / one$base^2, 0), length(e))
    if (row$test == "wald") {
      for (i in seq_along(known)[-1]) for (j in seq_len(i - 1)) {
        a <- known[[i]]
        b <- known[[j]]
        noise <- shared(a$rows, b$rows, match(row$treatment, KEYS), a$slow$mean, b$slow$mean) +
          a$weight * b$weight * shared(a$rows, b$rows, CONTROL, a$control$mean, b$control$mean)
        sigma[i, j] <- sigma[j, i] <- noise / (a$base * b$base)
      }
    }
    precision <- solve(sigma)
    w <- colSums(precision)
    pooled <- sum(w * e) / sum(w)
    q <- sum((e - pooled) * (precision %*% (e - pooled)))
    df <- length(e) - 1
    tau2 <- max(0, (q - df) / (sum(diag(precision)) - sum(w^2) / sum(w)))
    own <- list(values = length(e), q = q, degrees_of_freedom = df, p_value = pchisq(q, df, lower.tail = FALSE),
                i_squared = if (q > 0) max(0, (q - df) / q) else 0, tau_squared = tau2, pooled = pooled)
    where <- paste(row$segment, row$metric, row$treatment)
    for (column in names(own)) same("heterogeneity", where, column, row[[column]], as.numeric(own[[column]]), 1e-9)
    p[k] <- own$p_value
    wider <- solve(sigma + tau2 * diag(length(e)))
    centre <- sum(colSums(wider) * e) / sum(wider)
    same("segments", vapply(known, `[[`, "", "where"), "shrunk", vapply(known, function(one) one$stored$shrunk, ""),
         as.vector(centre + tau2 * wider %*% (e - centre)), 1e-9)
  }
  for (tested in split(seq_along(p), paste(table$metric, table$declared))) {
    where <- paste(table$segment, table$metric, table$treatment)[tested]
    adjusted <- p.adjust(p[tested], "BH")
    same("heterogeneity", where, "p_value_adjusted", table$p_value_adjusted[tested], adjusted, 1e-12, tolerance = 1e-6)
  }
}

# The split against the weights (Pearson's chi-square).
check_split <- function() {
  row <- read("sample_ratio")
  weights <- numbers(COHORTS$weight)
  use <- weights > 0
  if (sum(ASSIGNED[use]) > 0 && sum(use) > 1) {
    expected <- weights[use] / sum(weights[use]) * sum(ASSIGNED[use])
    p <- pchisq(sum((ASSIGNED[use] - expected)^2 / expected), sum(use) - 1, lower.tail = FALSE)
    same("sample_ratio", "", "p_value", row$p_value, p)
    same("sample_ratio", "", "ok", row$ok, p >= 0.001 && !any(ASSIGNED[use] == 0 & expected >= 5))
  }
  if (!WITH_UNITS) return(invisible())
  same("cohorts", KEYS, "units", COHORTS$units, tabulate(COHORT_OF, length(KEYS)))
  window <- CONVERSATIONS[CONVERSATIONS$period == "window", ]
  cohort <- COHORT_OF[unit_row(window$unit_id)]
  closed <- window$first_closed_at != ""
  replied <- window$first_reply_at != ""
  counts <- list(conversations = TRUE | closed, closed = closed, rated = window$score != "", unanswered = !replied,
                 closed_unanswered = closed & !replied)
  for (column in names(counts)) {
    same("cohorts", KEYS, column, COHORTS[[column]], tabulate(cohort[counts[[column]]], length(KEYS)))
  }
}

if (WITH_UNITS) {
  made <- shares_by_unit()
  check_measures(made)
}
found <- list()
adjusted <- list()
for (metric in names(DIRECTION)) {
  if (metric %in% WAITS) {
    if (!WITH_UNITS) next
    first <- metric == "first_response_time"
    ended <- if (first) CONVERSATIONS$answered == "true" else CONVERSATIONS$closed_at != ""
    waits <- curves(if (first) "first_response_open_hours" else "resolution_open_hours", ended)
    arms <- lapply(waits, `[[`, "arm")
    adjusted[[metric]] <- FALSE
    check_metrics(metric, arms, waits = waits)
  } else {
    rows <- NULL
    if (WITH_UNITS) {
      rows <- by_cohort(if (is.null(made$measures[[metric]])) matrix(0, nrow(UNITS), 4) else made$measures[[metric]])
      check_moments(rows, metric)
      sums <- lapply(rows, sums_of)
    } else {
      sums <- stored_sums(MOMENTS[MOMENTS$metric == metric & MOMENTS$until == P$as_of, ])
      # The variance of few units needs the units themselves.
      if (any(vapply(sums, function(s) s$n > 0 && s$n < FEW && !is_mean(s), TRUE))) next
    }
    chosen <- arms_of(sums, rows)
    arms <- chosen$arms
    adjusted[[metric]] <- chosen$adjusted
    check_metrics(metric, plain_arms(sums, rows), sums, rows)
  }
  found[[metric]] <- compare_all(arms, metric)
}
check_comparisons(found, adjusted)
check_series()
check_split()
check_looks()
if (WITH_UNITS) {
  check_lee(found$csat_response_rate)
  check_waits()
  check_economics(found, made$worth)
  check_segments(made$measures)
}

cat(sprintf("%-14s%9s  %s\n", "table", "figures", "largest relative deviation"))
for (table in names(compared)) cat(sprintf("%-14s%9d  %.2g\n", table, as.integer(compared[[table]][1]), compared[[table]][2]))
if (!is.null(CHANGED) && nrow(CHANGED)) {
  cat(nrow(CHANGED), "figures changed since the analysis was made, by facts told later: see changed_since.csv\n")
}
if (length(differences)) {
  cat("\n", length(differences), " figures differ:\n", sep = "")
  cat(head(differences, 200), sep = "\n")
  quit(status = 1)
}
cat("all figures agree\n")
