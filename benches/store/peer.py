# What an analyst would use instead: DuckDB sums Parquet files up by unit, tea-tasting compares the cohorts.
#   peer.py FOLDER prepare    makes the Parquet files of the CSV files
#   peer.py FOLDER            analyses
import sys

import duckdb
import tea_tasting as tt

folder = sys.argv[1]
if len(sys.argv) > 2:
    for name, columns in [
        ("units", "{n: 'INT', cohort: 'TEXT', assigned: 'BIGINT', base: 'DOUBLE', last: 'DOUBLE'}"),
        ("conversations", "{n: 'INT', opened: 'BIGINT', replied: 'BIGINT', due: 'BIGINT', seconds: 'DOUBLE', "
         "closed: 'INT', reopened: 'INT', score: 'INT'}"),
    ]:
        duckdb.sql(f"COPY (FROM read_csv('{folder}/{name}.csv', header=false, columns={columns})) "
                       f"TO '{folder}/{name}.parquet' (FORMAT parquet)")
    sys.exit()

sums = ", ".join(
    f"coalesce(sum({what}) FILTER ({period}), 0)::DOUBLE AS {name}{suffix}"
    for suffix, period in [("", "opened >= assigned"), ("0", "opened < assigned AND opened >= assigned - 7776000000")]
    for name, what in [
        ("asked", "1"), ("closed", "closed"), ("hours", "seconds / 3600"), ("reopened", "reopened"),
        ("rated", "(score IS NOT NULL)::INT"), ("good", "(score >= 4)::INT"),
        ("waited", "(replied - opened) / 3.6e6"), ("answered", "(replied IS NOT NULL)::INT"),
        ("kept", "(replied <= due)::INT"), ("promised", "(due IS NOT NULL)::INT"),
    ])
units = duckdb.sql(f"""
    SELECT cohort, base, last, last - 30 * coalesce(hours, 0) AS net, coalesce(COLUMNS(s.* EXCLUDE (n)), 0)
    FROM '{folder}/units.parquet' u LEFT JOIN (
        SELECT n, {sums} FROM '{folder}/conversations.parquet' JOIN '{folder}/units.parquet' USING (n) GROUP BY n
    ) s USING (n)
""").to_arrow_table()
experiment = tt.Experiment(
    variant="cohort",
    csat=tt.RatioOfMeans("good", "rated", "good0", "rated0"),
    net_revenue_retention=tt.RatioOfMeans("last", "base"),
    questions_asked=tt.Mean("asked", "asked0"),
    conversations_per_agent_hour=tt.RatioOfMeans("closed", "hours", "closed0", "hours0"),
    first_response_time=tt.RatioOfMeans("waited", "answered", "waited0", "answered0"),
    promise_kept=tt.RatioOfMeans("kept", "promised", "kept0", "promised0"),
    reopen_rate=tt.RatioOfMeans("reopened", "closed", "reopened0", "closed0"),
    net_value=tt.Mean("net"),
)
print(experiment.analyze(units, control="usual"))
