### 数字、日期与列举。

date = { $year }年{ $month }月{ $day }日
month = { $year }年{ $month }月
date-time = { $date } { $time }

wait-minutes = { $n } 分钟
wait-hours = { $n } 小时
wait-days = { $n } 天

promise-hours = { $n } 小时
promise-working-hours = { $n } 个工作小时
promise-working-days = { $n } 个工作日

more-days = { $n } 天
more-weeks = { $n } 周

list-last = { $list }和{ $next }
list-more = { $list }、{ $next }
