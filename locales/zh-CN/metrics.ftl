### 衡量什么：名称、定义，以及数字旁的说明。

metric-label = { $metric ->
    [csat] 满意客户（CSAT）
    [csat_response_rate] 调查回应率
    [net_emotional_value] 净情绪值
    [questions_asked] 提问次数
    [first_response_time] 首次响应时间
    [promise_kept] 承诺达成率
    [resolution_time] 解决时长
    [first_contact_resolution] 首次联系解决率
    [reopen_rate] 工单重开率
    [net_revenue_retention] 续费收入留存
    [gross_revenue_retention] 续费收入留存（不含增购）
    [churn] 流失客户
    [conversations_per_agent_hour] 每客服工时处理工单数
    [handle_time] 处理时长
    [after_contact_time] 事后处理时长
    [cost_to_serve] 服务成本
    [net_value] 净价值
   *[other] { $metric }
}
metric-subject = { $metric ->
    [csat] 满意度
    [csat_response_rate] 调查回应率
    [net_emotional_value] 净情绪值
    [questions_asked] 提问次数
    [first_response_time] 首次响应时间
    [promise_kept] 承诺达成率
    [resolution_time] 解决时长
    [first_contact_resolution] 首次联系解决率
    [reopen_rate] 工单重开率
    [net_revenue_retention] 续费收入
    [gross_revenue_retention] 续费收入
    [churn] 客户流失
    [conversations_per_agent_hour] 每客服工时处理工单数
    [handle_time] 处理时长
    [after_contact_time] 事后处理时长
    [cost_to_serve] 服务成本
    [net_value] 净价值
   *[other] { $metric }
}
metric-inside = { $metric ->
    [csat] 满意客户
    [questions_asked] 提问次数
   *[other] { $metric }
}
metric-definition = { $metric ->
    [csat] 全部评价中打 4 分或 5 分（满分 5 分）的比例
    [csat_response_rate] 已关闭工单中得到评价的比例
    [net_emotional_value] 正面情绪减去负面情绪，按提到情绪的评价计
    [questions_asked] 客户加入后发起的工单数
    [first_response_time] 一半的工单在这么长的营业时间内得到首次人工答复
    [promise_kept] 在告知客户的时间之前首次答复的比例
    [resolution_time] 一半的工单在这么长的营业时间内关闭
    [first_contact_resolution] 没有重开，且 7 天内没有再次提问
    [reopen_rate] 占已关闭工单的比例
    [net_revenue_retention] 最近一个整月的收入，与加入当月相比
    [gross_revenue_retention] 同上，但每位客户以起始收入为上限
    [churn] 占加入时有收入的客户的比例
    [conversations_per_agent_hour] 已关闭工单数除以所花工时
    [handle_time] 每个已关闭工单的客服工时
    [after_contact_time] 每个已关闭工单的客服工时
    [cost_to_serve] 客服工时折合金额，按每位客户 30 天计
    [net_value] 毛利减去客服工时与补充客户的成本，按每位客户 30 天计
   *[other] 您自定义的指标
}

## 数字旁的说明

note-revenue-missing = 不作判断：与起始收入相比，最近一个整月的收入数据缺失太多。
note-judged-later = 待每位客户都跟踪满 { $days } 天后判断，即 { $date }。
note-nothing-left = 尚无范围：客户这么少，按计划还不能下任何结论。
note-too-near-zero = 常规水平的数值太接近零，无法给出相对变化的范围。
note-no-range = 尚无范围（{ $why }）。
note-different-people = 一组比另一组更常回应调查，因此两组的评价来自不同的人群。
