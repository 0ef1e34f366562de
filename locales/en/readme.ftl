### The README beside tables for programs.

readme-analysis = Analysis { $number } of { $experiment }: facts up to { $as_of }, made { $made_at }.
readme-same = Nothing was told since: every table gives the figures of this analysis.
readme-told = { $n } entries came to the ledger since this analysis was made. None of them changes a figure of it.
readme-changed =
    ATTENTION: SOME FIGURES HAVE CHANGED SINCE THIS ANALYSIS WAS MADE.
    { $n } entries came to the ledger since, or the experiment was changed (parameters.csv: definition_version),
    or another version of Patience made it. The tables of figures are those of the stored analysis; moments.csv and the
    tables of single units are made from what is known now of the time up to { $as_of }. The { $changed }
    cells in which the two differ stand in changed_since.csv with both values.
readme-tables = TABLES
readme-table = { $file }: each row is { $row }.
readme-files = OTHER FILES
readme-file = { $file }: { $what }
readme-results = every figure of the analysis, as the API answers it
readme-agreed = what was agreed, as `patience apply` takes it
readme-python = recomputes the figures with numpy, scipy and pandas: python3 recompute.py
readme-r = recomputes the same with R alone: Rscript recompute.R
readme-reading =
    Comma-separated, UTF-8, a header line, a point for decimals, as many digits as give the same double back. Empty: not
    known, or unbounded. Times are UTC, RFC 3339. Shares and relative changes are fractions. Text that a spreadsheet would
    take for a formula has an apostrophe before it. pandas.read_csv and R's read.csv read the tables as they are; where your
    ids are numbers with leading zeros, read the columns *_id as text (dtype=str, colClasses="character").
readme-parquet =
    Times are UTC. A value that is missing is null. `patience report --format csv` has the same tables with the figures
    that follow from them.
readme-how = HOW THE FIGURES FOLLOW
readme-scripts =
    These recompute the figures in the folder of the tables, each by itself, and print "all figures agree", or what differs,
    and by how much; without tables of single units, what follows from the sums:

        python3 recompute.py            (needs numpy, scipy and pandas)
        Rscript recompute.R             (needs R alone)
readme-no-scripts = `patience report --format bundle` has the same tables with a Python and an R script that recompute the figures.
readme-units =
    1. conversations.csv and facts.csv give measures.csv: what each unit brings to each metric (the definitions stand in the
       scripts of the bundle, and beside each figure in Patience).
    2. measures.csv and units.csv give moments.csv: sums over the units of a cohort.
readme-no-units =
    This file was made for a reader who may not see single customers: it holds no row of one. Ask an analyst for the tables
    units, measures, conversations and facts, from which moments.csv follows.
readme-formulas =
    3. moments.csv gives metrics.csv, comparisons.csv and series.csv. With R = sum y / sum x of a cohort of n units:
       value and std_error: R and the delta variance (s_yy - 2 R s_xy + R^2 s_xx) / (n xbar^2); below 40 units, where the
       denominators differ, CR2 with Bell and McCaffrey's degrees of freedom, from the units.
       Adjusted (CUPED): L = (y - R x)/xbar, L0 = (y0 - R0 x0)/x0bar, zero without a pre-period, h = 1 with a pre-period;
       theta = sum cov(L, L0) / sum var(L0) over the cohorts, theta_h = sum cov(L, h) / sum var(h); the estimate is
       R - theta (R0 - pooled R0) - theta_h (hbar - pooled hbar). Of plain means all with a pre-period, theta is
       cov(y, y0) / var(y0) over the cohorts put together.
       The interval is every margin m at which |c_m| / sd(c_m) stays below the critical value, c_m = T - C - m (absolute) or
       T - C - m |C unadjusted| (relative): of Student's t with Satterthwaite's degrees of freedom at each m (fixed), of the
       confidence sequence at all units assigned to both cohorts (always_valid), of the spending bound (group_sequential).
       Where a cohort has fewer than 40 units of the metric, the latter two are replaced by the t with the same tail.
       Several treatments: at the confidence that Dunnett's allowance gives each.
    4. conversations.csv gives waits.csv, waiting.csv, before_after.csv, delivery.csv and the medians in metrics.csv
       (Kaplan-Meier, those still waiting censored at as_of, variance clustered by unit).
    5. The worth_* columns of units.csv give economics.csv and sensitivity.csv; cohorts.csv gives sample_ratio.csv.
    Not recomputed by either script: the words (verdict.csv, checks.csv).
