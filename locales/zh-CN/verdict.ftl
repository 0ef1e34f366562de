### 结论：每个论断各自成句，只在得到证实之处出现。

## 建议

verdict-kicker-ship = 建议：推行
verdict-kicker-do-not-ship = 建议：不要推行
verdict-kicker-keep-running = 建议：继续运行
verdict-kicker-change-plan = 建议：调整计划
verdict-kicker-too-early = 现在下结论为时过早
verdict-kicker-failed = 暂无建议：有一项检查未通过
verdict-kicker-no-clear-answer = 没有明确结论

## 发现

verdict-ship = 可以推行较慢的首次响应。
verdict-limit-broken = 不要推行。有一项限度被突破。
verdict-fell-too-far = 不要推行。{ $metric }的下降超出了您允许的幅度。
verdict-rose-too-far = 不要推行。{ $metric }的上升超出了您允许的幅度。
verdict-costs-more = 不要推行。它的代价将大于它省下的成本。
verdict-rule-refuted = 不要推行。事先约定的推行条件已被否定。
verdict-keep-running = 继续运行。大约还需 { $left }。
verdict-waiting-settled = 满意度已有定论。续费情况将于 { $date }明确。
verdict-waiting = 续费情况将于 { $date }明确。
verdict-too-early = 首批数字将于 { $date }给出。
verdict-too-early-nobody = 首批数字将在第一位客户加入一周后给出。
verdict-split-uneven = 请不要使用这些数字。两组客户不可比。
verdict-not-delivered = 请不要使用这些数字。工单没有按分配的服务水平得到答复。
verdict-data-incomplete = 数据完整之前不给出建议。
verdict-underpowered = 照此进度，到 { $date }得不出结论。
verdict-no-clear-answer = 时间已到，仍没有明确结论。
verdict-safe-not-shown-to-pay = 对客户是安全的，但未能证明划算。

## 句子成分

about-more-satisfied = 更为满意
about-less-satisfied = 满意程度略低
about-as-satisfied = 满意程度大致相当
size-points = { $n } 个百分点
size-percent = { $n }%
size-bare = { $n }
end-worse = 变差 { $size }
end-better = 变好 { $size }
range-across = 在{ $from }到{ $to }之间
range-one-side = 在 { $near } 与{ $far }之间
range-unknown = 大小无法判定
limit-points = 您设定的 { $n } 个百分点的限度
limit-percent = 您设定的 { $n }% 的限度
limit-bare = 您设定的 { $n } 的限度
verdict-even-split = 均等分组
verdict-uneven-split = 按 { $usual } 比 { $slow } 分组
verdict-as-a-sentence = { $finding }。

## 句子

verdict-levels = { $metric }：较慢水平为 { $slow }，常规水平为 { $usual }。
verdict-satisfied = 最多等待 { $promise }的客户{ $about }：满意的占 { $slow }，常规水平为 { $usual }。
verdict-were-satisfied = 较慢水平的客户中有 { $slow } 感到满意，常规水平为 { $usual }。
verdict-so-far-satisfied = 到目前为止，较慢水平的客户中有 { $slow } 感到满意，常规水平为 { $usual }。
verdict-so-far-levels = 到目前为止，{ $metric }：较慢水平为 { $slow }，常规水平为 { $usual }。
verdict-difference = 真实差异很可能{ $range }。
verdict-difference-inside = 真实差异很可能{ $range }，没有超出{ $limit }。
verdict-difference-beyond = 真实差异很可能{ $range }，超出了{ $limit }。
verdict-could-be = 真实差异可能是{ $low }到{ $high }之间的任何值。
verdict-could-be-inside = 真实差异可能是{ $low }到{ $high }之间的任何值，都没有超出{ $limit }。
verdict-could-be-open = 真实差异可能是{ $low }到{ $high }之间的任何值，因此还不能说它是否超出{ $limit }。
verdict-could-be-counts-once = 真实差异可能是{ $low }到{ $high }之间的任何值，但只计一次的数字要到计划结束时才判读。
verdict-not-enough-yet = 数据还不够，不能说它是否超出{ $limit }。
verdict-ship-pays = 省下的人力，其价值大于可能损失的续费。
verdict-ship-without-limits = 您的推行条件并不要求守住每一项限度。
verdict-more-time-changes-nothing = 延长时间不大可能改变这一点。
verdict-satisfaction-held = 满意度守住了。
verdict-every-limit-held = 每一项限度都守住了。
verdict-opposite = 数字显示的与它所要求的正相反。
verdict-renewals-fell = 续费下降了 { $points } 个百分点，每年约合 { $loss }，而省下的人力约值 { $saving }。
verdict-but-renewals-fell = 但续费下降了 { $points } 个百分点，每年约合 { $loss }，而省下的人力约值 { $saving }。
verdict-net-loss = 每年的净损失很可能在 { $least } 到 { $most } 之间。
verdict-nothing-harmful = 目前看不出有害的迹象。
verdict-no-more-customers = 不再需要更多客户。
verdict-followed-up = { $all } 位客户中已有 { $reached } 位满 { $days } 天，其余的将在 { $date }前满期。
verdict-quiet-days = 头 { $days } 天我们不显示任何数字，因为几天的工单可能偏向任何一边。
verdict-joined = 到目前为止已有 { $n } 位客户加入。
verdict-split-found = 您要求{ $asked }，但常规水平有 { $usual } 位客户，较慢水平有 { $slow } 位。
verdict-split-rare = 公平的分组出现这种偏差的机会不到千分之一。
verdict-split-mend = 有某种因素在分组之前或之后对客户进行了筛选。请先排除，再重新开始。
verdict-waited-longer = 较慢水平的客户比其他客户多等了{ $waited }；两者的承诺相差{ $promised }。
verdict-waited-less = 较慢水平的客户比其他客户少等了{ $waited }；两者的承诺相差{ $promised }。
verdict-delivery-mend = 请检查分派规则，然后重新开始。
verdict-revenue-missing = 起始收入中有 { $share } 没有收到{ $month }的数据。
verdict-revenue-uneven = { $month }的收入数据，一组比另一组缺得更多。
verdict-rejected = 最近 7 天与这些客户有关的记录中，有 { $share } 因有误而被排除。
verdict-data-missing = 数据有缺失。
verdict-data-kept = 在此之前的数据都已保留，无需重新开始。
verdict-joining = 原计划每周有 { $planned } 位新客户，实际加入的是 { $joining } 位。
verdict-rule-out-drop = 到 { $date }我们只能排除超过 { $amount }的下降，而您的限度是 { $limit }。
verdict-rule-out-rise = 到 { $date }我们只能排除超过 { $amount }的上升，而您的限度是 { $limit }。
verdict-ways-out = 您可以纳入更多客户，或者停止。
verdict-ways-out-weeks = 您可以再运行 { $weeks } 周、纳入更多客户，或者停止。
verdict-crosses = 这跨越了{ $limit }，因此不能说较慢水平是安全的，也不能说它不安全。
verdict-not-known-against = 它的范围与{ $limit }相比还不清楚，因此不能说较慢水平是安全的，也不能说它不安全。
verdict-held-but-not-shown = 每一项限度都守住了，但事先约定的推行条件未能得到证实。
verdict-keep-usual = 除非您愿意承担这一风险，否则请保持常规水平。
verdict-net-open = 但每年的净结果很可能介于损失 { $loss } 与收益 { $gain } 之间，因此不能说它划算。
verdict-net-unknown = 但净结果目前还无法给出。

## 理由

reason-no-limit = 没有约定任何限度。
reason-no-limit-why = 这项实验中没有任何东西保护客户。
reason-limits-read-once = 各项限度只判读一次，即在计划结束的 { $date }。
reason-limit-broken = 有一项限度被突破。
reason-limit-broken-why = { $metric }超出了您允许的幅度。
reason-limit-open = 有一项限度尚无定论。
reason-limit-open-why = { $metric }仍可能落在限度的任何一侧。
reason-held-why = 整个范围都在每一项限度的安全一侧。
reason-money-unknown = 金额还不清楚。
reason-money-needs-a-month = 需要客户加入后满一个整月的数据，以及各项成本。
reason-money-too-few = 客户太少，无法给出。
reason-money-works = 账算得过来。
reason-money-costs = 代价大于节省。
reason-money-open = 金额尚无定论。
reason-renewals-lost = 最坏情况下，每年损失续费 { $amount }。
reason-renewals-gained = 最坏情况下，每年仍增加续费 { $amount }。
reason-time-saved = 至少节省价值 { $amount } 的人力。
reason-time-added = 最坏情况下，多花价值 { $amount } 的人力。
reason-trusted = 数据可信。
reason-checks-passed = { $passed } 项检查通过{ $notes ->
    [0] {""}
   *[other] ，另有 { $notes } 条提示
}。
reason-not-trusted = 数据不可信。

## 决定之前须知

know-limit-used = { $metric }可能已用掉大部分限度。
know-got-worse = { $metric }变差了，虽然没有突破限度：{ $slow }，常规水平为 { $usual }。
know-not-followed = 实验结束后没有继续跟踪客户，因此看不到以后续费的情况。
know-followed = 对客户跟踪了 { $days } 天；更晚的续费看不到。
