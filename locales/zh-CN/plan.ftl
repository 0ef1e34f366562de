### 引导表单、规划器，以及这些周能看出什么。

## 引导表单

step-title = { $step ->
    [who] 谁参加？
    [levels] 哪些服务水平？
    [limits] 什么不能变差？
    [gains] 您希望得到什么？
    [worth] 它值多少？
    [weeks] 多长时间？
    [check] 核对您的答案
   *[other] { $step }
}
step-lede = { $step ->
    [who] 符合条件的客户随机分组，并一直留在自己的组里。
    [levels] 今天对客户的承诺，以及要尝试的较慢承诺。
    [limits] 您能接受的最大损失。不需要限度的留空；满意客户始终有限度。
    [gains] 目标必须有所改善，它那部分推行条件才算满足。
    [worth] 以便把省下的人力与可能损失的收入相比较。如果不按金额决定，工时成本请留空。
    [weeks] 时间越长，越能看出较小的损失。按整周计算，因为一周中各天不同。
    [check] 一旦开始，参加对象、服务水平、分组和限度都不能更改。
   *[other] {""}
}
field-label = { $field ->
    [name] 实验名称
    [key] 用于地址和文件的短名称
    [hypothesis] 您的判断是什么？（可选）
    [owner] 由谁负责？（可选）
    [tags] 标签（可选）
    [fits] 谁符合条件？（可选）
    [and] 并且（可选）
    [rule] 自己写的规则（可选）
    [spared] 哪些工单从不多等？（可选）
    [or] 或（可选）
    [or_else] 或（可选）
    [except] 自己写的工单规则（可选）
    [unit] 按什么分组
    [share] 符合条件的客户中有多少参加？
    [usual_hours] 常规水平：首次响应时间在
    [usual_calendar] 计时方式
    [usual_message] 自动回复告诉客户什么（可选）
    [slower_hours] 较慢水平：首次响应时间在
    [slower_calendar] 计时方式
    [slower_message] 自动回复告诉客户什么（可选）
    [slower_share] 参加者中有多少得到较慢水平？
    [csat] 满意客户最多可以下降
    [csat_now] 今天的满意客户
    [csat_why] 为什么是这个限度？
    [net_revenue_retention] 留存收入最多可以下降
    [net_revenue_retention_why] 为什么是这个限度？设了限度就要填
    [churn] 流失客户最多可以上升
    [churn_now] 今天的流失客户（可选）
    [churn_why] 为什么是这个限度？设了限度就要填
    [first_contact_resolution] 首次联系解决率最多可以下降
    [first_contact_resolution_now] 今天的首次联系解决率（可选）
    [first_contact_resolution_why] 为什么是这个限度？设了限度就要填
    [reopen_rate] 重开的工单最多可以上升
    [reopen_rate_now] 今天的重开率（可选）
    [reopen_rate_why] 为什么是这个限度？设了限度就要填
    [conversations_per_agent_hour] 每客服工时处理工单数
    [conversations_per_agent_hour_goal] 目标：至少变好（可选）
    [questions_asked] 客户提问次数
    [questions_asked_goal] 目标：至少变好（可选）
    [handle_time] 处理时长
    [handle_time_goal] 目标：至少变好（可选）
    [cost_to_serve] 服务成本
    [cost_to_serve_goal] 目标：至少变好（可选）
    [resolution_time] 解决时长
    [resolution_time_goal] 目标：至少变好（可选）
    [currency] 币种
    [agent_hour] 客服每工时的成本（可选）
    [gross_margin] 收入中有多少是毛利？
    [replacement_cost] 补充一位流失客户的成本
    [arrivals] 这些客户每周的工单数（可选）
    [minutes] 处理一张工单所需时间（可选）
    [revenue] 一位客户每月带来的收入（可选）
    [starts_on] 第一天
    [planned_weeks] 周数
    [new_customers] 每周有多少客户加入？
    [rating_share] 其中有多少会评价？
    [planned_units] 您预计这段时间有多少客户？（可选）
    [follow_up_days] 为看收入，每位客户跟踪多久？
    [looks] 您何时查看？
   *[other] { $field }
}
field-hint = { $field ->
    [name] 例如：低消费客户改为一个工作日
    [key] 小写字母、数字和连字符。此后不会改变。
    [owner] 个人或团队
    [tags] 便于在列表中查找的词，例如：低消费、欧洲
    [fits] 按您告知的客户信息，例如：monthly_spend，低于，100。留空表示所有客户。
    [rule] 以上两行说不清的条件，例如：plan == "starter" || seats <= 3
    [spared] 它们始终按常规水平，例如：主题，是其中之一，outage、security。
    [except] 以上几行说不清的条件，例如：topic == "outage" && plan != "starter"
    [unit] 同一客户不应遇到两种水平。
    [slower_share] 一半最快得出答案。
    [csat_now] 全部评价中 4 分或 5 分的比例。只用于推算实验需要多长时间。
    [csat_why] 例如：低于 88，客户经理就会听到抱怨。它将永远留在方案中。
    [conversations_per_agent_hour_goal] 它不决定什么：结果会说明是否达到。
    [currency] 三个字母，例如 USD、EUR 或 CNY
    [agent_hour] 工资及其他一切相关费用
    [arrivals] 只用来说明能省多少，后两项也是。
    [new_customers] 符合条件的客户中，每周首次求助的人数。只用于推算这些周能看出什么。
    [planned_units] 范围在大约这么多客户时最窄。
   *[other] {""}
}
field-choice = { $choice ->
    [nothing] 不衡量
    [primary] 必须改善：作为目标
    [secondary] 供参考
    [below] 低于
    [at_most] 不超过
    [above] 高于
    [at_least] 不低于
    [is] 是
    [one_of] 是其中之一
    [is_not] 不是
    [customer] 客户
    [account] 账户：同一公司的所有客户合在一起
    [always_valid] 任何一天：为此范围会宽一些
    [fixed] 只在结束时一次：范围最窄
   *[other] { $choice }
}
field-wrong = { $field }：{ $why }
condition-what = 属性
condition-of = 工单的哪一项
conversation-attribute = { $name ->
    [channel] 渠道
    [topic] 主题
    [urgency] 紧急程度
   *[other] 请选择
}
condition-is = 比较
condition-value = 值
unit-after = { $unit ->
    [hours] 小时
    [minutes] 分钟
    [days] 天
    [weeks] 周
    [points] 个百分点
    [customers] 位客户
    [conversations] 个工单
    [percent] %
   *[other] {""}
}
limit-echo = { $metric ->
    [csat] 目前 100 位中有 { $today } 位满意。您能接受 { $accepted } 位，不能接受 { $refused } 位。
    [churn] 目前 100 位中有 { $today } 位流失。您能接受 { $accepted } 位，不能接受 { $refused } 位。
    [first_contact_resolution] 目前 100 张中有 { $today } 张一次解决。您能接受 { $accepted } 张，不能接受 { $refused } 张。
   *[reopen_rate] 目前 100 张中有 { $today } 张被重新打开。您能接受 { $accepted } 张，不能接受 { $refused } 张。
}
levels-spread = 目前这些客户中间一半的首次响应等待在 { $early } 到 { $late } 小时之间。您的两个承诺平均相差 { $gap } 小时，比这还小：许多客户可能察觉不到自己属于哪个水平。
saving-two-calendars = 两个水平按同样的时间计算时，才能算出节省多少。
saving-enter = 填写每周的工单数和处理一张所需的时间，就能看到会省多少。
saving-enter-revenue = 填写一位客户每月带来的收入，并在下一页填写每周加入多少客户，就能看到损失多少收入会抵消节省。
saving-without-money = 不填每小时成本，人力就以小时而不是金额表示。
follow-up-joining = { $n } 周，客户在此期间加入
follow-up-following = 之后 { $n } 天，跟踪到最后一位客户为止
calendar-always = 全天候
step-of = 第 { $number } 步，共 { $all } 步
continue = 继续
recalculate = 重新计算
save-draft = 存为草稿
source-measured = 最近 8 周的实测值。
source-nothing-measured = 仅为示例：还没有实测数据。
source-yours = 您输入的。
source-example = 示例。
source-workspace = 本工作区的设置。

## 目前的实验

so-far-heading = 目前的实验
so-far-all = 所有客户
so-far-with = 符合 { $rule } 的客户
so-far-share = { $who }（其中的 { $share }%）
so-far-split = { $who }随机分组：{ $share }% 最多等待 { $slower } 小时，而不是 { $usual } 小时。
so-far-except = { $rule } 的工单始终按常规水平。
so-far-matching = 最近 { $weeks } 周，每周有 { $customers } 位这样的客户首次求助，他们每周共有 { $tickets } 个工单。
so-far-limit = “{ $metric }”不超过 { $points } 个百分点
so-far-limits = 不能变差：{ $limits }。
so-far-goal = “{ $metric }”变好 { $goal }%
so-far-goals = 目标：{ $goals }。
so-far-weeks = 从 { $date }起，共 { $weeks } 周。

## 这些周能看出什么

sentence-space = {""}
outlook-heading = 这样能看出什么
outlook-arrive = <b>{ $weeks } 周</b>内约有 { $customers } 位客户加入，其中 { $ratings } 位会评价。
outlook-satisfaction = 如果满意度不变
outlook-limited = 如果您设限的各项都不变
outlook-chance = { $unchanged }，得出明确结论的机会是 <b>100 次中有 { $chance } 次</b>。
outlook-no-chance = { $unchanged }，<b>几乎没有机会</b>得出明确结论：评价这么少，分不清这么小的损失与没有损失。
outlook-more-than = 超过 { $chance }
outlook-none = 无
outlook-next-to-none = 几乎没有
outlook-in-hundred = 100 次中有 { $chance } 次
outlook-below = <b>低于 100 次中有 80 次。</b>可以这样做：
way-weeks = 增加周数：按这些限度需要 { $weeks } 周。
way-no-weeks = 增加周数没有帮助：按这些限度，多少周都不够。
way-limit = 放宽限度：“{ $metric }”放宽到 { $limit }。
way-customers = 增加客户：每周 { $more } 位，而不是 { $now } 位。
outlook-needed = 约 { $ratings } 个评价：{ $weeks } 周
outlook-table = 各周数一览
outlook-caption = 其他周数能看出什么
outlook-weeks = 周数
outlook-customers = 客户数
outlook-ratings = 评价数
outlook-smallest = 满意度的最小限度
outlook-chance-column = 得出明确结论的机会
outlook-chosen = { $weeks }（已选）
outlook-level = “{ $metric }”今天为 { $today }
outlook-with = 计算依据：{ $levels }，{ $known } 的客户各给一个评价，每周加入 { $customers } 位。
outlook-with-measured = 计算依据：{ $levels }，{ $known } 的客户会评价、评价的差异与最近 8 周相同，每周加入 { $customers } 位。
outlook-checked = 机会达到 100 次中有 80 次，才算能检验一项限度。
outlook-without = 未计入（因为这里不知道今天的水平或波动）：{ $metrics }。
outlook-impossible = 无法规划：{ $why }。
outlook-mend = 所需的答案中有些还不是数字：请改正后按“重新计算”。
outlook-enter-customers = 请输入每周有多少客户加入，然后按“重新计算”：您会看到这么多周之后得出明确结论的机会。

## 规划器

planner-lede = 较长的首次响应时间能省下什么，以及需要多久才能知道客户并不介意。本页的地址会保留您的数字。
planner-figures = 您的数字
planner-wrong = { $field }：请输入大于 0 且不超过 { $most } 的数字
planner-mend = 请改正上面的错误，然后按“计算”。
planner-impossible = 无法规划人力：{ $why }。
planner-calendar = 工作时间，两种承诺都按它计时
planner-pattern = 工单何时到达
planner-pattern-measured = 与最近 8 周相同
planner-pattern-typical = 与典型的一周相同
calculate = 计算
reset = 重置
reset-all = 全部重置
planner-link = 此方案的链接
planner-keep = 保留并尝试另一方案
planner-keep-instead = 改为保留这些数字
planner-beside = 两个方案并列
planner-kept = 已保留
planner-these = 这些数字
planner-swap = 互换
planner-drop = 放弃已保留的
planner-agents-freed = 释放的客服人数
planner-worth = 每年价值
planner-ratings-needed = 要有把握所需
planner-saving = 能省下什么
planner-frees = 把每周 { $arrivals } 个工单从 { $from } 小时改为 { $to } 小时，约可腾出 <b>{ $agents } 名客服</b>（{ $after } 名，而不是 { $before } 名），每年价值 <b>{ $money }</b>。
planner-takes = 把每周 { $arrivals } 个工单从 { $from } 小时改为 { $to } 小时，约需增加 <b>{ $agents } 名客服</b>（{ $after } 名，而不是 { $before } 名），每年花费 <b>{ $money }</b>。
planner-needed = 要确信满意度下降不超过 { $limit } 个百分点，需要<b>{ $needed }</b>。
planner-never = 要确信满意度下降不超过 { $limit } 个百分点，多少周都不够。
planner-chain = 从承诺到金额
planner-today = 今天
planner-to-try = 要尝试的
planner-within = 首次响应时间
planner-hours = { $n } 小时
planner-paid-hours = 每周付薪工时
planner-agents = 整个工作时间内的客服人数
planner-cost = 每年成本
planner-range = 如果其中一个数字偏差一成，则为 { $from } 到 { $to } 名客服。
planner-with-measured = 计算依据：最近 8 周的到达情况，客服 85% 的工作时间用于工单，30% 的付薪时间不在工作。
planner-with-typical = 计算依据：典型一周的到达情况，客服 85% 的工作时间用于工单，30% 的付薪时间不在工作。
planner-holidays = 计入 { $year } 年的节假日（节后工作会积压）：腾出 { $agents } 名客服。
planner-true = 需要满足什么条件
planner-shorter = 较短的承诺每年带来的收益必须超过它花费的 { $money }。
planner-pays-unless = 只要这 { $n } 位客户的收入损失不超过 { $share }，就划算。他们每年的毛利是 { $margin }。
planner-pays-anyway = 无论这 { $n } 位客户的收入怎样变化都划算：他们每年 { $margin } 的毛利少于节省的金额。
planner-week-costs = 每晚一周采用较长的承诺，就多花 { $money }。
planner-enter-revenue = 请输入每位客户每月带来的收入：您会看到损失多少收入之前仍然划算。
planner-start = 用这些数字开始实验
planner-label = { $field ->
    [from] 今天的首次响应时间
    [to] 要尝试的首次响应时间
    [arrivals] 每周工单数
    [minutes] 处理一个工单
    [agent_hour] 客服每工时的成本
    [customers] 每周加入的客户
    [rating_share] 其中有多少会评价？
    [csat_now] 今天的满意客户
    [limit] 最多可以下降
    [weeks] 周数
    [currency] 币种
    [revenue] 每位客户每月带来的收入（可选）
    [gross_margin] 其中有多少是毛利？
   *[other] { $field }
}
summary-who = 谁符合条件
summary-everybody = 所有客户
summary-spared = 从不多等的工单
