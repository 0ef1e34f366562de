### 实验列表、实验页（结果以外的部分）、决定与报告。

back-to = 返回 { $name }
not-now = 暂不
choose = 请选择
edit = 编辑
new-experiment = 新建实验
download-report = 下载报告
refresh = 刷新
pause = 暂停
resume = 恢复
stop = 停止

## 列表

list-needs-you = 需要您处理
list-running = 运行中
list-drafts = 草稿
list-decided = 已决定
list-stopped = 已停止
list-empty = 还没有实验
list-empty-why = 实验让一部分客户得到较慢的首次响应，并显示这样做的代价是否大于节省。
list-plan-first = 规划第一个实验
list-example = 查看示例
list-all = 全部
list-count = { $name }（{ $n }）
list-search = 搜索
list-search-button = 搜索
list-owner = 负责人
list-level = 服务水平
list-tags = 标签
list-none-fits = 没有符合条件的实验
list-show-all = 显示全部
list-learned = 学到的：{ $learned }
list-download = 下载 { $format }
compare = 比较实验
compare-this = 比较 { $name }
compare-button = 比较所选实验
compare-lede = 每项指标以其自身单位表示：较慢水平与通常水平的差异，以及它很可能所在的范围。
compare-verdict = 结论
compare-learned = 学到的
compare-how-many = 请选择两到 { $most } 个已有决定的实验。
list-experiment = 实验
list-state = 状态
list-nearest = 最接近限度的指标
list-dates = 日期
list-no-figures = 还没有数字。
list-unfinished = 未完成
list-nameless = 尚未命名
list-answers-kept = 答案保存于 { $date }

## 实验页

experiment-link = 第 { $version } 版的链接
experiment-past = 这是当时的第 { $version } 版。<a>查看今天的结果</a>
experiment-newer = { $at } 有了更新的数字。其结论是：<a>{ $headline }</a>
experiment-once-a-day = 标题结论每天最多改变一次，以免有人在一个下午的几个答案中挑选。明天及以后的数字可以改变它。
experiment-not-started = 尚未开始。
experiment-nobody-yet = 开始之前不会分配任何客户。
experiment-no-figures = 还没有数字
experiment-nothing = 目前还没有分析任何数据。
experiment-nothing-why = 您的客服系统开始请求分组并发送事件后，数字就会出现。请在<a>数据页</a>查看已收到什么，然后按<b>刷新</b>。
experiment-run = 运行
experiment-run-locked = 参加对象、服务水平和限度都已锁定。
edit-some = 编辑仍可更改的内容
done-refresh = 数字已更新：所有已到达的数据都包含在内。
done-refresh-waits = 数字已更新，但与今天的标题结论不同；今天的结论保持不变。
done-start = 实验已开始。从现在起来信的客户会被分配，并一直留在自己的组里。
done-pause = 实验已暂停。不再有新客户加入；已有客户保持原来的水平。
done-resume = 实验已恢复运行。
done-stop = 实验已停止。从现在起所有人都是常规水平。
done-decided = 决定已记录，显示在结论旁边和日志中。
done-saved = 计划已保存。
action-find-cause = 查找原因
action-show-anyway = 仍然显示数字
action-see-left = 查看还差什么
action-compare = 比较各种选择
action-keep = 保留常规水平
action-longer = 规划更长的实验
action-assume = 换用其他假设
action-stop = 停止实验
action-another = 记录另一项决定
decided-from = { $what }，自 { $date }起
decided-by = 同意人：{ $agreed }。由 { $who } 于 { $date }记录。
decided-by-on = 同意人：{ $agreed }。由 { $who } 于 { $date }记录，依据结果的<a>第 { $version } 版</a>。

## 日志

log-heading = 何时发生了什么
log-version = 结果的第 { $version } 版
log-defined = 定义了方案
log-started = 开始了实验，方案锁定
log-paused = 暂停了实验
log-resumed = 恢复了实验
log-stopped = 停止了实验
plan-part = { $part ->
    [name] 名称
    [hypothesis] 假设
    [owner] 联系人
    [tags] 标签
    [unit] 分组单位
    [confidence] 置信度
    [starts_on] 第一天
    [planned_weeks] 周数
    [eligibility] 参加对象
    [traffic] 参加比例
    [cohorts] 服务水平
    [metrics] 指标和限度
    [analysis] 查看方式
    [economics] 成本
    [decision] 推行条件
   *[other] { $part }
}
log-changed = 更改了 { $fields }
log-decided = 记录了决定：{ $what }
log-decided-on = 依据结果的第 { $version } 版记录了决定：{ $what }

## 开始与停止

start-heading = 锁定计划并开始？
start-button = 锁定计划并开始
start-locked = 参加对象、服务水平、分组和限度此后不能更改。
start-assigned = 从计划的第一天起，客服系统请求时就会分配客户。
start-first-figures = 七天后显示首批数字。
stop-heading = 停止实验？
stop-button = 永久停止
stop-usual = 此后所有人都是常规水平。
stop-for-good = 停止后不能再次开始。其数字、报告和日志都会保留。

## 记录决定

decide-heading = 记录决定
decide-title = 记录决定：{ $name }
decide-lede = { $name }。决定将永久显示在结论旁边和日志中。
decide-what = 您的决定是什么？
decide-what-missing = 请选择您的决定
choice-ship = 推行较慢水平
choice-keep-usual = 保持常规水平
choice-ship-for-some = 对部分客户推行较慢水平
decide-why = 为什么？
decide-why-hint = 开头是结论中的发现。
decide-why-missing = 请用一句话说明原因
decide-otherwise = 如果与建议不同：为什么？
decide-otherwise-missing = 请说明为什么与建议不同
decide-otherwise-told = 与建议不同：{ $why }
decide-from = 从何时起？
decide-from-missing = 请输入日期，例如 2026-03-30
decide-agreed = 谁同意？
decide-agreed-hint = 个人或团队，例如：客服主管、财务部
decide-agreed-missing = 请写出个人或团队
decide-learned = 您学到了什么？（可选）
decide-learned-hint = 它会显示在已有决定的实验列表中，供规划下一个实验的人参考。
decide-watch = 推行后继续观察限度（可选）
decide-watch-hint = 实验继续期间，仍有一部分客户保持常规水平以供比较。若有限度在此期间被突破，它会重新排到列表最前。
decide-watch-wrong = 请填写整周数，最多 { $most }
decided-watched = 限度观察到 { $date }。
decide-recommended = 建议：{ $choice }。
decide-none-recommended = 目前还没有建议：无论怎样决定都需要说明理由。

## 报告

report-title = 报告：{ $name }
report-crumb = Patience：实验报告
report-lede = 每个文件与页面上的结论文字和数字都完全相同。
report-none = 还没有分析
report-none-mend = 请在<a>实验页</a>按<b>刷新</b>生成第一份。
report-caption = 各版本的文件
report-stamp = 每个文件关于自身的说明
report-files-of = 第 { $version } 版的文件
report-file = 文件
report-for = 适合谁
report-holds = 内容
report-size = 大小
report-download-file = 下载
report-earlier = 更早的版本
size-kilobytes = { $n } kB
size-megabytes = { $n } MB
size-about = 约 { $size }
report-version = 版本
report-version-number = 第 { $version } 版
report-of-version = 第 { $version } 版
report-facts = 数据截至
report-made = 生成于
report-files = 文件
reports-empty = 报告由实验生成。
reports-caption = 各实验及其最新结果
reports-last-result = 最新结果
reports-last = 第 { $version } 版，{ $date }
reports-none = 暂无

## 各种文件的用途

format-pdf-for = 会议或董事会
format-pdf = 三页，第一页是结论、事先约定和收支。带有供屏幕阅读器使用的标签。
format-html-for = 发送与保存
format-html = 把结果页放在一个文件里，不需要其他任何东西。
format-xlsx-for = 使用电子表格的人
format-xlsx = 结论、记分卡以及图表背后的每个数字；每个工作表是一张表格，数字和日期可直接在电子表格中使用，并附有各列的字典。
format-csv-for = 笔记本与电子表格
format-csv = 整洁表格：每个数字及其背后的合计；分析师及以上角色还可看到每位客户和每个工单。比例写作 0 到 1，时间为 UTC。
format-parquet-for = 分析师
format-parquet = 分配、客户、会话与事实，均为 zip 中的 Parquet 文件，可用于 pandas、R、DuckDB 或数据仓库。时间为 UTC。
format-bundle-for = 想核对我们的人
format-bundle = 所有表格、可查看者的每位客户和每个工单、事先的约定，以及用公共库据此重算记分卡、并说明数字是否全部一致的 Python 与 R 脚本。
format-json-for = 程序
format-json = 全部数字：即 API 返回的文档。

## 批准

ask-heading = 请求批准
ask-button = 请求批准
ask-why = 在此工作区，锁定方案的人不能是写方案的人。另一位负责人或管理员会看到它在等待，并开始实验。
approve-heading = 批准方案并开始
approve-button = 批准并开始
approve-wrote = 当前方案由 { $who } 编写。开始实验即表示您已阅读。
approval-asked = { $who } 于 { $date } 请求批准。
approval-look = 请阅读将要约定的内容，然后开始。
approval-waits = 需由另一位负责人或管理员开始。
state-asked = 等待批准
done-asked = 已请求批准。另一位负责人或管理员会在实验列表顶部看到它。
log-asked = 请求了批准
log-noted = “{ $text }”
log-noted-of = “{ $text }”，{ $date }
note-add = 添加备注
note-hint = 还发生了什么可能影响数字的事，例如更换了话术或放假。备注会留在记录中，并标在随时间变化的图上。
note-day = 是哪一天？
note-day-wrong = 请输入不晚于今天的日期，例如 { $example }
note-missing = 请写下发生了什么
note-button = 添加
done-noted = 备注已写入记录，并标在随时间变化的图上。
