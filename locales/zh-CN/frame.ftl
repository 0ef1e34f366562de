### 每页四周的内容：导航、页脚、登录、出错。


error-prefix = 错误：
skip-to-content = 跳到正文
nav-main = 主导航
nav-experiments = 实验
nav-planner = 规划
nav-data = 数据
nav-reports = 报告
nav-settings = 设置
sign-out = 退出登录
help-link = 帮助：Patience 是怎么算的
problem-heading = 有一处问题

role-name = { $role ->
    [viewer] 查看者
    [analyst] 分析师
    [lead] 负责人
   *[admin] 管理员
}

## 登录

sign-in = 登录
sign-in-email = 电子邮箱
sign-in-continue = 继续
sign-in-no-email = 请输入您的电子邮箱。
sign-in-other = 换一个邮箱
sign-in-password = 密码
sign-in-wrong = 请检查邮箱和密码，两者不匹配。
sign-in-wait = 尝试次数过多。请在 { $n } 秒后再试，或使用一次性链接。
sign-in-no-password = 还没有密码？管理员可以给您一个一次性链接，也可以用 <code>{ $command }</code> 生成。
sign-in-passkey = 使用通行密钥登录
sign-in-passkey-wrong = 此通行密钥在这里不能使用。请再试一次，或用其他方式登录。
passkey-failed = 浏览器没有给出通行密钥。请再试一次，或换一种方式。
sign-in-send-link = 改为发送登录链接
sign-in-sent = 请查收邮件
sign-in-sent-if = 如果 { $email } 可以在此登录，登录链接正在发往该邮箱。链接只能使用一次，15 分钟内有效。
sign-in-sent-not = 一分钟后仍未收到？请查看垃圾邮件，或者<a>换一个邮箱</a>。
sign-in-link-wait = 请求链接的次数过多。请在 { $n } 秒后再试。
sign-in-link-heading = 登录 Patience
sign-in-link-as = 以 { $email } 的身份登录。此链接只能使用一次。
sign-in-link-dead = 此链接已失效
sign-in-link-dead-why = 它已被使用过，或者已经过期。没有任何改动。
sign-in-link-dead-again = 请重新<a>登录</a>，或在那里再请求一个链接。
sign-in-link-dead-mend = 请向管理员要一个新链接，或者<a>用密码登录</a>。

## 单点登录

sso-away = 使用您所在组织的账号登录
sso-away-to = 您将前往 { $host }，登录后返回此处。
sso-unreachable = { $host } 目前没有响应。请稍后再试，或向管理员要一个一次性链接。
sso-refused = { $host } 未允许您登录。请再试一次，或向管理员要一个一次性链接。
sso-not-vouched = { $host } 没有确认您的邮箱。请联系那里的账号管理员。
sso-not-known = { $email } 不在此处的人员名单中。请让管理员添加您。
sso-anew = 此次登录是在别处开始的，或者已经太久。请重新开始。

## 出错时

error-signed-out = 请先登录
error-forbidden = 您没有权限这样做
error-not-found = 这里什么也没有
error-not-found-why = 地址可能输错了，或者这里的内容已被移除。
error-refused = 没有成功
error-unavailable = Patience 暂时无法响应
error-unavailable-kept = 此前记录的内容都已保留。请稍后再试。
error-ours = 我们这边出错了
error-ours-kept = 此前记录的内容都已保留。
error-nothing-changed = 没有任何改动。
error-way-out = 前往实验列表
error-reference = 参考编号：{ $id }

## The guide

guide = 指南
guide-sums = 数字是怎么算出来的
copy-link = 复制链接
copy-latest = 始终最新
copy-key = 复制密钥
copied = ：已复制
