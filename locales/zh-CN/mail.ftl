### 电子邮件。

## 登录链接

mail-link-subject = 登录 Patience
mail-link-open = 打开此链接即可登录 Patience：
mail-link-lasts = 此链接只能使用一次，{ $minutes } 分钟内有效。
mail-link-not-you = 如果不是您本人请求的，请忽略此邮件：没有这个链接，任何人都无法登录。

## 每周邮件

mail-weekly-subject = Patience：您的 { $n } 个进行中的实验现状
mail-weekly-open = 本周一各进行中实验的现状。
mail-nearest = 最接近限度的指标：{ $metric }，差异 { $range }，限度 { $limit }。
mail-days-left = 还剩 { $days } 天。
mail-complete = 已完成，无需再等。
mail-weekly-why = 您收到这封每周一的邮件，是因为您订阅了它。可在此处更改：
