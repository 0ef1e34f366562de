### 供程序使用的表格旁的 README。

readme-analysis = { $experiment } 的第 { $number } 次分析：事实截至 { $as_of }，生成于 { $made_at }。
readme-same = 此后没有新的事实：每张表都是这次分析的数字。
readme-told = 这次分析生成之后，账本又有 { $n } 条记录，都没有改变其中的任何数字。
readme-changed =
    注意：这次分析生成之后，有些数字已经改变。
    此后账本又有 { $n } 条记录，或者实验被更改（parameters.csv：definition_version），或者由另一版本的 Patience 生成。
    数字表格是所存分析的数字；moments.csv 和逐个单位的表格由现在所知的、截至 { $as_of } 的事实得出。
    两者不同的 { $changed } 个单元格列在 changed_since.csv 中，附有两个数值。
readme-tables = 表格
readme-table = { $file }：每行是{ $row }。
readme-files = 其他文件
readme-file = { $file }：{ $what }
readme-results = 分析的每个数字，与 API 的回答相同
readme-agreed = 事先的约定，可供 `patience apply` 读取
readme-python = 用 numpy、scipy 和 pandas 重算这些数字：python3 recompute.py
readme-r = 只用 R 重算同样的数字：Rscript recompute.R
readme-reading =
    以逗号分隔，UTF-8，有标题行，小数点为“.”，位数足以还原同一个双精度数。空：未知或无界。时间为 UTC，RFC 3339。
    比例和相对变化写作小数。电子表格会当作公式的文字前有一个撇号。pandas.read_csv 和 R 的 read.csv 可直接读取；
    若编号是带前导零的数字，请把 *_id 各列作为文字读取（dtype=str，colClasses="character"）。
readme-parquet = 时间为 UTC。缺失的值为 null。`patience report --format csv` 有同样的表格，并附有由此得出的数字。
readme-how = 数字如何得出
readme-scripts =
    以下脚本在表格所在的文件夹中各自重算这些数字，并显示 "all figures agree"，或哪些不同、相差多少；
    没有逐个单位的表格时，重算由合计得出的数字：

        python3 recompute.py            （需要 numpy、scipy 和 pandas）
        Rscript recompute.R             （只需要 R）
readme-no-scripts = `patience report --format bundle` 有同样的表格，并附有重算这些数字的 Python 和 R 脚本。
readme-units =
    1. conversations.csv 和 facts.csv 得出 measures.csv：每个单位对每项指标的贡献（定义见 bundle 中的脚本，
       以及 Patience 中每个数字旁的说明）。
    2. measures.csv 和 units.csv 得出 moments.csv：一个组的单位的合计。
readme-no-units =
    此文件的读者不能查看单个客户，因此不含任何一位客户的行。units、measures、conversations 和 facts 各表可向分析师索取，
    moments.csv 由它们得出。
readme-formulas =
    3. moments.csv 得出 metrics.csv、comparisons.csv 和 series.csv。设一个组有 n 个单位，R = sum y / sum x：
       value 与 std_error：R 及 delta 方差 (s_yy - 2 R s_xy + R^2 s_xx) / (n xbar^2)；少于 40 个单位且分母不同时，
       由各单位用 CR2 及 Bell 与 McCaffrey 的自由度得出。
       调整（CUPED）：L = (y - R x)/xbar，L0 = (y0 - R0 x0)/x0bar，没有前期时为零，有前期时 h = 1；
       theta = 各组 cov(L, L0) 之和 / var(L0) 之和，theta_h = cov(L, h) 之和 / var(h) 之和；估计值为
       R - theta (R0 - 合并 R0) - theta_h (hbar - 合并 hbar)。若全部为有前期的普通均值，theta 为
       各组合并后的 cov(y, y0) / var(y0)。
       区间包含所有使 |c_m| / sd(c_m) 低于临界值的 m，c_m = T - C - m（绝对）或 T - C - m |C 未调整|（相对）：
       fixed 为每个 m 处 Satterthwaite 自由度的 Student t；always_valid 为按两组全部单位的置信序列；
       group_sequential 为花费界限。一个组在该指标上少于 40 个单位时，后两者以同一尾部的 t 代替。
       多个处理组时：按 Dunnett 校正给予各组的置信水平。
    4. conversations.csv 得出 waits.csv、waiting.csv、before_after.csv、delivery.csv 和 metrics.csv 中的中位数
       （Kaplan-Meier，仍在等待的在 as_of 处删失，方差按单位聚类）。
    5. units.csv 的 worth_* 各列得出 economics.csv 和 sensitivity.csv；cohorts.csv 得出 sample_ratio.csv。
    两个脚本都不重算：文字（verdict.csv、checks.csv）。
