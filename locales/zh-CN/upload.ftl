### 分三步上传文件：选择文件、对应列、检查结果。

cancel = 取消
upload-needed = { $column }（必需）
upload-column = { $column ->
    [customer_id] 客户
    [account_id] 账户
    [conversation_id] 工单
    [opened_at] 提交时间
    [first_agent_reply_at] 人工首次回复时间
    [closed_at] 关闭时间
    [channel] 渠道
    [topic] 主题
    [urgency] 紧急程度
    [agent_id] 客服
    [handle_seconds] 处理秒数
    [after_contact_seconds] 后续处理秒数
    [reopened] 是否重新打开
    [rated_at] 评分时间
    [score] 评分（1 到 5）
    [emotions] 情绪
    [comment] 评论
    [month] 月份
    [amount] 金额
   *[currency] 币种
}

## 文件

upload-too-long = 此页面最多接收 32 MB 的文件。更大的文件请使用 { $command }，它没有大小限制。
upload-not-text = 文件既不是 UTF-8 也不是 UTF-16 文本。请在电子表格中另存为“CSV UTF-8”。
upload-no-rows = 文件需要有表头行，且其下至少有一行数据。

## 列

upload-match = 对应各列
upload-match-lede = { $file }：{ $kind }。请说明文件中每一列是什么。
upload-yours = 您的列
upload-samples = 前几个值
upload-read-as = 我们读作
upload-leave-out = 不导入
upload-attribute = 客户的属性
upload-nameless = 第 { $n } 列
upload-order = { $cell } 应如何理解？
upload-order-means = { $cell } 是 { $date }
upload-zone = 文件中的时间属于哪个时区？
upload-zone-hint = { $cell } 这样的时间没有写明时区。
upload-zone-means = { $zone }：{ $cell } 即 UTC { $at }
upload-missing = 请指出哪一列是：{ $column }
upload-twice = 有两列被指定为：{ $column }
upload-order-missing = 请说明 { $cell } 应如何理解
upload-zone-missing = 请说明 { $cell } 属于哪个时区
upload-to-check = 检查文件
upload-nothing-yet = 目前尚未记录任何内容。文件保留一天，只有您能看到。

## 检查

upload-check = 导入前的检查
upload-counts = { $file }：{ $kind }。共 { $all } 行：{ $ready } 行可以导入，{ $out } 行被排除。
upload-changed = 其中 { $n } 行已有记录，将被更新。
upload-known = 其中 { $n } 行已有相同记录，不会改变任何内容。
upload-out = { $n } 行被排除
upload-first = 原因及首个这样的行
upload-how-many = 行数
upload-row = 第 { $row } 行：{ $why }
upload-row-column = 第 { $row } 行，{ $column }：{ $why }
upload-row-cell = 第 { $row } 行，{ $column }：“{ $cell }”{ $why }
upload-row-hint = 行号与电子表格一致：表头是第 1 行。
upload-import = 导入 { $n } 行
upload-download = 下载被排除的 { $n } 行
upload-mistake = 如果弄错了怎么办？
upload-for-good = 导入不能撤销：已告知的内容会一直保留，以便每个数字都能由它重新算出。
upload-mend-row = 错误的行由正确的行更正：在文件中改好后重新上传，两个文件中以后上传的为准，没有变化的行不改变任何内容。
upload-not-removed = 根本不该存在的行无法移除。导入之前请核对上面的数目：按下按钮之前不会记录任何内容，“取消”会丢弃文件。
upload-to-data = 查看已到达的数据
