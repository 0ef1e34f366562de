#!/usr/bin/env python3
"""Recomputes the figures of an analysis of Patience from the tables beside this file.

    python3 recompute.py [FOLDER]

Needs numpy, scipy and pandas. It shares no code with Patience: each figure is made again from the
rows of units, conversations and facts, by the definitions that the product documents, and held
against the stored one. It ends with "all figures agree", or says what differs, by how much.
What facts told after the analysis changed (changed_since.csv) is compared with its new value.
"""

import math
import sys
from collections import defaultdict, namedtuple
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
DAY = 86_400_000.0  # milliseconds
HOUR = 3_600_000.0
FEW = 40  # below this many units a cohort's ratio has the CR2 variance

# ── Tables ──────────────────────────────────────────────────────────────────────────────────


def read(name):
    """A table as text, empty cells as ''; cells that facts told since have changed as they are now."""
    path = FOLDER / f"{name}.csv"
    if not path.exists():
        return None
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if CHANGED is not None:
        for change in CHANGED[CHANGED.table == name].itertuples():
            if change.column == "rows":
                sys.exit(f"{name}.csv has {change.stored} rows, and would have {change.now} by what is known now: "
                         "make a new analysis (Refresh) and download that")
            frame.loc[int(change.row), change.column] = change.now
    return frame


def numbers(column):
    return np.array([float(cell) if cell else math.nan for cell in column])


def moments_in_time(column):
    """UTC times as milliseconds since 1970, nan where empty."""
    at = np.array([cell.removesuffix("Z") or "NaT" for cell in column], dtype="datetime64[ms]")
    return np.where(np.isnat(at), math.nan, at.astype("int64").astype(float))


def month_of(ms):
    """Months since 1970."""
    return int(np.datetime64(int(ms), "ms").astype("datetime64[M]").astype(int))


def month_start(month):
    return float(np.datetime64(month, "M").astype("datetime64[ms]").astype("int64"))


CHANGED = None
CHANGED = read("changed_since")
P = dict(read("parameters").itertuples(index=False, name=None))
COHORTS = read("cohorts")
TAKEN = read("looks_taken")
PLAN = read("plan").set_index("metric")
KEYS = list(COHORTS.cohort)
CONTROL = KEYS.index(P["control"])
TREATMENTS = [i for i in range(len(KEYS)) if i != CONTROL]
CONFIDENCE = float(P["confidence"])
AS_OF = float(moments_in_time([P["as_of"]])[0])
PLANNED_END = float(moments_in_time([P["planned_end"]])[0])
LAST_MONTH = month_of(AS_OF) - 1
CURRENCY = P["currency"]
ASSIGNED = [int(units) for units in COHORTS.units]

# ── What agrees ─────────────────────────────────────────────────────────────────────────────

compared = defaultdict(lambda: [0, 0.0])  # table → figures, largest relative deviation
differences = []


def same(table, where, column, stored, own, scale=0.0, tolerance=1e-8):
    """Holds one stored cell against our own figure; `scale` is the size below which nothing matters."""
    tally = compared[table]
    tally[0] += 1
    if isinstance(own, (str, bool, np.bool_)):
        own = own if isinstance(own, str) else ("true" if own else "false")
        if stored != own:
            differences.append(f"{table} {where} {column}: stored {stored!r}, recomputed {own!r}")
        return
    missing = own is None or math.isnan(own)
    if not stored or missing:
        if bool(stored) == missing:
            differences.append(f"{table} {where} {column}: stored {stored!r}, recomputed {own}")
        return
    value = float(stored)
    size = max(abs(value), abs(own), scale)
    deviation = abs(value - own) / size if size > 0 else 0.0
    tally[1] = max(tally[1], deviation)
    if deviation > tolerance:
        differences.append(f"{table} {where} {column}: stored {value!r}, recomputed {own!r}, off by {deviation:.2g}")


# ── Sums over units ─────────────────────────────────────────────────────────────────────────

SUMS = [
    "n", "numerator_sum", "numerator_sum_squares", "denominator_sum", "denominator_sum_squares", "cross_sum",
    "pre_n", "pre_numerator_sum", "pre_numerator_sum_squares", "pre_denominator_sum", "pre_denominator_sum_squares",
    "pre_cross_sum", "numerator_numerator", "denominator_denominator", "numerator_denominator",
    "denominator_numerator", "numerator_sum_with_pre", "denominator_sum_with_pre",
]  # fmt: skip


def sums_of(rows):
    """Sums over units, each a row (y, x, y0, x0); y0 and x0 are nan without a pre-period."""
    y, x, y0, x0 = np.asarray(rows, dtype=float).reshape(-1, 4).T
    has = ~np.isnan(x0)
    a, b, c, d = y[has], x[has], y0[has], x0[has]
    total = lambda values: math.fsum(values)
    values = [
        len(y), total(y), total(y * y), total(x), total(x * x), total(x * y),
        has.sum(), total(c), total(c * c), total(d), total(d * d), total(c * d),
        total(a * c), total(b * d), total(a * d), total(b * c), total(a), total(b),
    ]  # fmt: skip
    return dict(zip(SUMS, map(float, values)))


def covariances(s):
    """Covariance matrix between units of (y, x, y0, x0, h), where y0 = x0 = h = 0 without a pre-period."""
    total = np.array([s["numerator_sum"], s["denominator_sum"], s["pre_numerator_sum"], s["pre_denominator_sum"],
                      s["pre_n"]])
    products = np.zeros((5, 5))
    upper = {
        (0, 0): "numerator_sum_squares", (0, 1): "cross_sum", (0, 2): "numerator_numerator",
        (0, 3): "numerator_denominator", (0, 4): "numerator_sum_with_pre", (1, 1): "denominator_sum_squares",
        (1, 2): "denominator_numerator", (1, 3): "denominator_denominator", (1, 4): "denominator_sum_with_pre",
        (2, 2): "pre_numerator_sum_squares", (2, 3): "pre_cross_sum", (2, 4): "pre_numerator_sum",
        (3, 3): "pre_denominator_sum_squares", (3, 4): "pre_denominator_sum", (4, 4): "pre_n",
    }  # fmt: skip
    for (i, j), name in upper.items():
        products[i, j] = products[j, i] = s[name]
    return (products - np.outer(total, total) / s["n"]) / (s["n"] - 1)


# ── Estimates by cohort ─────────────────────────────────────────────────────────────────────

# An estimate with its variance, the unadjusted one with its own, their covariance, and degrees of freedom.
Arm = namedtuple("Arm", "n mean var plain var_plain cov df")


def is_mean(s):
    return s["n"] > 0 and s["denominator_sum"] == s["denominator_sum_squares"] == s["n"] and (
        s["cross_sum"] == s["numerator_sum"])


def ratio_arm(s):
    """Ratio of sums by the delta method (Deng, Knoblich & Lu 2018)."""
    n = s["n"]
    if n < 2 or s["denominator_sum"] == 0:
        return None
    r, base = s["numerator_sum"] / s["denominator_sum"], s["denominator_sum"] / n
    gradient = np.array([1.0, -r]) / base
    c = covariances(s)
    var = gradient @ c[:2, :2] @ gradient
    # What rounding leaves of a variance that is zero.
    var = var / n if var > 1e-13 * (c[0, 0] + r * r * c[1, 1]) / base**2 else 0.0
    return Arm(n, r, var, r, var, var, n - 1)


def few_arm(rows):
    """Ratio of sums of few units: CR2 with Bell and McCaffrey's degrees of freedom."""
    y, x = np.asarray(rows, dtype=float).reshape(-1, 4)[:, :2].T
    if (x > 0).sum() < 2:
        return None
    r, h = y.sum() / x.sum(), x / x.sum()
    used = x > 0
    var = (((y - r * x) ** 2)[used] / (1 - h[used])).sum() / x.sum() ** 2
    spill = h**2 / (1 - h)
    df = 1 / ((h**2).sum() + spill.sum() ** 2 - (spill**2).sum())
    return Arm(used.sum(), r, var, r, var, var, df)


def plain_arms(sums, rows=None):
    """Of each cohort; `rows` are the units themselves, where they are at hand."""
    def arm(i):
        few = rows is not None and 0 < sums[i]["n"] < FEW and not is_mean(sums[i])
        return few_arm(rows[i]) if few else ratio_arm(sums[i])
    return [arm(i) for i in range(len(sums))]


def adjusted_arms(sums):
    """CUPED (Deng et al. 2013) on linearised ratios, slopes pooled over the cohorts; None where it cannot be."""
    parts = []
    for s in sums:
        plain = ratio_arm(s)
        if plain is None:
            return None
        n, c = s["n"], covariances(s)
        g = np.array([1, -plain.mean, 0, 0, 0]) / (s["denominator_sum"] / n)
        r0 = s["pre_numerator_sum"] / s["pre_denominator_sum"] if s["pre_denominator_sum"] else 0.0
        g0 = np.array([0, 0, 1, -r0, 0]) / (s["pre_denominator_sum"] / n) if s["pre_denominator_sum"] else np.zeros(5)
        h = np.array([0, 0, 0, 0, 1.0])
        parts.append(dict(s=s, plain=plain, r0=r0, v=g @ c @ g, v0=g0 @ c @ g0, vh=h @ c @ h, c0=g @ c @ g0, ch=g @ c @ h))
    pooled = {name: sum(s[name] for s in sums) for name in SUMS}
    means = is_mean(pooled) and pooled["pre_n"] == pooled["n"] == pooled["pre_denominator_sum"] == (
        pooled["pre_denominator_sum_squares"]) and pooled["pre_cross_sum"] == pooled["pre_numerator_sum"]
    slope = lambda covariance, variance: covariance / variance if variance > 0 else 0.0
    c = covariances(pooled)
    theta = slope(c[0, 2], c[2, 2]) if means else slope(sum(p["c0"] for p in parts), sum(p["v0"] for p in parts))
    theta_h = slope(sum(p["ch"] for p in parts), sum(p["vh"] for p in parts))
    r0 = pooled["pre_numerator_sum"] / pooled["pre_denominator_sum"] if pooled["pre_denominator_sum"] else 0.0
    share = pooled["pre_n"] / pooled["n"]
    arms = []
    for p in parts:
        n, plain = p["s"]["n"], p["plain"]
        explained = theta * p["c0"] + theta_h * p["ch"]
        # L0 and h are uncorrelated in each cohort, so that their slopes stand alone.
        var = p["v"] - 2 * explained + theta**2 * p["v0"] + theta_h**2 * p["vh"]
        mean = plain.mean - theta * (p["r0"] - r0) - theta_h * (p["s"]["pre_n"] / n - share)
        arms.append(Arm(n, mean, max(0.0, var) / n, plain.mean, plain.var, (p["v"] - explained) / n, n - 1))
    return arms


def arms_of(sums, rows=None):
    """The arms that are compared, and whether they are adjusted."""
    enough = all(s["n"] >= FEW for s in sums) and any(s["pre_n"] > 1 for s in sums)
    if P["covariate_adjustment"] == "true" and enough:
        arms = adjusted_arms(sums)
        if arms is not None:
            return arms, True
    return plain_arms(sums, rows), False


# ── Looks: how wide, how probable ───────────────────────────────────────────────────────────


def t_isf(tail, df):
    """Student's t above which `tail` lies. Older SciPy gives eight digits of it; its tail gives them all."""
    t = stats.t.isf(tail, df)
    for _ in range(3):
        if math.isfinite(t) and stats.t.pdf(t, df) > 0:
            t += (stats.t.sf(t, df) - tail) / stats.t.pdf(t, df)
    return t


class Fixed:
    """One look: Student's t."""

    def __init__(self, alpha):
        self.alpha = alpha

    def critical(self, df):
        return t_isf(self.alpha / 2, df)

    def p_two_sided(self, z, df):
        return 2 * stats.t.sf(abs(z), df)

    def p_of_side(self, z, df):
        return stats.t.sf(z, df)


class Sequential:
    """A margin's p is half of the two-sided one on its good side, so that it agrees with the interval."""

    def p_of_side(self, z, df):
        return 0.5 * self.p_two_sided(z, df) if z > 0 else 1.0


class AlwaysValid(Sequential):
    """The asymptotic confidence sequence (Waudby-Smith et al., arXiv:2103.06476, eq. 9)."""

    def __init__(self, alpha, units, planned):
        rho2 = (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / planned
        self.alpha, self.s = alpha, units * rho2

    def critical(self, _df):
        s = self.s
        return math.sqrt(2 * (s + 1) / s * math.log(math.sqrt(s + 1) / self.alpha))

    def p_two_sided(self, z, _df):
        s = self.s
        return min(1.0, math.sqrt(s + 1) * math.exp(-z * z * s / (2 * (s + 1))))


class FewUnits(Sequential):
    """Cohorts below 40 units: t counts as the normal statistic with its tail (Pocock 1977)."""

    def __init__(self, rule):
        self.rule = rule

    def critical(self, df):
        tail = stats.norm.sf(self.rule.critical(df))
        return t_isf(tail, df) if tail > 0 else math.inf

    def p_two_sided(self, z, df):
        return self.rule.p_two_sided(stats.norm.isf(stats.t.sf(abs(z), df)), df)


class GroupSequential(Sequential):
    """Lan and DeMets: the bound that spends alpha over the information until now."""

    NODES, WEIGHTS = np.polynomial.legendre.leggauss(400)

    def __init__(self, alpha, information, spending):
        self.information, self.spending = information, spending
        self.bound = self.last_bound(alpha)

    def spent(self, a, t):
        if self.spending == "pocock":
            return a * math.log(1 + (math.e - 1) * min(t, 1.0))
        return 2 * stats.norm.sf(stats.norm.isf(a / 2) / math.sqrt(min(t, 1.0)))

    def last_bound(self, alpha):
        before_t, before_spent, points, mass = 0.0, 0.0, np.array([0.0]), np.array([1.0])
        for t in self.information:
            step = math.sqrt(t - before_t)
            spent = self.spent(alpha / 2, t)
            above = lambda z: (mass * special.ndtr((points - z * math.sqrt(t)) / step)).sum()
            log_excess = lambda z: math.log(max(above(z), 1e-320)) - math.log(spent - before_spent)
            z = math.inf if spent - before_spent < 1e-290 else optimize.brentq(log_excess, -10, 38, xtol=1e-13)
            reach = min(z * math.sqrt(t), 9 * math.sqrt(t))
            inside = reach * self.NODES
            kernel = np.exp(-(((inside[:, None] - points) / step) ** 2) / 2) / math.sqrt(2 * math.pi)
            density = kernel @ mass / step
            points, mass = inside, reach * self.WEIGHTS * density
            before_t, before_spent = t, spent
        return z

    def critical(self, _df):
        return self.bound

    def p_two_sided(self, z, _df):
        """The smallest alpha whose bound is z (Jennison & Turnbull's repeated p)."""
        excess = lambda log_alpha: min(self.last_bound(math.exp(log_alpha)), 1e3) - abs(z)
        if excess(math.log(1 - 1e-9)) >= 0:
            return 1.0
        return math.exp(optimize.brentq(excess, -400, math.log(1 - 1e-9), xtol=1e-12))


def information(i, units):
    """Information of the looks until the one with so many units in a treatment and the control: those taken before, each
    planned one that no look is nearest to, and this one. (From full information on all looks are one, the last.)"""
    planned, many = float(P["planned_units"]), int(P["planned_looks"] or 5)
    now = min(max(units / planned, 1e-6), 50.0)
    before = lambda t: 0 < t < now - 1e-9 and t < 1 - 1e-9
    of = TAKEN[TAKEN.cohort.isin([KEYS[CONTROL], KEYS[i]])]
    taken = [sum(map(int, part.units)) / planned for _, part in of.groupby("analysis")]
    looks = [t for t in taken if before(t)] + [now]
    # Half is rounded away from zero.
    nearest = {math.floor(t * many + 0.5) for t in looks}
    looks += [k / many for k in range(1, many) if k not in nearest and before(k / many)]
    return [t for place, t in enumerate(sorted(looks)) if place == 0 or t - sorted(looks)[place - 1] >= 1e-9]


def looks(alpha, i, units):
    """The looks for so many units assigned to a treatment and to the control."""
    if P["looks"] == "fixed":
        return Fixed(alpha)
    if P["looks"] == "always_valid":
        return AlwaysValid(alpha, units, float(P["planned_units"]))
    return GroupSequential(alpha, information(i, units), P["spending"] or "obrien_fleming")


# ── The contrast ────────────────────────────────────────────────────────────────────────────

Found = namedtuple("Found", "estimate lower upper relative relative_lower relative_upper p conclusion")


class Contrast:
    """T − C − m·base, base 1 or |C unadjusted|, with the control's noise counted in both places."""

    def __init__(self, control, treatment, relative):
        self.c, self.t = control, treatment
        self.base = abs(control.plain) if relative else 1.0
        self.sign = math.copysign(1.0, control.plain) if relative else 0.0
        self.difference = treatment.mean - control.mean

    def control_var(self, m):
        m = m * self.sign
        return max(0.0, self.c.var + 2 * m * self.c.cov + m * m * self.c.var_plain)

    def at(self, m):
        """Statistic and Satterthwaite's degrees of freedom at a margin."""
        v_c, v_t = self.control_var(m), self.t.var
        if v_c + v_t == 0:  # the control's noise cancels at this very margin
            value = self.difference - m * self.base
            return (math.copysign(math.inf, value) if value else 0.0), self.c.df
        df = (v_t + v_c) ** 2 / (v_t**2 / self.t.df + v_c**2 / self.c.df)
        return (self.difference - m * self.base) / math.sqrt(v_t + v_c), df

    def of_control(self):
        return abs(self.c.plain) / math.sqrt(self.c.var_plain) if self.c.var_plain else math.inf

    def bounded(self, rule):
        return self.sign == 0 and math.isfinite(rule.critical(self.at(0)[1])) or (
            self.sign != 0 and self.of_control() > rule.critical(self.c.df))

    def end(self, rule, side):
        """One end of the set of margins that are not rejected (Fieller 1954), outwards from the estimate: where the
        statistic passes the critical value at that margin's own degrees of freedom."""
        if not self.bounded(rule):
            return math.nan
        estimate = self.difference / self.base

        def excess(m):
            z, df = self.at(m)
            return -side * z - rule.critical(df)

        width = rule.critical(self.at(estimate)[1]) * math.sqrt(self.t.var + self.control_var(estimate)) / self.base
        step = max(width, 1e-12 * abs(estimate), 1e-300)
        while excess(estimate + side * step) < 0:
            step *= 1.5
        return optimize.brentq(excess, estimate, estimate + side * step, xtol=1e-300, rtol=1e-14)


def compare(control, treatment, margin, margin_scale, direction, rule):
    """Both intervals, the p-value and the conclusion; without a variance the estimate alone."""
    nothing = "not_yet_shown" if margin else "no_difference_shown"
    if control is None or treatment is None:
        return Found(*[math.nan] * 7, nothing)
    if min(control.n, treatment.n) < FEW and not isinstance(rule, Fixed):
        rule = FewUnits(rule)
    estimate = treatment.mean - control.mean
    share = estimate / abs(control.plain) if control.plain else math.nan
    if control.var + treatment.var <= 0 or (margin and margin_scale == "relative" and not control.plain):
        return Found(estimate, math.nan, math.nan, share, math.nan, math.nan, math.nan, nothing)
    absolute = Contrast(control, treatment, False)
    relative = Contrast(control, treatment, True) if control.plain else None
    judged = relative if margin and margin_scale == "relative" else absolute
    good = 1.0 if direction == "increase" else -1.0
    m = -good * margin if margin else 0.0
    z, df = judged.at(m)
    bounded = judged.bounded(rule)
    p = rule.p_of_side(good * z, df) if margin else rule.p_two_sided(z, df)
    if not bounded:
        p = max(p, (rule.p_of_side if margin else rule.p_two_sided)(judged.of_control(), judged.c.df))
    words = ("non_inferior", "inferior") if margin else ("better", "worse")
    critical = rule.critical(df)
    shown, refuted = bounded and good * z > critical, bounded and -good * z > critical
    ends = lambda contrast: (contrast.end(rule, -1), contrast.end(rule, 1)) if contrast else (math.nan, math.nan)
    return Found(estimate, *ends(absolute), share, *ends(relative), min(p, 1.0),
                 words[0] if shown else words[1] if refuted else nothing)


# ── Several treatments ──────────────────────────────────────────────────────────────────────


class Dunnett:
    """The largest of several comparisons with one control (Dunnett 1955), normal law."""

    def __init__(self, arms):
        control = arms[CONTROL].var if arms[CONTROL] is not None else math.nan
        others = [arms[i].var for i in TREATMENTS if arms[i] is not None and control + arms[i].var > 0]
        self.active = len(others) > 1
        self.loadings = [math.sqrt(control / (control + v)) for v in others]

    NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)

    def p_of_largest(self, z):
        """1 − P(all |Z| < z), given the part u that the comparisons share; a treatment without noise strays with u."""
        total = 0.0
        for low, high in ((0.0, z), (z, z + 9.0)):
            u = low + (high - low) * (self.NODES + 1) / 2
            inside = np.ones_like(u)
            for l in self.loadings:
                own = math.sqrt(1 - l * l)
                inside *= special.ndtr((z + l * u) / own) - special.ndtr((l * u - z) / own) if own > 0 else u < z
            total += (high - low) * (self.WEIGHTS * stats.norm.pdf(u) * (1 - inside)).sum()
        return total

    def confidence(self):
        if not self.active:
            return CONFIDENCE
        alpha = 1 - CONFIDENCE
        low, high = stats.norm.isf(alpha / 2) - 1e-6, stats.norm.isf(alpha / 2 / len(self.loadings)) + 1e-6
        z = optimize.brentq(lambda z: self.p_of_largest(z) - alpha, low, high, xtol=1e-14)
        return 2 * stats.norm.cdf(z) - 1

    def p(self, p, one_sided):
        two_sided = 2 * p if one_sided else p
        if not self.active or math.isnan(p) or two_sided > 1:
            return p
        z = stats.norm.isf(two_sided / 2)
        bonferroni = two_sided * len(self.loadings)
        allowed = bonferroni if bonferroni < 1e-9 else max(self.p_of_largest(z), two_sided)
        return allowed / 2 if one_sided else allowed


def compare_all(arms, metric, units, plain=False, day=False):
    """Each treatment against the control; `plain` leaves the plan out (parts of net value, segments). Group-sequential
    figures stand where the whole experiment stands, but for the days of a series."""
    if P["looks"] == "group_sequential" and not day:
        units = ASSIGNED
    plan = PLAN.loc[metric] if metric in PLAN.index and not plain else None
    margin = float(plan.margin) if plan is not None and plan.margin else None
    scale = plan.margin_scale if margin else "relative"
    dunnett = Dunnett(arms)
    found = []
    for i in TREATMENTS:
        alpha = 1 - dunnett.confidence()
        if day and dunnett.active and P["looks"] == "group_sequential":
            digit = 10 ** (math.floor(math.log10(alpha)) - 2)
            alpha = math.floor(alpha / digit + 1e-6) * digit
        rule = looks(alpha, i, units[CONTROL] + units[i])
        one = compare(arms[CONTROL], arms[i], margin, scale, DIRECTION[metric], rule)
        found.append(one._replace(p=dunnett.p(one.p, bool(margin))))
    return found


def corrected(p_values, kind):
    """Holm's step-down or Benjamini and Hochberg's step-up."""
    p = np.asarray(p_values)
    order, m = np.argsort(p, kind="stable"), len(p)
    out = np.empty(m)
    if kind == "holm":
        out[order] = np.minimum(1, np.maximum.accumulate((m - np.arange(m)) * p[order]))
    else:
        steps = m * p[order] / np.arange(1, m + 1)
        out[order] = np.minimum(1, np.minimum.accumulate(steps[::-1])[::-1])
    return out


# ── Waits ───────────────────────────────────────────────────────────────────────────────────


class KaplanMeier:
    """Share still waiting; its variance between units by the infinitesimal jackknife."""

    def __init__(self, unit, time, ended):
        self.unit, self.time, self.ended = unit, time, ended
        self.at = np.unique(time[ended])
        self.d = np.array([(ended & (time == t)).sum() for t in self.at], dtype=float) if len(self.at) < 50 else (
            np.bincount(np.searchsorted(self.at, time[ended]), minlength=len(self.at)).astype(float))
        self.risk = len(time) - np.searchsorted(np.sort(time), self.at, side="left").astype(float)
        self.s = np.cumprod(1 - self.d / self.risk)

    def waiting(self, t):
        i = np.searchsorted(self.at, t, side="right")
        return np.where(i > 0, np.append(self.s, 1.0)[i - 1], 1.0) if len(self.at) else np.ones_like(np.asarray(t, float))

    def quantile(self, p):
        """First time with S below 1 − p; where S equals it on an interval, the middle (as R's survival)."""
        reached = np.flatnonzero(self.s <= 1 - p + 1e-9)
        if not len(reached):
            return math.nan
        i = reached[0]
        flat = abs(self.s[i] - (1 - p)) <= 1e-9 and i + 1 < len(self.at)
        return (self.at[i] + self.at[i + 1]) / 2 if flat else self.at[i]

    def by_unit(self, weights):
        """Each unit's influence on a figure that changes by weights[i] per unit of ln(1 − d/Y) at step i."""
        gone = np.divide(self.d, self.risk * (self.risk - self.d), out=np.zeros_like(self.d), where=self.risk > self.d)
        beyond = np.cumsum(weights * gone)
        fell = beyond - weights * gone - weights / self.risk
        last = np.searchsorted(self.at, self.time, side="right") - 1
        influence = np.zeros(len(self.time))  # nothing happened before the first step
        influence[last >= 0] = beyond[last[last >= 0]]
        influence[self.ended] = fell[last[self.ended]]
        units, unit = np.unique(self.unit, return_inverse=True)
        return units, np.bincount(unit, weights=influence)

    def std_error(self, weights):
        _, influences = self.by_unit(weights)
        k = len(influences)
        return math.sqrt(k / (k - 1) * (influences**2).sum()) if k > 1 else math.nan

    def areas(self, tau):
        """∫₀^τ S, and ∫ from each step to τ."""
        ends = np.append(self.at[self.at < tau], tau)
        area = np.diff(np.concatenate([[0.0], ends])) * np.concatenate([[1.0], self.s[: len(ends) - 1]])
        after = np.zeros(len(self.at))
        after[: len(ends) - 1] = np.cumsum(area[::-1])[::-1][1:]
        return area.sum(), after

    def restricted_mean(self, tau):
        """∫₀^τ S with its standard error."""
        mean, after = self.areas(tau)
        return mean, self.std_error(after)

    def percentile(self, p):
        """By when the share p has ended, with the interval of that share read off the curve (Woodruff 1952)."""
        at = self.quantile(p)
        error = math.nan if math.isnan(at) else self.std_error(np.where(self.at <= at, self.waiting(at), 0.0))
        if math.isnan(error):
            return [at, math.nan, math.nan]
        reach = stats.norm.isf((1 - CONFIDENCE) / 2) * error
        end = lambda share: self.quantile(share) if 0 < share < 1 else math.nan
        return [at, end(p - reach), end(p + reach)]

    def median_arm(self):
        """The median, its standard error that of its interval."""
        if not len(self.at):
            return None
        median, low, high = self.percentile(0.5)
        if math.isnan(high - low):
            return None
        var = ((high - low) / (2 * stats.norm.isf((1 - CONFIDENCE) / 2))) ** 2
        units = len(np.unique(self.unit))
        return Arm(units, median, var, median, var, var, units - 1)


def log_rank(control, treatment):
    """Of equal curves: the log-rank test, its variance between units (Lin and Wei 1989)."""
    if not control or not treatment:
        return None
    at = np.unique(np.concatenate([control.at, treatment.at]))
    def ends(curve):
        """Those at risk at each time, and those whose wait ended there."""
        d = np.bincount(np.searchsorted(at, curve.time[curve.ended]), minlength=len(at)).astype(float)
        return len(curve.time) - np.searchsorted(np.sort(curve.time), at, side="left").astype(float), d
    (risk_c, d_c), (risk_t, d_t) = ends(control), ends(treatment)
    share, step = risk_t / (risk_c + risk_t), (d_c + d_t) / (risk_c + risk_t)
    hazard, share_hazard = np.append(np.cumsum(step), 0.0), np.append(np.cumsum(share * step), 0.0)
    share = np.append(share, 0.0)
    score, squares = 0.0, 0.0
    for z, curve in ((0.0, control), (1.0, treatment)):
        last = np.searchsorted(at, curve.time, side="right") - 1  # -1, before the first step, is the zero at the end
        part = curve.ended * (z - share[last]) - (z * hazard[last] - share_hazard[last])
        _, unit = np.unique(curve.unit, return_inverse=True)
        sums = np.bincount(unit, weights=part)
        score, squares = score + sums.sum(), squares + (sums**2).sum()
    return float(stats.chi2.sf(score**2 / squares, 1)) if squares > 0 else None


def curves(conversations, column, ended, period="window"):
    """A curve for each cohort, None without waits."""
    hours = numbers(conversations[column])
    use = (conversations.period == period).to_numpy() & ~np.isnan(hours)
    cohort = conversations.unit_id.map(COHORT_OF).to_numpy()
    unit = conversations.unit_id.to_numpy()
    of = lambda key: use & (cohort == key)
    return [KaplanMeier(unit[of(k)], hours[of(k)], ended[of(k)]) if of(k).any() else None for k in KEYS]


# ── From facts to what each unit brings to each metric ──────────────────────────────────────


def conversation_shares(c, others):
    """Numerator and denominator of each conversation, by metric. `others` are those that may follow one."""
    n = len(c)
    score, value = numbers(c.score), numbers(c.emotional_value)
    opened, replied, due = (moments_in_time(c[name]) for name in ("opened_at", "first_reply_at", "due_at"))
    first_closed, closed = moments_in_time(c.first_closed_at), moments_in_time(c.closed_at)
    reopened, rated = moments_in_time(c.reopened_at), moments_in_time(c.first_rated_at)
    handle, after = numbers(c.handle_hours), numbers(c.after_contact_hours)
    was = lambda at: ~np.isnan(at)
    kept = was(replied) & (replied >= opened) & (replied <= due)
    broken = ~kept & was(due) & (due < AS_OF) & ~(was(replied) & (replied < opened))
    week = 7 * DAY
    asked = defaultdict(list)
    for customer, topic, at in zip(others.customer_id, others.topic, moments_in_time(others.opened_at)):
        asked[customer, topic].append(at)
    settled_by = closed + week
    judged = was(closed) & (settled_by <= AS_OF)
    followed = np.array([any(end < at <= end + week for at in asked[customer, topic])
                         for customer, topic, end in zip(c.customer_id, c.topic, closed)], dtype=bool).reshape(n)
    flag = lambda condition: condition.astype(float)
    return {
        "csat": (flag(score >= 4), flag(was(score))),
        "csat_response_rate": (flag(was(first_closed) & was(rated)), flag(was(first_closed))),
        "net_emotional_value": (np.nan_to_num(value), flag(was(value))),
        "promise_kept": (flag(kept), flag(kept | broken)),
        "first_contact_resolution": (flag(judged & ~followed & ~was(reopened)), flag(judged)),
        "reopen_rate": (flag(was(first_closed) & was(reopened)), flag(was(first_closed))),
        "conversations_per_agent_hour": (flag(was(closed)), np.nan_to_num(handle + after)),
        "handle_time": (np.nan_to_num(handle), flag(was(closed))),
        "after_contact_time": (np.nan_to_num(after), flag(was(closed))),
    }


class Customer:
    """Recurring revenue by month, and departures."""

    def __init__(self):
        self.revenue, self.left, self.told = {}, [], set()

    def in_month(self, month):
        """Revenue of a month, and whether it was carried from an earlier one."""
        if month in self.revenue:
            return self.revenue[month], False
        before = [m for m in self.revenue if m < month]
        if not before or any(max(before) <= month_of(at) < month for at in self.left):
            return 0.0, False
        amount = self.revenue[max(before)]
        return amount, amount > 0

    def lost_by(self, month, assigned):
        """It left and did not come back, or its base revenue has fallen to zero."""
        def stayed_away(at):
            back = range(month_of(at) + 1, month + 1)
            return at >= assigned and not any(self.revenue.get(m, 0.0) > 0 for m in back)
        had = self.revenue.get(month_of(assigned), 0.0) > 0
        return any(stayed_away(at) for at in self.left if month_of(at) <= month) or (
            had and self.in_month(month)[0] <= 0)


def shares_by_unit(units, conversations, facts):
    """(unit, metric) → (y, x, y0, x0), and each unit's worth: the definitions of the metrics."""
    out = defaultdict(lambda: [0.0, 0.0, math.nan, math.nan])
    asked = {period: conversations[conversations.period == period].unit_id.value_counts() for period in ("window", "pre")}
    hours_by_month = defaultdict(float)
    window_hours = {"window": defaultdict(float), "pre": defaultdict(float)}
    spent = np.nan_to_num(numbers(conversations.handle_hours)) + np.nan_to_num(numbers(conversations.after_contact_hours))
    for unit, period, at, hours in zip(conversations.unit_id, conversations.period,
                                       moments_in_time(conversations.opened_at), spent):
        window_hours[period][unit] += hours
        if period == "window":
            hours_by_month[unit, month_of(at)] += hours
    for period, place in (("window", 0), ("pre", 2)):
        of_period = conversations[conversations.period == period]
        for metric, (y, x) in conversation_shares(of_period, conversations).items():
            if place and metric == "promise_kept":
                continue  # nobody was told a level before
            totals = pd.DataFrame({"u": of_period.unit_id.to_numpy(), "y": y, "x": x}).groupby("u").sum()
            for unit, a, b in totals.itertuples():
                if place == 0 or b > 0:
                    out[unit, metric][place : place + 2] = [a, b]
    customers = defaultdict(lambda: defaultdict(Customer))
    figures = defaultdict(list)
    for unit, customer, fact, name, at, value in zip(facts.unit_id, facts.customer_id, facts.fact, facts.name,
                                                     moments_in_time(facts["at"]), facts.value):
        told = customers[unit][customer]
        if fact == "revenue":
            told.told.add(month_of(at))
            if not CURRENCY or name == CURRENCY:
                told.revenue[month_of(at)] = float(value)
        elif fact == "churned":
            told.left.append(at)
        else:
            figures[unit, name].append((at, float(value)))
    worth, base_of = {}, {}
    for unit, assigned in zip(units.unit_id, moments_in_time(units.assigned_at)):
        joined, start = month_of(assigned), assigned - 90 * DAY
        mine = list(customers[unit].values())
        known = asked["pre"].get(unit, 0) > 0 or any(month_of(start) <= m < joined for c in mine for m in c.told)
        pre = lambda y, x: [y, x] if known else [math.nan, math.nan]
        out[unit, "questions_asked"] = [asked["window"].get(unit, 0), 1.0, *pre(asked["pre"].get(unit, 0), 1.0)]
        base = sum(c.revenue.get(joined, 0.0) for c in mine)
        carried = sum(c.revenue.get(joined, 0.0) for c in mine if c.in_month(LAST_MONTH)[1])
        base_of[unit] = (base, carried if base > 0 and joined < LAST_MONTH else math.nan)
        if base > 0 and joined < LAST_MONTH:
            now = sum(c.in_month(LAST_MONTH)[0] for c in mine)
            out[unit, "net_revenue_retention"][:2] = [now, base]
            out[unit, "gross_revenue_retention"][:2] = [min(now, base), base]
            out[unit, "churn"][:2] = [float(now <= 0), 1.0]
        months = range(joined + 1, LAST_MONTH + 1)
        parts = [sum((month_start(m + 1) - month_start(m)) / DAY / 30 for m in months), sum(hours_by_month[unit, m] for m in months),
                 sum(c.in_month(m)[0] for m in months for c in mine),
                 float(sum(c.lost_by(months[-1], assigned) for c in mine)) if months else 0.0]
        worth[unit] = parts
        if P["agent_hour"]:
            cost = float(P["agent_hour"])
            out[unit, "cost_to_serve"] = [cost * window_hours["window"][unit], (AS_OF - assigned) / DAY / 30,
                                          *pre(cost * window_hours["pre"][unit], 3.0)]
            if months:
                out[unit, "net_value"][:2] = [
                    -cost * parts[1] + float(P["gross_margin"]) * parts[2] - float(P["replacement_cost"]) * parts[3], parts[0]]
        for metric, plan in PLAN.iterrows():
            if metric in BUILT_IN:
                continue
            during = lambda name: [value for at, value in figures[unit, name] if assigned <= at <= AS_OF]
            before = lambda name: [value for at, value in figures[unit, name] if start <= at < assigned]
            if plan.kind == "ratio":
                window, pre0 = ([sum(told(metric)), sum(told(plan.denominator))] for told in (during, before))
                out[unit, metric] = [*window, *(pre0 if pre0[1] > 0 else [math.nan] * 2)]
            else:
                figure = (lambda values: float(sum(values) > 0)) if plan.kind == "share" else (lambda values: float(sum(values)))
                heard = known or before(metric)
                out[unit, metric] = [figure(during(metric)), 1.0, *([figure(before(metric)), 1.0] if heard else [math.nan] * 2)]
    counted = {key: row for key, row in out.items() if row[0] != 0 or row[1] != 0}
    return counted, worth, base_of


BUILT_IN = {
    "csat", "csat_response_rate", "questions_asked", "net_revenue_retention", "gross_revenue_retention", "churn",
    "conversations_per_agent_hour", "handle_time", "after_contact_time", "cost_to_serve", "net_value",
    "first_response_time", "promise_kept", "resolution_time", "first_contact_resolution", "reopen_rate",
    "net_emotional_value",
}  # fmt: skip
REVENUE = {"net_revenue_retention", "gross_revenue_retention", "churn"}
WAITS = {"first_response_time": ("first_response_open_hours", "answered"), "resolution_time": ("resolution_open_hours", "closed_at")}

# ── Each table ──────────────────────────────────────────────────────────────────────────────

METRICS, COMPARISONS = read("metrics"), read("comparisons")
DIRECTION = dict(zip(METRICS.metric, METRICS.direction))
UNITS = read("units")
WITH_UNITS = UNITS is not None
COHORT_OF = dict(zip(UNITS.unit_id, UNITS.cohort)) if WITH_UNITS else {}


def check_measures(units, conversations, facts, measures):
    """Facts give what each unit brings to each metric."""
    own, worth, bases = shares_by_unit(units, conversations, facts)
    own = {key: row for key, row in own.items() if key[1] in DIRECTION}
    for row in measures.itertuples(index=False):
        where = f"{row.unit_id} {row.metric}"
        mine = own.pop((row.unit_id, row.metric), None)
        if mine is None:
            differences.append(f"measures {where}: nothing in the facts gives it")
            continue
        for column, value in zip(["numerator", "denominator", "pre_numerator", "pre_denominator"], mine):
            same("measures", where, column, getattr(row, column), value, scale=1e-6)
    differences.extend(f"measures {unit} {metric}: missing" for unit, metric in own)
    for row in units.itertuples(index=False):
        base, carried = bases[row.unit_id]
        same("units", row.unit_id, "base_revenue", row.base_revenue, base)
        same("units", row.unit_id, "base_carried", row.base_carried, carried)
        for column, value in zip(["worth_months", "worth_hours", "worth_revenue", "worth_lost"], worth[row.unit_id]):
            same("units", row.unit_id, column, getattr(row, column), value)


def rows_by_metric(measures):
    """metric → for each cohort the rows (y, x, y0, x0) of its units."""
    table = np.column_stack([numbers(measures[c]) for c in ["numerator", "denominator", "pre_numerator", "pre_denominator"]])
    cohort = measures.unit_id.map(COHORT_OF).to_numpy()
    metric = measures.metric.to_numpy()
    return {name: [table[(metric == name) & (cohort == key)] for key in KEYS] for name in np.unique(metric)}


def check_moments(moments, rows):
    """Units give the sums as of the end."""
    for row in moments[moments["until"] == P["as_of"]].itertuples(index=False):
        own = sums_of(rows.get(row.metric, [np.empty((0, 4))] * len(KEYS))[KEYS.index(row.cohort)])
        for column in SUMS:
            same("moments", f"{row.metric} {row.cohort}", column, getattr(row, column), own[column])


# Metrics that are the same for every unit of a cohort: what is left of their variance is rounding, and no two programs
# round alike. Their values and differences are compared, not their ranges.
ROUNDED = set()


def check_metrics(metric, arms_plain, sums, units, waits):
    for row in METRICS[METRICS.metric == metric].itertuples(index=False):
        i, where = KEYS.index(row.cohort), f"{metric} {row.cohort}"
        arm = arms_plain[i]
        if waits is not None:
            curve = waits[i]
            same("metrics", where, "n", row.n, len(np.unique(curve.unit)) if curve else 0)
            same("metrics", where, "value", row.value, curve.quantile(0.5) if curve else None)
            same("metrics", where, "numerator", row.numerator, float(curve.ended.sum()) if curve else None)
            same("metrics", where, "denominator", row.denominator, float(len(curve.time)) if curve else None)
        else:
            s = sums[i]
            if units is not None:
                same("metrics", where, "n", row.n, int((units[i][:, 1] > 0).sum()))
            same("metrics", where, "numerator", row.numerator, s["numerator_sum"] if s["n"] else None, scale=1e-6)
            same("metrics", where, "denominator", row.denominator, s["denominator_sum"] if s["n"] else None)
            same("metrics", where, "value", row.value,
                 s["numerator_sum"] / s["denominator_sum"] if s["denominator_sum"] else None, scale=1e-9)
        noise = 1e-7 * abs(arm.plain) if arm else 0.0
        if noise > 0 and math.sqrt(arm.var_plain) <= noise and row.std_error and float(row.std_error) <= noise:
            ROUNDED.add(metric)
            continue
        same("metrics", where, "std_error", row.std_error, math.sqrt(arm.var_plain) if arm else None,
             scale=1e-6 * abs(arm.plain) if arm else 0)


def withheld(metric, units):
    """Whether revenue may not be judged yet: too much of it carried, or units not followed long enough."""
    role = PLAN.role.get(metric)
    days = int(P["follow_up_days"])
    last = moments_in_time(units.assigned_at).max() if len(units) else PLANNED_END
    last = PLANNED_END if AS_OF < PLANNED_END else min(last, PLANNED_END)
    too_early = days > 0 and AS_OF < last + days * DAY and role == "guardrail"
    judged = units[units.base_carried != ""]
    rows = [np.column_stack([numbers(part.base_carried), numbers(part.base_revenue), np.full((len(part), 2), math.nan)])
            for part in (judged[judged.cohort == key] for key in KEYS)]
    total = sum(part[:, :2].sum(axis=0) for part in rows)
    arms = [ratio_arm(sums_of(part)) for part in rows]
    uneven = [compare(arms[CONTROL], arms[i], None, "", "increase", Fixed(0.05)).p for i in TREATMENTS]
    incomplete = total[1] > 0 and (total[0] / total[1] > 0.05 or any(p < 0.001 for p in uneven))
    return too_early or (incomplete and metric != "net_value")


def check_comparisons(found, adjusted):
    """Corrects the p-values over the secondary metrics and holds all of it against the table."""
    if P["looks"] == "group_sequential" and any(
        sum(int(u) for u in part[part.cohort.isin([KEYS[CONTROL], KEYS[i]])].units) >= float(P["planned_units"])
        for _, part in TAKEN[moments_in_time(TAKEN.as_of) < AS_OF].groupby("analysis") for i in TREATMENTS
    ):
        print("After the last look ranges also cover those of that look, which this file does not hold: comparisons are "
              "not recomputed.")
        return
    final = {}
    for place, i in enumerate(TREATMENTS):
        mine = {metric: results[place] for metric, results in found.items()}
        secondary = [metric for metric, one in mine.items()
                     if PLAN.role.get(metric) == "secondary" and not math.isnan(one.p)]
        adjustments = dict(zip(secondary, corrected([mine[m].p for m in secondary], P["correction"]))) if (
            P["correction"] != "none" and secondary) else {}
        for metric, one in mine.items():
            margin = bool(PLAN.margin.get(metric))
            nothing = "not_yet_shown" if margin else "no_difference_shown"
            conclusion = one.conclusion
            level = (1 - CONFIDENCE) / 2 if margin else 1 - CONFIDENCE
            if metric in adjustments and conclusion != "inferior" and adjustments[metric] > level:
                conclusion = nothing
            if WITH_UNITS and metric in REVENUE | {"net_value"} and withheld(metric, UNITS):
                conclusion = nothing
            final[metric, KEYS[i]] = (one, adjustments.get(metric), conclusion)
    for row in COMPARISONS.itertuples(index=False):
        if (row.metric, row.treatment) not in final:
            continue
        one, p_adjusted, conclusion = final[row.metric, row.treatment]
        where = f"{row.metric} {row.treatment}"
        if row.metric in ROUNDED:
            same("comparisons", where, "absolute_estimate", row.absolute_estimate, one.estimate, 1e-6)
            continue
        width = (one.upper - one.lower) if one.upper == one.upper else abs(one.estimate)
        relative_width = (one.relative_upper - one.relative_lower) if one.relative_upper == one.relative_upper else 0.0
        for column, own, scale in [
            ("absolute_estimate", one.estimate, width), ("absolute_lower", one.lower, width),
            ("absolute_upper", one.upper, width), ("relative_estimate", one.relative, relative_width),
            ("relative_lower", one.relative_lower, relative_width), ("relative_upper", one.relative_upper, relative_width),
        ]:  # fmt: skip
            same("comparisons", where, column, getattr(row, column), own, scale)
        same("comparisons", where, "p_value", row.p_value, one.p, 1e-12, tolerance=1e-6)
        same("comparisons", where, "p_value_adjusted", row.p_value_adjusted, p_adjusted, 1e-12, tolerance=1e-6)
        same("comparisons", where, "adjusted", row.adjusted, adjusted[row.metric])
        if WITH_UNITS or row.metric not in REVENUE | {"net_value"}:
            same("comparisons", where, "conclusion", row.conclusion, conclusion)
    return final


def lee_interval(control, treatment):
    """The interval about Lee's bounds for the difference itself (Imbens and Manski 2004), errors between units."""
    rate = lambda units: units[:, 1].sum() / units[:, 0].sum()
    swapped = rate(treatment) < rate(control)
    more, less = (control, treatment) if swapped else (treatment, control)
    (asked, answered, yes), (asked_less, answered_less, yes_less) = more.sum(axis=0), less.sum(axis=0)
    said_no, said_yes = (answered - yes) / asked, yes / asked
    share, of_less = yes_less / answered_less, answered_less / asked_less
    of_share = np.array([0.0, share / answered_less, -1.0 / answered_less])
    of_rate = np.array([-of_less, 1.0, 0.0]) / (of_less**2 * asked_less)
    noise = lambda units, weights: len(units) * (units @ weights).var(ddof=1)

    def bound(open_, of_more, by):
        """Its error: where the bound is the edge of what a share can be, the other cohort's share alone is noise."""
        first = np.array(of_more) / (of_less * asked) if open_ else np.zeros(3)
        return math.sqrt(noise(more, first) + noise(less, of_share + by * of_rate if open_ else of_share))

    low, high = 1 - said_no / of_less, said_yes / of_less
    error_low = bound(low > 0, [said_no, -1.0, 1.0], said_no)
    error_high = bound(high < 1, [-said_yes, 0.0, 1.0], -said_yes)
    low, high = max(0.0, low) - share, min(1.0, high) - share
    if swapped:
        low, high, error_low, error_high = -high, -low, error_high, error_low
    if max(error_low, error_high) <= 0:
        return None, None
    width = max(0.0, high - low) / max(error_low, error_high)
    reach = lambda tail: stats.norm.isf(tail * (1 - CONFIDENCE))
    covers = lambda c: stats.norm.cdf(c + width) - stats.norm.cdf(-c) - CONFIDENCE
    c = optimize.brentq(covers, reach(1.0) - 1e-9, reach(0.5) + 1e-9, xtol=1e-14)
    return low - c * error_low, high + c * error_high


def check_lee(found):
    """Where response rates differ, how far CSAT's difference could go (Lee 2009, with fractional trimming)."""
    def kept(share, good, all_, from_top):
        """Mean of the best (or worst) `share` of answers of which `good` of `all_` are ones."""
        wanted = share * all_
        return min(good, wanted) / wanted if from_top else max(0.0, good - (all_ - wanted)) / wanted
    scores = numbers(CONVERSATIONS.score)
    window = (CONVERSATIONS.period == "window").to_numpy()
    cohort = CONVERSATIONS.unit_id.map(COHORT_OF).to_numpy()
    def answers(i):
        own = window & (cohort == KEYS[i])
        rated = own & ~np.isnan(scores)
        asked = own & ((CONVERSATIONS.first_closed_at != "").to_numpy() | rated)
        return float((scores[rated] >= 4).sum()), float(rated.sum()), float(asked.sum())
    def by_unit(i):
        """Of each unit that was asked: how often, how often it answered, how often it was satisfied."""
        own = window & (cohort == KEYS[i])
        rated = own & ~np.isnan(scores)
        asked = own & ((CONVERSATIONS.first_closed_at != "").to_numpy() | rated)
        _, unit = np.unique(CONVERSATIONS.unit_id.to_numpy()[asked], return_inverse=True)
        count = lambda what: np.bincount(unit, weights=what[asked].astype(float))
        return np.column_stack([count(asked), count(rated), count(rated & (np.nan_to_num(scores) >= 4))])

    for place, i in enumerate(TREATMENTS):
        row = COMPARISONS[(COMPARISONS.metric == "csat") & (COMPARISONS.treatment == KEYS[i])].iloc[0]
        rate = found["csat_response_rate"][place]
        for column, own in zip(["difference", "lower", "upper"], [rate.estimate, rate.lower, rate.upper]):
            same("comparisons", f"csat {KEYS[i]}", f"response_rate_{column}", getattr(row, f"response_rate_{column}"), own, 1e-6)
        (good_c, n_c, asked_c), (good_t, n_t, asked_t) = answers(CONTROL), answers(i)
        if not n_c or not n_t:
            continue
        rate_c, rate_t = n_c / asked_c, n_t / asked_t
        keep_c, keep_t = min(1.0, rate_t / rate_c), min(1.0, rate_c / rate_t)
        low = kept(keep_t, good_t, n_t, False) - kept(keep_c, good_c, n_c, True)
        high = kept(keep_t, good_t, n_t, True) - kept(keep_c, good_c, n_c, False)
        same("comparisons", f"csat {KEYS[i]}", "lee_lower", row.lee_lower, low, 1e-6)
        same("comparisons", f"csat {KEYS[i]}", "lee_upper", row.lee_upper, high, 1e-6)
        ends = lee_interval(by_unit(CONTROL), by_unit(i))
        same("comparisons", f"csat {KEYS[i]}", "lee_interval_lower", row.lee_interval_lower, ends[0], 1e-6)
        same("comparisons", f"csat {KEYS[i]}", "lee_interval_upper", row.lee_interval_upper, ends[1], 1e-6)
        differs = rate.lower > 0 or rate.upper < 0
        same("comparisons", f"csat {KEYS[i]}", "non_response_lower", row.non_response_lower, low if differs else None, 1e-6)
        same("comparisons", f"csat {KEYS[i]}", "non_response_upper", row.non_response_upper, high if differs else None, 1e-6)


def check_series(moments):
    """The sums of each day give that day's point."""
    series = read("series")
    days = {key: part for key, part in moments.groupby(["metric", "until"], sort=False)}
    cache = {}
    for row in series.itertuples(index=False):
        key = (row.metric, row.at)
        if key not in cache:
            part = days[key].set_index("cohort").loc[KEYS]
            sums = [dict(zip(SUMS, map(float, line))) for line in part[SUMS].to_numpy()]
            units = [int(u) for u in part.units]
            cache[key] = (compare_all(arms_of(sums)[0], row.metric, units, day=True), sum(units))
        found, units = cache[key]
        one = found[TREATMENTS.index(KEYS.index(row.treatment))]
        relative = row.scale == "relative"
        own = (one.relative, one.relative_lower, one.relative_upper) if relative else (one.estimate, one.lower, one.upper)
        where = f"{row.metric} {row.treatment} {row.at}"
        same("series", where, "units", row.units, units)
        for column, value in zip(["estimate", "lower", "upper"], own):
            same("series", where, column, getattr(row, column), value, own[2] - own[1])


def check_waits():
    """Waiting curves, their medians, and whether the service levels were really given."""
    answered = (CONVERSATIONS.answered == "true").to_numpy()
    both = {clock: curves(CONVERSATIONS, f"first_response_{clock}_hours", answered) for clock in ("open", "wall")}
    to_minute = lambda hours: round(hours * 60) / 60 if not math.isnan(hours) else None
    cohort = CONVERSATIONS.unit_id.map(COHORT_OF).to_numpy()
    window = (CONVERSATIONS.period == "window").to_numpy()
    promised = [numbers(CONVERSATIONS[f"promised_wall_hours_{key}"]) for key in KEYS]
    level = numbers(COHORTS.promised_hours)
    z = stats.norm.isf((1 - CONFIDENCE) / 2)

    def longest(i):
        """The longest wall time that the level of a treatment or of the control promises a conversation of either."""
        use = window & np.isin(cohort, [KEYS[CONTROL], KEYS[i]]) & ~np.isnan(promised[i] + promised[CONTROL])
        return max(promised[i][use].max(), promised[CONTROL][use].max()) if use.any() else 0.0, use

    horizon = {"open": level.max(), "wall": max(longest(i)[0] for i in TREATMENTS)}
    for row in read("waits").itertuples(index=False):
        i, tau = KEYS.index(row.cohort), horizon[row.clock]
        curve, usual = both[row.clock][i], both[row.clock][CONTROL]
        where = f"{row.cohort} {row.clock} {row.figure}"
        own, p = [math.nan] * 3, None
        if row.figure.startswith("hours_p"):
            own = curve.percentile(float(row.figure.removeprefix("hours_p")) / 100)
        elif row.figure == "share_within_promise":
            share, error = 1 - float(curve.waiting(level[i])), curve.std_error(np.where(curve.at <= level[i], curve.waiting(level[i]), 0.0))
            known = not math.isnan(error)
            own = [share, max(0.0, share - z * error) if known else math.nan, min(1.0, share + z * error) if known else math.nan]
        elif row.figure == "restricted_mean_hours":
            mean, error = curve.restricted_mean(tau)
            own = [mean if not math.isnan(error) else math.nan, mean - z * error, mean + z * error]
        elif row.figure == "restricted_mean_difference_hours":
            (mean_c, se_c), (mean_t, se_t) = usual.restricted_mean(tau), curve.restricted_mean(tau)
            gap, error = mean_t - mean_c, math.hypot(se_c, se_t)
            own, p = [gap, gap - z * error, gap + z * error], 2 * stats.norm.sf(abs(gap) / error)
        elif row.figure == "log_rank":
            p = log_rank(usual, curve)
        for column, value in zip(["estimate", "lower", "upper"], own):
            same("waits", where, column, getattr(row, column), float(value), 1e-6)
        same("waits", where, "p_value", row.p_value, p, 1e-12)
    before = curves(CONVERSATIONS, "first_response_wall_hours", answered, "pre")
    for row in read("before_after").itertuples(index=False):
        i, tau = KEYS.index(row.cohort), horizon["wall"]
        was, since = before[i], both["wall"][i]
        influence = lambda curve: dict(zip(*curve.by_unit(curve.areas(tau)[1])))
        first, second = influence(was), influence(since)
        changes = np.array([second.get(u, 0.0) - first.get(u, 0.0) for u in first.keys() | second.keys()])
        error = math.sqrt(len(changes) / (len(changes) - 1) * (changes**2).sum())
        gap = since.areas(tau)[0] - was.areas(tau)[0]
        own = {"horizon_hours": tau, "before_mean_hours": was.areas(tau)[0], "since_mean_hours": since.areas(tau)[0],
               "difference_estimate": gap, "difference_lower": gap - z * error, "difference_upper": gap + z * error,
               "std_error": error, "before_median_hours": to_minute(was.quantile(0.5)),
               "since_median_hours": to_minute(since.quantile(0.5))}
        for column, value in own.items():
            same("before_after", row.cohort, column, getattr(row, column), value, 1e-6)
    points = read("waiting")
    for (key, clock), part in points.groupby(["cohort", "clock"], sort=False):
        own = 1 - both[clock][KEYS.index(key)].waiting(numbers(part.hours))
        for hours, stored, value in zip(part.hours, part.share_answered, own):
            same("waiting", f"{key} {clock} {hours}", "share_answered", stored, float(value), 1e-6)
    for row in read("delivery").itertuples(index=False):
        i = KEYS.index(row.treatment)
        tau, use = longest(i)
        gap = float((promised[i] - promised[CONTROL])[use].mean()) if use.any() else 0.0
        pair = both["wall"][CONTROL], both["wall"][i]
        own = [math.nan] * 3
        if all(pair) and tau > 0:
            (mean_c, se_c), (mean_t, se_t) = (curve.restricted_mean(tau) for curve in pair)
            half = z * math.hypot(se_c, se_t)
            own = [mean_t - mean_c, mean_t - mean_c - half, mean_t - mean_c + half]
        for column, value in zip(["waited_longer", "waited_longer_lower", "waited_longer_upper"], own):
            same("delivery", row.treatment, column, getattr(row, column), value, own[2] - own[1])
        same("delivery", row.treatment, "promised_longer", row.promised_longer, gap, 1e-6)
        humans = [(window & answered_all & (cohort == key)).sum() for answered_all in [(CONVERSATIONS.first_reply_at != "").to_numpy()]
                  for key in (P["control"], row.treatment)]
        most = own[2] if gap >= 0 else -own[1]
        checked = min(humans) >= 50 and gap != 0 and not math.isnan(most)
        same("delivery", row.treatment, "checked", row.checked, bool(checked))
        same("delivery", row.treatment, "ok", row.ok, bool(not checked or most >= 0.25 * abs(gap)))


def check_looks():
    """Which looks a group-sequential experiment pays for."""
    for treatment, part in read("looks").groupby("treatment"):
        i = KEYS.index(treatment)
        own = information(i, ASSIGNED[CONTROL] + ASSIGNED[i])
        same("looks", treatment, "look", part.look.iloc[-1], len(own))
        for stored, t in zip(part.information, own):
            same("looks", treatment, "information", stored, t)
        bound = GroupSequential(1 - CONFIDENCE, own, P["spending"] or "obrien_fleming").bound
        same("looks", treatment, "critical_value", part.critical_value.iloc[-1], bound if math.isfinite(bound) else None)


def check_split():
    row = read("sample_ratio").iloc[0]
    weights, observed = numbers(COHORTS.weight), np.array(ASSIGNED, dtype=float)
    use = weights > 0
    expected = weights[use] / weights[use].sum() * observed[use].sum()
    if observed[use].sum() > 0 and use.sum() > 1:
        p = stats.chisquare(observed[use], expected).pvalue
        same("sample_ratio", "", "p_value", row.p_value, float(p))
        same("sample_ratio", "", "ok", row.ok, bool(p >= 0.001 and not ((observed[use] == 0) & (expected >= 5)).any()))
    if WITH_UNITS:
        window = CONVERSATIONS[CONVERSATIONS.period == "window"]
        cohort = window.unit_id.map(COHORT_OF)
        closed, replied = window.first_closed_at != "", window.first_reply_at != ""
        for column, condition in [("conversations", closed | True), ("closed", closed), ("rated", window.score != ""),
                                  ("unanswered", ~replied), ("closed_unanswered", closed & ~replied)]:  # fmt: skip
            for row in COHORTS.itertuples(index=False):
                same("cohorts", row.cohort, column, getattr(row, column), int((condition & (cohort == row.cohort)).sum()))
        for row in COHORTS.itertuples(index=False):
            same("cohorts", row.cohort, "units", row.units, int((UNITS.cohort == row.cohort).sum()))


def check_economics(found):
    """What net value is made of, at the prices agreed and at others."""
    table, sensitivity = read("economics"), read("sensitivity")
    if not P["agent_hour"] or not len(table):
        return
    parts = np.column_stack([numbers(UNITS[f"worth_{name}"]) for name in ("hours", "revenue", "lost", "months")])
    groups = [parts[(UNITS.cohort == key).to_numpy() & (parts[:, 3] > 0)] for key in KEYS]
    treatment = table.treatment.iloc[0]
    place = TREATMENTS.index(KEYS.index(treatment))
    costs = {name: float(P[name]) for name in ("agent_hour", "gross_margin", "replacement_cost")}

    def priced(hour, revenue, lost):
        rows = [np.column_stack([g[:, :3] @ [hour, revenue, lost], g[:, 3], np.full((len(g), 2), math.nan)]) for g in groups]
        arms = plain_arms([sums_of(part) for part in rows], rows)
        return compare_all(arms, "net_value", ASSIGNED, plain=True)[place]

    def net_value(**other):
        c = costs | other
        return priced(-c["agent_hour"], c["gross_margin"], -c["replacement_cost"])

    saving = priced(-costs["agent_hour"], 0, 0)
    loss = priced(0, -costs["gross_margin"], costs["replacement_cost"])
    net = found["net_value"][place]
    units = math.floor(sum(ASSIGNED) / float(P["traffic_share"]) + 0.5)
    a_year = units * 365 / 30
    revenue = groups[CONTROL][:, 1].sum() / groups[CONTROL][:, 3].sum() if len(groups[CONTROL]) else math.nan
    alone = lambda value: (value, math.nan, math.nan)
    three = lambda one, by=1.0: (one.estimate * by, one.lower * by, one.upper * by)
    own = {
        ("saving", "unit_and_30_days"): three(saving), ("retention_loss", "unit_and_30_days"): three(loss),
        ("net_value", "unit_and_30_days"): three(net), ("saving", "year"): three(saving, a_year),
        ("retention_loss", "year"): three(loss, a_year), ("net_value", "year"): three(net, a_year),
        ("hours_saved", "year"): alone(saving.estimate * a_year / costs["agent_hour"] if costs["agent_hour"] else math.nan),
        ("units", "segment"): alone(float(units)), ("control_revenue", "unit_and_30_days"): alone(revenue),
        ("break_even_retention_loss", "share"):
            alone(saving.estimate / (revenue * costs["gross_margin"]) if revenue * costs["gross_margin"] > 0 else math.nan),
    }  # fmt: skip
    for row in table.itertuples(index=False):
        mine = own[row.sum, row.per]
        width = mine[2] - mine[1] if mine[2] == mine[2] else 0.0
        for column, value in zip(["estimate", "lower", "upper"], mine):
            same("economics", f"{row.sum} {row.per}", column, getattr(row, column), value, width)
    for row in sensitivity.itertuples(index=False):
        mine = three(net_value(**{row.parameter: float(row.value)}), a_year)
        where, width = f"{row.parameter} x {row.factor}", mine[2] - mine[1]
        for column, value in zip(["net_value_estimate", "net_value_lower", "net_value_upper"], mine):
            same("sensitivity", where, column, getattr(row, column), value, width)
        # Where a figure turns, it is zero: measured against the interval's width.
        for column, place_of in [("estimate_turns_at", 0), ("lower_turns_at", 1), ("lower_turns_again_at", 1)]:
            if turn := getattr(row, column):
                there = three(net_value(**{row.parameter: float(turn)}))
                same("sensitivity", where, column, "0", there[place_of], there[2] - there[1])


def check_segments(rows):
    """Within each value of a segment, not adjusted; p corrected over the values of all segments of a metric."""
    table = read("segments")
    own, of_units = {}, {}
    for segment in dict.fromkeys(table.segment):
        if segment in ("channel", "topic"):
            window = CONVERSATIONS[(CONVERSATIONS.period == "window") & (CONVERSATIONS[segment] != "")]
            for value, part in window.groupby(segment):
                cohort = part.unit_id.map(COHORT_OF)
                units = [part.unit_id[cohort == key].nunique() for key in KEYS]
                for metric, (y, x) in conversation_shares(part, CONVERSATIONS).items():
                    totals = pd.DataFrame({"u": part.unit_id.to_numpy(), "y": y, "x": x}).groupby("u").sum().reset_index()
                    of = totals.u.map(COHORT_OF).to_numpy()
                    of_units[segment, value, metric] = totals[(totals.y != 0) | (totals.x != 0)].set_index("u")
                    own[segment, value, metric] = ([np.column_stack([totals[["y", "x"]].to_numpy()[of == key],
                                                    np.full(((of == key).sum(), 2), math.nan)]) for key in KEYS], units)
        else:
            value_of = dict(zip(UNITS.unit_id, UNITS[f"segment_{segment}"]))
            for value in sorted(set(value_of.values()) - {""}):
                units = [sum(value_of[u] == value for u, c in COHORT_OF.items() if c == key) for key in KEYS]
                for metric in rows:
                    here = MEASURES[(MEASURES.metric == metric) & (MEASURES.unit_id.map(value_of) == value)]
                    own[segment, value, metric] = (rows_by_metric(here).get(metric, [np.empty((0, 4))] * len(KEYS)), units)
    declared = dict(zip(table.segment, table.declared))
    p_values = defaultdict(list)
    effects = defaultdict(list)
    for (segment, value, metric), (parts, units) in sorted(own.items(), key=lambda item: item[0]):
        if metric not in PLAN.index or (declared[segment] == "false" and min(units) < FEW):
            continue
        parts = [part[(part[:, 0] != 0) | (part[:, 1] != 0)] for part in parts]
        arms = plain_arms([sums_of(part) for part in parts], parts)
        for place, one in enumerate(compare_all(arms, metric, units, plain=True)):
            i = TREATMENTS[place]
            row = table[(table.segment == segment) & (table.value == value) & (table.metric == metric) & (table.treatment == KEYS[i])]
            where = f"{segment} {value} {metric} {KEYS[i]}"
            if math.isnan(one.estimate) != (len(row) == 0):
                differences.append(f"segments {where}: {len(row)} rows, recomputed {one.estimate}")
            if not len(row):
                continue
            row = row.iloc[0]
            width = one.upper - one.lower if one.upper == one.upper else 0.0
            relative_width = one.relative_upper - one.relative_lower if one.relative_upper == one.relative_upper else 0.0
            same("segments", where, "units", row.units, units[CONTROL] + units[i])
            same("segments", where, "control_value", row.control_value, arms[CONTROL].mean, 1e-9)
            same("segments", where, "treatment_value", row.treatment_value, arms[i].mean, 1e-9)
            for column, mine, scale in [
                ("absolute_estimate", one.estimate, width), ("absolute_lower", one.lower, width), ("absolute_upper", one.upper, width),
                ("relative_estimate", one.relative, relative_width), ("relative_lower", one.relative_lower, relative_width),
                ("relative_upper", one.relative_upper, relative_width),
            ]:  # fmt: skip
                same("segments", where, column, row[column], mine, scale)
            p_values[metric, declared[segment]].append((where, row.p_value_adjusted, one.p))
            c, t = arms[CONTROL], arms[i]
            effects[segment, metric, KEYS[i]].append((where, row.shrunk, c, t, of_units.get((segment, value, metric))))
    for tested in p_values.values():
        known = [one for one in tested if not math.isnan(one[2])]
        adjusted = dict(zip((w for w, _, _ in known), corrected([p for _, _, p in known], "benjamini_hochberg"))) if known else {}
        for where, stored, _ in tested:
            same("segments", where, "p_value_adjusted", stored, adjusted.get(where), 1e-12, tolerance=1e-6)
    check_heterogeneity(effects)


def shared(first, second, key, ratio, other):
    """Covariance of two ratios of one cohort, from the units that are in both values."""
    a, b = (units[[COHORT_OF[u] == key for u in units.index]] for units in (first, second))
    both = a.index.intersection(b.index)
    if not len(both):
        return 0.0
    few = math.sqrt(len(a) / (len(a) - 1) * len(b) / (len(b) - 1))
    x, y = a.loc[both], b.loc[both]
    return few * float(((x.y - ratio * x.x) * (y.y - other * y.x)).sum()) / (a.x.sum() * b.x.sum())


def check_heterogeneity(effects):
    """Whether the values of a segment have one effect: Cochran's Q, and where a unit may be in several values (channel,
    topic) Wald's test with the covariance between them."""
    tested = defaultdict(list)
    for row in read("heterogeneity").itertuples(index=False):
        taken = []
        for where, shrunk, c, t, units in effects[row.segment, row.metric, row.treatment]:
            base, weight = (abs(c.mean), t.mean / c.mean if c.mean else math.nan) if row.scale == "relative" else (1.0, 1.0)
            variance = t.var + weight**2 * c.var
            if base > 0 and variance > 0:
                taken.append((where, shrunk, c, t, units, base, weight, variance))
        e = np.array([(t.mean - c.mean) / base for _, _, c, t, _, base, _, _ in taken])
        sigma = np.diag([variance / base**2 for *_, base, _, variance in taken])
        if row.test == "wald":
            for i, (_, _, c, t, units, base, weight, _) in enumerate(taken):
                for j, (_, _, other_c, other_t, others, other_base, other_weight, _) in enumerate(taken[:i]):
                    noise = shared(units, others, row.treatment, t.mean, other_t.mean) + weight * other_weight * shared(
                        units, others, P["control"], c.mean, other_c.mean)
                    sigma[i, j] = sigma[j, i] = noise / (base * other_base)
        lines = [(where, shrunk) for where, shrunk, *_ in taken]
        precision = np.linalg.inv(sigma)
        w = precision.sum(axis=0)
        pooled = w @ e / w.sum()
        q, df = (e - pooled) @ precision @ (e - pooled), len(e) - 1
        tau2 = max(0.0, (q - df) / (np.trace(precision) - w @ w / w.sum()))
        own = {"values": len(e), "q": q, "degrees_of_freedom": df, "p_value": stats.chi2.sf(q, df),
               "i_squared": max(0.0, (q - df) / q) if q > 0 else 0.0, "tau_squared": tau2, "pooled": pooled}
        for column, value in own.items():
            same("heterogeneity", f"{row.segment} {row.metric} {row.treatment}", column, getattr(row, column), float(value), 1e-9)
        tested[row.metric, row.declared].append((row, own["p_value"]))
        wider = np.linalg.inv(sigma + tau2 * np.eye(len(e)))
        centre = wider.sum(axis=0) @ e / wider.sum()
        for (where, stored), drawn in zip(lines, centre + tau2 * wider @ (e - centre)):
            same("segments", where, "shrunk", stored, float(drawn), 1e-9)
    for rows in tested.values():
        for (row, _), p in zip(rows, corrected([p for _, p in rows], "benjamini_hochberg")):
            where = f"{row.segment} {row.metric} {row.treatment}"
            same("heterogeneity", where, "p_value_adjusted", row.p_value_adjusted, float(p), 1e-12, tolerance=1e-6)


def main():
    global CONVERSATIONS, MEASURES
    moments = read("moments")
    end = {metric: part.set_index("cohort").loc[KEYS] for metric, part in moments[moments["until"] == P["as_of"]].groupby("metric")}
    rows = {}
    if WITH_UNITS:
        CONVERSATIONS, MEASURES = read("conversations"), read("measures")
        check_measures(UNITS, CONVERSATIONS, read("facts"), MEASURES)
        rows = rows_by_metric(MEASURES)
        check_moments(moments, rows)
    found, adjusted = {}, {}
    for metric in dict.fromkeys(METRICS.metric):
        if metric in WAITS:
            if not WITH_UNITS:
                continue
            column, told = WAITS[metric]
            ended = (CONVERSATIONS[told] == "true").to_numpy() if told == "answered" else (CONVERSATIONS[told] != "").to_numpy()
            waits = curves(CONVERSATIONS, column, ended)
            arms, adjusted[metric] = [curve.median_arm() if curve else None for curve in waits], False
            check_metrics(metric, arms, None, None, waits)
        else:
            if WITH_UNITS:
                units = rows.get(metric, [np.empty((0, 4))] * len(KEYS))
                sums = [sums_of(part) for part in units]
            else:
                units, sums = None, [dict(zip(SUMS, map(float, line))) for line in end[metric][SUMS].to_numpy()]
                if any(0 < s["n"] < FEW and not is_mean(s) for s in sums):
                    continue  # the variance of few units needs the units themselves
            arms, adjusted[metric] = arms_of(sums, units)
            check_metrics(metric, plain_arms(sums, units), sums, units, None)
        found[metric] = compare_all(arms, metric, ASSIGNED)
    check_comparisons(found, adjusted)
    check_series(moments)
    check_split()
    check_looks()
    if WITH_UNITS:
        check_lee(found)
        check_waits()
        check_economics(found)
        check_segments(rows)
    print(f"{'table':<14}{'figures':>9}  largest relative deviation")
    for table, (count, worst) in compared.items():
        print(f"{table:<14}{count:>9}  {worst:.2g}")
    if CHANGED is not None and len(CHANGED):
        print(f"{len(CHANGED)} figures changed since the analysis was made, by facts told later: see changed_since.csv")
    if differences:
        print(f"\n{len(differences)} figures differ:")
        print("\n".join(differences[:200]))
        sys.exit(1)
    print("all figures agree")


if __name__ == "__main__":
    main()
