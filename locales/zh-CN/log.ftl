### 审计日志：页面，以及可能发生的事。


log-title = 审计日志
log-lede = 谁在什么时候做了什么，最新的在前。记录只增加，从不更改。每条记录都带有上一条的校验和。这里没有密钥，也没有工单内容。
log-when = 时间
log-who = 谁
log-what = 做了什么
log-where = 在哪里
log-command-line = 命令行
log-filter = 显示
log-check = 检查校验链
log-whole = 校验链完整：共 { $lines } 条，每条都与写入时一致
log-whole-head = 这是最后一条记录的校验和。请另行记下：日志的末尾若被截去，就再也得不到它。
log-broken = 校验链在第 { $line } 条断开
log-broken-why = 这一条或它前面的一条与写入时不同，或者有一条被拿走。请与备份比较。
log-empty = 没有符合的记录
log-older = 更早
log-download = 下载 { $format }

## 可能发生的事

did-experiment = { $what }。
did-add-person = 添加了 { $email }，角色为{ $role ->
    [viewer] 查看者
    [analyst] 分析师
    [lead] 负责人
    [admin] 管理员
   *[other] { $role }
}
did-change-role = 把 { $email } 的角色改为{ $role ->
    [viewer] 查看者
    [analyst] 分析师
    [lead] 负责人
    [admin] 管理员
   *[other] { $role }
}
did-make-link = 为 { $email } 生成了一次性链接
did-create-key = 创建了密钥“{ $key }”，角色为{ $role }
did-revoke-key = 吊销了密钥“{ $key }”
did-set-password = 设置了密码
did-sign-in = 登录
did-use-passkey = 使用通行密钥“{ $name }”登录
did-add-passkey = 添加了通行密钥“{ $name }”
did-remove-passkey = 移除了通行密钥“{ $name }”
did-sign-on = 通过单点登录登录
did-come = 通过单点登录首次进入，角色为{ $role ->
    [viewer] 查看者
    [analyst] 分析师
    [lead] 负责人
    [admin] 管理员
   *[other] { $role }
}
did-ask-link = 请求了一封登录链接邮件
did-want-weekly = 订阅了每周邮件
did-want-no-weekly = 退订了每周邮件
did-take-report = 取走了第 { $version } 版的逐个客户数据，格式为 { $format }
did-upload = 从文件导入了 { $n } 行，类型为{ $kind }
did-rotate-key = 更换了密钥“{ $key }”
did-remove-person = 移除了 { $email }
did-set-company = 将公司名称设为“{ $name }”
did-set-currency = 将新计划的币种设为 { $currency }
did-need-approval = 规定方案需要批准
did-need-no-approval = 规定方案无需批准
