### 数据页、设置、人员与密钥，以及实验文件。

back = 返回
change = 更改
save = 保存

## 已收到的数据

data-in = 文件已导入
data-in-rows = 收下 { $taken } 行；已有 { $known } 行；排除 { $out } 行。
data-mend = 请修正这些行后重新上传文件：已导入的行不会有任何变化。
data-rows-out = 被排除的行
data-id = 编号
data-why = 原因
data-arrived = 已收到的数据
data-caption = 最近 14 天各来源发送的数据
data-source = 来源
data-last = 最近收到
data-today = 今天收下
data-known = 已有
data-out = 14 天内排除
data-by-day = 按天
data-chart = 每天收下的行数
data-bar = { $date }：收下 { $taken }，排除 { $out }
ago-now = 一小时之内
ago-hours = { $n } 小时前
ago-days = { $n } 天前

## 数据流

feed = 数据
feed-state = 状态
feed-today = 今天的行数
feed-out = 被排除
feed-out-see = 被排除的行：{ $feed }
feed-expected = 预计不晚于
feed-by-day = 最近 14 天
feed-name = { $feed ->
    [tickets] 工单
    [replies] 首次回复
    [ratings] 评价
    [customers] 客户与收入
   *[other] 其他
}
feed-holds = { $feed ->
    [tickets] 提交、关闭、重新打开
    [replies] 人工回复，不含机器人
    [ratings] 客户对答复的评价
    [customers] 客户是谁、付多少钱、谁已离开
   *[other] 您自己的指标、在别处分配的分组，以及无法读取的记录
}
feed-nothing = 尚无数据
feed-all-out = 全部被排除
feed-once = 目前只有一天
feed-on-time = 按时
feed-late-just = 略有延迟
feed-late-hours = 迟到 { $n } 小时
feed-late-days = 迟到 { $n } 天
feeds-fine = 四类数据都按时到达
feeds-late = 迟到：{ $feeds }
feeds-missing = 尚无数据：{ $feeds }
feeds-nothing = 尚未收到任何数据
feeds-hint = 每类数据按自己的节奏到达：预计时间是它最近 15 个有数据的日子之间最长的间隔，再加两小时。日期和时间为 UTC。“被排除”指最近 14 天内被排除、此后没有更正重发的行。
feeds-reasons = 为什么有些行被排除
feeds-lines = { $n } 行
feeds-more = 另有 { $n } 行因其他原因被排除。
feeds-all-out = 查看所有被排除的行
data-senders = 按发送者查看
left-out-all = 显示全部

## 上传

data-upload = 上传文件
data-upload-button = 继续
data-kind = 文件里是什么？
data-customers = 客户
data-customers-columns = { $columns }，以及任何属性
data-conversations = 工单
data-ratings = 评价
data-revenue = 收入
data-events = 事件
data-events-columns = NDJSON 或事件的 JSON 数组
data-file = 文件
data-file-hint = 点击选择，或把文件拖到这里。带表头行的 CSV，UTF-8 或 UTF-16 编码，以逗号、分号或制表符分隔。接下来请对应各列，并在记录任何内容之前查看结果。
data-choose-file = 请选择文件。
data-connect = 连接
data-connect-why = 程序用密钥发送事件并请求分组。
data-make-key = <a>创建密钥</a>，附有调用示例。
data-admin-key = 管理员可以在“设置”中创建。
data-docs = 可以发送的内容见 <a>API 文档</a>。

## 被排除的记录

left-out = 被排除的记录
left-out-lede = 最近被拒收的记录，最新的在前。修正后都可以重新发送。
left-out-none = 没有被排除的记录
left-out-none-why = 收到的每一条记录都已收下。
left-out-lines = 被排除的记录
left-out-when = 时间
left-out-line = 记录

## 设置

settings-workspace = 工作区
settings-people = <a>人员</a>：谁可以登录
settings-keys = <a>密钥</a>：程序如何连接
password-yours = 您的密码
password-new = 新密码
password-hint = 至少 10 个字符。几个词比符号更容易记住。
password-button = 设置密码
password-set = 密码已设置。
password-too-short = 请输入至少 { $n } 个字符的密码。
password-too-long = 请输入更短的密码：最多 { $n } 字节。

## 人员

people = 人员
people-lede = 谁可以登录，以及他们可以做什么。
people-link = 给 { $email } 的一次性链接
people-link-once = 它只能使用一次，三天内有效，且只显示这一次。请交给对方。
people-email = 邮箱
people-role = 角色
people-since = 加入于
people-signs-in = 登录方式
people-role-of = { $email } 的角色
people-by-password = 密码
people-by-link = 链接
people-new-link = 新链接
people-add = 添加人员
people-add-button = 添加并显示链接
people-may = 他们可以做什么？
may-viewer = 阅读页面和报告
may-analyst = 还可进行新的分析
may-lead = 还可定义和运行实验
may-admin = 还可管理人员和密钥

## 密钥

keys = 密钥
keys-lede = 程序用密钥与 Patience 通信：您的客服系统、导入程序、笔记本。
keys-new = 新密钥
keys-once = 只显示这一次。请立即复制。
keys-try = 试一试：
keys-name = 名称
keys-name-hint = 它的用途。它发送的事件以此名称为来源。
keys-may = 权限
keys-may-do = 它可以做什么？
keys-made = 创建于
keys-used = 最近使用
keys-never = 从未
keys-revoke = 吊销
keys-revoked = 已吊销
keys-add = 新建密钥
keys-button = 创建密钥
scope-router = 查询客户属于哪个水平
scope-ingest = 发送事件和文件
scope-analyst = 读取结果和报告
scope-admin = 以上全部，并可定义实验

## 实验文件

begin = 开始
begin-lede = 共七个简短的页面。每一步的答案都会保存，在您确认之前什么都不会开始。
begin-file = 想直接写下来？<a>从文件开始</a>。
edit-key = 编辑 { $key }
edit-new = 从文件新建实验
edit-lede = 整个计划就是一个文件：与 <code>{ $export }</code> 输出、<code>{ $apply }</code> 读取的相同。
edit-file = 文件
edit-line = 第 { $line } 行，{ $what }
password-current = 当前密码
password-current-wrong = 请检查当前密码，输入的密码不正确。
people-seen = 最近访问（UTC）
people-never = 从未
people-remove = 移除
people-remove-sure = 移除 { $email }？
people-remove-says = 此人将立即无法登录。其操作记录会保留在日志中。
sure-type = 输入 { $name } 以继续
sure-other = 请输入 { $name }，与此处显示的完全一致
keys-until = 有效期至
keys-until-hint = 有期限的密钥更不容易被遗忘。
keys-no-end = 无期限
keys-over = 已过期
keys-what = 操作
keys-rotate = 更换
keys-overlap = 之前的密钥在 { $date } 之前仍可使用
keys-revoke-sure = 吊销密钥 { $name }？
keys-revoke-says = 使用它的程序将在一秒内被永久拒绝。如需无间断地更换，请改用“更换”：之前的密钥还可使用七天。
company = 客户看到的内容
company-name = 公司名称
company-hint = 显示在工单结束后向客户提出的问题上方。
company-set = 公司名称已设置。
currency-heading = 金额
currency-label = 新计划的币种
currency-hint = 三个字母，例如 USD、EUR 或 CNY。规划器和新实验以此开始；做计划的人可以另选。
currency-wrong = 请输入三个字母，例如 USD、EUR 或 CNY
currency-set = 新计划将以该币种开始。

## 批准

approval = 批准
approval-rule = 锁定方案的人不是写方案的人
approval-hint = 开启后，方案的最后一步是请求批准，由另一位负责人或管理员开始实验。此规则针对人：角色为 admin 的密钥和命令行可以开始任何实验。至少需要两位负责人或管理员。
approval-set = 规则已保存。

## 每周邮件

weekly = 每周邮件
weekly-wanted = 向我发送进行中实验的现状
weekly-hint = 每周一 06:00（UTC）起发送：每个实验的结论、与限度相比的范围以及剩余天数。使用您订阅时所用的语言，且仅在有实验进行时发送。
weekly-language = 目前使用的语言是{ $language }；保存即可更改。
weekly-on = 每周一会向您发送一封邮件。
weekly-off = 不会向您发送每周邮件。

## 通行密钥

passkeys = 通行密钥
passkeys-hint = 用指纹、面容或设备的 PIN 码登录，无需密码。通行密钥猜不到，其他网站也无法索取。
passkey-name = 通行密钥的名称
passkey-name-hint = 它保存在哪里，例如“我的手机”。
passkey-nameless = 通行密钥
passkey-add = 添加通行密钥
passkey-new = 新的通行密钥
passkey-new-lede = 浏览器会询问保存在哪里：此设备、您的密码管理器，或单独的安全密钥。
passkey-make = 创建通行密钥
passkey-unknown = 需要支持通行密钥并启用脚本的浏览器。您的密码和一次性链接照常可用。
passkey-added = 已添加通行密钥，今后可以用它登录。
passkey-removed = 已移除通行密钥，您的其他会话已结束。
