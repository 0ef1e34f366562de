### 结果页与报告。

## 数字

hours-short = { $n } 小时
minutes-short = { $n } 分钟
duration-minutes = { $n } 分钟
duration-hours = { $n } 小时
duration-hours-minutes = { $hours } 小时 { $minutes } 分钟
duration-open-minutes = 营业时间 { $n } 分钟
duration-open-hours = 营业时间 { $n } 小时
duration-open-hours-minutes = 营业时间 { $hours } 小时 { $minutes } 分钟
spelled-minutes = { $n } 分钟
spelled-hours = { $n } 小时
promise-within = { $time }内
promise-within-open = { $time }内（{ $calendar }）
range-to = { $from } 至 { $to }
range-or-more = { $from } 或更多
range-or-less = { $to } 或更少
range-not-known = 尚不清楚
money-thousands = { $n }万
money-millions = { $n }亿
p-below = 小于 0.001
quoted = “{ $name }”
and-more = 另有 { $n } 项

## 状态

state-draft = 草稿
state-stopped = 已停止
state-failed = 检查未通过
state-ship = 可以决定：推行
state-do-not-ship = 可以决定：不推行
state-no-clear-answer = 可以决定：没有明确结论
state-behind = 落后于计划
state-broke-since = 推行后有限度被突破
state-paused = 已暂停
state-too-early = 为时过早
state-running = 运行中，还剩 { $days } 天
state-last-day = 运行中，最后一天
state-past-end = 运行中，已过结束日期
decided = 已决定：{ $what }
decision-shipped = 推行
decision-shipped-for-some = 对部分客户推行
decision-kept = 保持常规水平

conclusion-worse-within = 变差，未超限度
conclusion-within = 未超限度
conclusion-beyond = 超出限度
conclusion-not-shown = 尚未证实
conclusion-better = 变好
conclusion-worse = 变差
conclusion-no-difference = 无明显差异
conclusion-no-figure = 尚无数字
conclusion-longer = 变长，符合预期
conclusion-goal-met = 达到目标
conclusion-goal-missed = 变好，未达目标
conclusion-goal-open = 变好，目标未定
conclusion-pays = 划算
conclusion-costs = 代价大于节省

## 页首

result-size = { $units } 个{ $unit ->
    [account] 账户
   *[customer] 客户
}，{ $conversations } 个工单
result-dates = { $from }至 { $to }
result-data-to = 数据截至 { $at } UTC
result-version = 此结果的第 { $version } 版，生成于 { $at } UTC。
result-ranges = 范围为 { $level }% 范围，{ $looks }。
result-other-looks = 这不是计划中约定的查看方式。
result-feed-late = { $feed }：自 { $date } 以来没有收到数据，而它本应到达。
result-feed-see = 数字只包含已收到的数据。<a>查看哪些数据迟到、从何时开始</a>。
result-stale = 这是 { $days } 天前的数字。请刷新以纳入此后到达的数据。
looks-fixed = 只在计划结束时计一次
looks-always-valid = 已经加宽，任何一天查看都有效；客户仍在跟踪期间为近似值
looks-group-sequential = 按计划中的查看次数制定
not-for-decisions = 不可用于决策：有一项检查未通过。这些数字可能误导。
toc = 本页内容
toc-sums = 收支
toc-score = 记分卡
toc-time = 随时间变化
toc-waits = 响应时间
toc-checks = 检查
toc-groups = 群体
toc-log = 记录
toc-untold = 我们无法得知的

## 结论区

net-gain = 每年净收益
net-loss = 每年净损失
very-likely = 很可能在 { $from } 至 { $to } 之间
very-likely-across = 很可能介于损失 { $loss } 与收益 { $gain } 之间
figures-hidden = 数字已隐藏
know-heading = 决定之前须知：
reason-all-limits = 全部限度
reason-all-checks = 全部检查

## 进度

progress-joining = 招募 { $weeks } 周，至 { $date }
progress-follow-up = 跟踪 { $days } 天，至 { $date }
progress-left = 还剩 <b>{ $days } 天</b>
progress-complete = <b>已完成，</b>无需再等

## 事先约定

plan-heading-draft = 将要约定的内容
plan-heading = 事先约定
plan-locked = 已于 { $date }开始时锁定。
plan-locked-by = 已于 { $date }开始时由 { $who } 锁定。
plan-amended = { $date }修改：{ $fields }
plan-amendments = 此后的修改
plan-read = 阅读计划
plan-title = 计划：{ $name }
plan-told = { $level }：告诉客户的内容
plan-limit = 变差不得超过 { $limit }。{ $means }
plan-goal = 期望变好 { $goal } 以上。{ $means }
plan-why = { $metric }：原因
plan-weeks = { $n } 周
plan-days = { $n } 天
plan-tolerance = 每位客户每 30 天 { $money }
plan-file = 计划的文件形式，可供 <code>{ $command }</code> 使用：
plan-file-label = 计划的文件形式
also-measured = 仅供参考
plan-who = 对象
plan-who-share = 符合条件的{ $unit ->
    [account] 账户
   *[customer] 客户
}中的 { $share }，按{ $unit ->
    [account] 账户
   *[customer] 客户
}以 { $weights } 分组
plan-who-all = 所有符合条件的{ $unit ->
    [account] 账户
   *[customer] 客户
}，按{ $unit ->
    [account] 账户
   *[customer] 客户
}以 { $weights } 分组
plan-weights = { $before } 比 { $weight }
plan-except = 以下工单除外：<code>{ $rule }</code>
plan-except-plain = 以下工单除外：{ $rule }
plan-who-rule = { $who }：{ $rule }
who-both = { $a } 且 { $b }
who-either = { $a }，或 { $b }
who-one-of = { $name } 为 { $values } 之一
who-below = { $name } 低于 { $value }
who-at-most = { $name } 不超过 { $value }
who-above = { $name } 高于 { $value }
who-at-least = { $name } 至少 { $value }
who-is = { $name } 为 { $value }
who-is-not = { $name } 不为 { $value }
plan-levels = 服务水平
plan-level = { $name }：{ $promise }
plan-limits = 变差不得超过
plan-see-all = 查看全部
plan-no-limits = 没有设定限度
plan-ship-if = 推行条件
plan-made-for = 设计规模：{ $size }
plan-size-given = { $units } 个{ $unit ->
    [account] 账户
   *[customer] 客户
}，由计划指定
plan-size-before-start = 与开始前 { $weeks } 周内来信的{ $unit ->
    [account] 账户
   *[customer] 客户
}一样多
plan-size-default = { $units } 个{ $unit ->
    [account] 账户
   *[customer] 客户
}，因为开始之前没有任何数据
plan-size-share = { $units } 个{ $unit ->
    [account] 账户
   *[customer] 客户
}，为开始前 { $weeks } 周内来信数的 { $share }
plan-size-counted = { $units } 个{ $unit ->
    [account] 账户
   *[customer] 客户
}，与开始前 { $weeks } 周内来信的一样多
rule-limits-hold = 每一项限度都守住
rule-primary-improves = 期望的收益有所改善
rule-net-positive = 收益大于代价
rule-net-not-negative = 代价不超过节省
rule-metric = “{ $metric }”{ $is }
rule-within = 未超限度
rule-beyond = 超出限度
rule-better = 变好
rule-worse = 变差
rule-and = { $a }，并且{ $b }
rule-or = { $a }或{ $b }
rule-not = 并非{ $a }

## 收支

sums-heading = { $time }，{ $revenue }
sums-heading-neutral = 它值多少
sums-amount = { " " }{ $amount }
sums-about-amount = 约 { $amount }
sums-time-saved = 节省人力{ $amount }
sums-time-added = 增加人力{ $amount }
sums-revenue-lost = 损失收入{ $amount }
sums-revenue-gained = 增加收入{ $amount }
sums-lede = 以“{ $level }”水平服务 { $n } 位客户一年。圆点是最佳估计，周围的横条是合理范围。
sums-break-even = 如果客户收入下降超过 { $share }，就不再划算。
sums-saved = 节省的人力
sums-hours = 每年 { $n } 个客服工时
sums-lost = 损失的收入
sums-lost-note = 毛利，以及补充流失客户的成本
sums-net = 净收益
sums-net-note = 余下的部分
sums-description = { $sum } { $value }，在 { $from } 与 { $to } 之间。
sums-caption = 较慢服务水平一年的价值
sums-column = 项目
sums-chart = 收支图
best-estimate = 最佳估计
plausible-range = 合理范围
sums-assume = 这些数字的假设
assume-agent-hour = 客服每工时成本 { $amount }。
assume-margin = 收入中有 { $share } 是毛利。
assume-replacement = 补充一位流失客户的成本为 { $amount }。
assume-revenue = 常规水平的客户每 30 天付费 { $amount }。
assume-mix = 人力是就目前两种水平的组合估计的：较慢水平腾出的人力也会加快常规水平。
what-if = 如果成本更高或更低呢？
what-if-lede = 其中一项与假设不同、其余不变时的每年净收益。
what-if-table = 其他成本下的净收益
what-if-caption = 其他成本下的每年净收益
what-if-were = 假如是
what-if-assumed = { $cost }（假设值）
what-if-agent-hour = 客服每工时
what-if-margin = 收入的毛利率
what-if-replacement = 补充一位流失客户
turns-always = 无论它是多少，整个范围都在零以上
turns-from = 从 { $cost } 起，整个范围都在零以上
turns-up-to = 直到 { $cost }，整个范围都在零以上
turns-would-below = 低于 { $cost } 时，整个范围会在零以上
turns-would-from = 从 { $cost } 起，整个范围会在零以上
turns-between = 从 { $from } 到 { $to }，整个范围都在零以上
turns-estimate = 在 { $cost } 时最佳估计为零
turns-both = { $wholly }；{ $estimate }。
turns-never = 无论成本多少，整个范围都不会在零以上；{ $estimate }。

## 记分卡

score-limited = 变差不得超过限度
score-worth = 损失必须小于节省的人力
score-renewals = 保住的续费收入
score-renewals-means = 续费使这些客户的毛利变化多少
score-hoped = 期望的收益
score-hoped-without-goal = 期望的收益（未设目标）
score-information = 供参考
score-also = 同时衡量的
score-of = { $level }：{ $heading }
score-fell = { $metric }的下降超出了您允许的幅度
score-rose = { $metric }的上升超出了您允许的幅度
score-neutral = 各项指标的表现
score-held = 您要保护的没有一项变差到超出允许
score-not-yet = 您的限度尚未证实守住
score-some-held = 您的 { $all } 项限度中，目前已证实守住 { $held } 项
score-lede = 每根横条是合理范围，所有限度对齐成一条线。横条不得进入斜纹区。比例的差异以百分点计，标有 % 的除外。
score-caption = 开始之前约定的每项指标，以及“{ $level }”水平与其限度的比较。
score-measure = 指标
score-limit = 限度
score-your-limit = 您的限度
score-your-goal = 您的目标
score-break-even = 盈亏平衡点
score-plot = 范围与限度的比较
score-result = 结果
column-customers = 客户数
column-difference = 差异
column-difference-range = 差异与范围
axis-limit = 您的限度
axis-break-even = 盈亏平衡
axis-goal = 您的目标
axis-none = 无
axis-no-change = 无变化
axis-better = 更好 →

## 随时间变化

series-settled = { $metric }：自第 { $week } 周起未超限度
series-neutral = { $metric }随时间的变化
series-title = “{ $metric }”的差异，截至目前每一天
series-description = { $finding }。最后一天的差异为 { $difference }，合理范围 { $range }。{ $marked ->
    [0] {""}
   *[other] 图中标出了 { $marked } 件事，说明见下方。
}
milestones = 图中编号所标的事
milestone-by = { $who } 的备注
milestone-joined = 按计划停止加入
series-points = { $n } 个百分点
series-limit = 您的限度 { $limit }
series-flag = 自第 { $week } 周起未超限度
series-caption = “{ $metric }”的差异，按周
series-day = 日期
series-lede = “{ $metric }”的差异，{ $slower } 减 { $usual }，采用截至每一天已知的全部数据。
series-chart = { $metric }随时间变化图
series-more = 另外 { $n } 项指标随时间的变化
series-safe = 每天查看是否稳妥？
series-safe-why = 只要范围是为此制定的，在计划结束之前查看就是稳妥的。
show-figures = 显示数字
chart-better = 更好
chart-week = 第 { $n } 周
chart-worse = 更差
chart-no-difference = 无差异

## 响应时间

waits-longer = 客户多等了约 { $time }
waits-less = 客户少等了约 { $time }
waits-neutral = 客户等了多久
waits-lede = 按客户已等待的时间，得到首次人工答复的工单所占的比例。
waits-two-clocks = 标题按自然时间计算，包括夜间和周末；图中按营业时间计算。
waits-title-open = 已答复工单的比例，按各水平日历的营业时间
waits-title-wall = 已答复工单的比例，按自然时间
waits-axis-open = 各水平日历的营业时间（小时）
waits-axis-wall = 自然时间（小时）
waits-column = 已等待
waits-chart = 响应时间图
waits-promise = 承诺：{ $time }
waits-kept = 达成 { $share }
waits-half-later = 半数：晚 { $time }
waits-half-sooner = 半数：早 { $time }
waits-description = { $level }：{ $kept } 在承诺时间内。
waits-description-half = { $level }：半数在 { $time }内答复，{ $kept } 在承诺时间内。
waits-level = { $level }，{ $promise }
waits-table = 响应时间表
waits-caption = 各服务水平的首次响应时间
waits-service-level = 服务水平
waits-conversations = 工单数
waits-half = 半数以内
waits-nine = 九成以内
waits-half-wall = 半数（自然时间）
waits-promise-kept = 承诺达成
waits-unanswered = 未答复
waits-wall-too = 按自然时间看
before-level = “{ $level }”水平：开始以来平均 { $since }，此前 90 天为 { $before }
before-less = { $level }：少了 { $from }到 { $to }。较慢水平腾出的人力可能加快了它。
before-more = { $level }：多了 { $from }到 { $to }。
before-same = { $level }：没有明显变化。

## 检查

checks-trusted = 数字可信{ $notes ->
    [0] {""}
   *[other] ，有 { $notes } 条提示
}
checks-one-failed = 有一项检查未通过：{ $finding }
checks-failed = { $n } 项检查未通过
checks-lede = 每次更新都会运行这些检查。如有一项未通过，在解决之前 Patience 不给出建议。
checks-held = 有 { $n } 个调查评分被搁置，不计入任何数字：它们在调查发出后一分钟内，或在另一评分之后十秒内到达，像是自动打开邮件中每个链接的程序所为。{ $unrated ->
    [0] 这些调查之后都重新得到了评分，因此没有损失。
   *[other] 其中 { $unrated } 份调查没有其他评分。若经常发生，请改用客户的邮件过滤系统认识的地址发送调查。
}
check-passed = 通过：
check-note = 提示：
check-failed = 未通过：

## 群体

groups-lede = 各群体“{ $metric }”的差异。群体有 { $n } 个，常有一个会偶然显得突出：这是值得追查的线索，不是发现。
groups-differ = 效果似乎因 { $segment } 而异
groups-none = 没有群体显得突出
groups-one = “{ $value }”值得细看
groups-two = “{ $a }”和“{ $b }”值得细看
groups-many = 有 { $n } 个群体值得细看
groups-worth-a-look = 值得一看
groups-not-named = 开始之前没有指定任何群体。
groups-named = 开始之前指定的群体
groups-leads = 开始之前无人指定的群体（线索，{ $n }）
groups-lead-title = 线索
groups-analysts = 差异本身是否因取值而异？概率已经校正（Benjamini–Hochberg），指定的群体与线索各自校正。

## 这不能告诉您什么

untold-heading = 这不能告诉您什么
untold-outside = 规则之外的客户是否会有同样的感受。他们没有被纳入。
untold-after = { $date }之后会发生什么。更晚的评价、流失和收入没有看到。
untold-everybody = 如果所有人都是较慢水平，团队会有多快：人力是就目前两种水平的组合衡量的。
untold-unshown = 较慢水平是否会改变{ $metrics }：范围显示两种可能都有。

## 供分析师参考

for-analysts = 供分析师参考
clock-open = 营业时间
clock-wall = 自然时间
analysts-range = { $estimate }（{ $from } 至 { $to }）
analysts-percentile = { $share }% 在 { $hours } 小时内
analysts-waits = { $level }，{ $clock }：{ $percentiles }；在承诺时间内 { $kept }（{ $from } 至 { $to }）；截至 { $horizon } 小时的限制平均为 { $mean } 小时。
analysts-mean = 限制平均 { $hours } 小时
analysts-log-rank = { $mean }，对数秩检验 p { $p }
analysts-waits-differ = { $level } 减 { $other }，{ $clock }：{ $found }。
analysts-before = { $level }开始以来减此前 90 天，自然时间：限制平均 { $difference } 小时（此前 { $before } 小时）。
analysts-kaplan-meier = Kaplan–Meier；未答复的算作仍在等待。所有范围与检验都把同一客户的工单合在一起。
analysts-split = 分组：卡方检验 p { $p }。
analysts-splits = { $n } 个群体内的分组：最小的 p 为 { $p }（{ $segment }“{ $value }”），经 Holm 校正为 { $holm }。
analysts-trimmed = “{ $level }”的回答修剪 { $share }
analysts-untrimmed = 未作修剪
analysts-response-rate = “{ $level }”的回应率：{ $difference } 个百分点（{ $range }）。
analysts-lee-bounds = 在哪一组都会回应的客户的满意度，Lee 界限：{ $bounds } 个百分点（{ $trimmed }）；Imbens–Manski 范围 { $range }。
analysts-wald = 交互作用的 Wald 检验
analysts-cochran = Cochran Q
analysts-lead = { $segment }（线索）
analysts-spread = { $segment }：{ $test } { $q }，自由度 { $df }，p { $p }，校正后 { $corrected }；I² { $share }，τ { $tau }。

## 打印

paper-running = { $name } · 第 { $version } 版 · 数据截至 UTC { $at } · { $good ->
    [yes] 可用于决策：是
   *[other] 可用于决策：否
}
paper-milestone = { $n } · { $date } · { $what }{ $who ->
    [nobody] {""}
   *[other] （{ $who } 的备注）
}
paper-pair = { $name }：{ $value }
paper-sum = { $label }：{ $value }（{ $range }）
paper-decided = 已作出的决定
paper-limit = { $measure }变差不得超过 { $limit }
paper-ship-if = 推行条件：{ $rule }
paper-better = 越靠右越好
paper-check = 检查
paper-figures = 数据
paper-group = 分组
paper-value = 取值
paper-when = 时间（UTC）

## 一项指标的页面

measure-thousand = 以一千计
measure-per-thousand = { $of }：常规水平为 { $usual }，水平“{ $level }”为 { $slower }。差异为 { $difference }，很可能在 { $range } 之间。
measure-of = { $metric ->
    [csat] 每 1,000 个评价中满意的
    [csat_response_rate] 每 1,000 个已关闭工单中得到评价的
    [promise_kept] 每 1,000 个工单中按承诺答复的
    [first_contact_resolution] 每 1,000 个已关闭工单中首次联系即解决的
    [reopen_rate] 每 1,000 个已关闭工单中重开的
    [net_revenue_retention] 每 1,000 收入中留存的
    [gross_revenue_retention] 每 1,000 收入中留存的（不含增购）
    [churn] 每 1,000 位客户中取消的
    [questions_asked] 每 1,000 位客户发起的工单
    [net_emotional_value] 每 1,000 个提到情绪的评价中正面减负面
   *[other] 每 1,000
}
measure-levels = 统计了什么
measure-levels-why = 按所告知的数据，未经任何调整。
spread-heading = 平均数背后客户之间的差异
spread-why = 每位客户自己的数字。平均数不变时，也可能有人好得多、有人差得多。
spread-values = 客户自己的数字
spread-below = 低于 { $to }
spread-from = { $from } 及以上
spread-between = { $from } 至低于 { $to }
measure-counted = 计入的客户
measure-above = { $metric ->
    [csat] 4 分或 5 分的评价
    [csat_response_rate] 得到评价的已关闭工单
    [net_emotional_value] 正面减负面情绪
    [questions_asked] 发起的工单
    [promise_kept] 按承诺答复的工单
    [first_contact_resolution] 没有第二次提问的已关闭工单
    [reopen_rate] 重开过的已关闭工单
    [net_revenue_retention] 最近一个整月的收入
    [gross_revenue_retention] 同上，每位客户以起始值为限
    [churn] 取消的客户
    [conversations_per_agent_hour] 已关闭工单
    [handle_time] 客服工时
    [after_contact_time] 联系之后的客服工时
    [cost_to_serve] 客服时间折合的金额
    [net_value] 毛利减成本的金额
   *[other] 总和
}
measure-below = { $metric ->
    [csat] 全部评价
    [csat_response_rate] 已关闭工单
    [net_emotional_value] 提到情绪的评价
    [questions_asked] 客户
    [promise_kept] 工单
    [first_contact_resolution] 已关闭工单
    [reopen_rate] 已关闭工单
    [net_revenue_retention] 加入当月的收入
    [gross_revenue_retention] 加入当月的收入
    [churn] 起始时有收入的客户
    [conversations_per_agent_hour] 客服工时
    [handle_time] 已关闭工单
    [after_contact_time] 已关闭工单
    [cost_to_serve] 客户数乘以 30 天
    [net_value] 客户数乘以 30 天
   *[other] 计数
}
measure-recipe = 自己算一遍
measure-step-who = 取一个水平的全部客户，无论是否有例外，从其加入之日起。
measure-step-sum = 对每个水平求两个总和：“{ $above }”与“{ $below }”。
measure-step-divide = 用前者除以后者，即为该水平的数值。
measure-step-half = 把一个水平的全部工单按等待时间排序，仍在等待的排在最后。达到一半之处即为数值。
measure-step-difference = 用另一水平的数值减去常规水平的数值，即为差异。
measure-step-adjusted = 用另一水平的数值减去常规水平的数值，再扣除客户加入前的差别，即为差异：它与上面的数值略有不同。
measure-step-range = 每 100 次这样的实验中，约有 { $level } 次的范围包含真实差异。<a>如何计算</a>
measure-confidence = { $level }
