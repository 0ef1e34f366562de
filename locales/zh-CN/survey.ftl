### 客户在对话结束后看到的内容。每个人看到的字句都一样；不提速度，也不提实验。


survey-title = 我们的帮助怎么样？
survey-question-of = 您在{ $date }提出的问题
survey-question-about = 您在{ $date }提出的问题：“{ $subject }”
survey-subject = 您的问题：“{ $subject }”
survey-rating = { $score ->
    [5] 很好
    [4] 好
    [3] 一般
    [2] 差
   *[1] 很差
}
survey-marked = 已按邮件中的选择标出，尚未发送。
survey-send-rating = 发送：{ $score ->
    [5] 很好
    [4] 好
    [3] 一般
    [2] 差
   *[1] 很差
}
survey-one-tap = 点一下就够了。您的回答只有我们能看到。
survey-thanks = 谢谢。您的评价：{ $score ->
    [5] 很好
    [4] 好
    [3] 一般
    [2] 差
   *[1] 很差
}
survey-change = 更改您的回答
survey-better = 我们还可以怎样改进？（可不填）
survey-no-secrets = 请不要填写银行卡或账户信息。
survey-send = 发送
survey-saved = 您可以关闭此页。您的评价已保存。
survey-thanks-comment = 谢谢您告诉我们。
survey-closed = 此调查已结束
survey-closed-why = 调查开放了 14 天。您仍然可以写信给我们。
