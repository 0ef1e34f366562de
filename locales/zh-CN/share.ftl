### 供外部读者查看结果页的链接，以及示例。

share-button = 分享
share-title = 分享 { $name }
share-lede = 任何人都可以通过此链接查看结果页，内容为其打开当天的结果。页面没有导航，不显示任何客户，到期自动失效，也可提前停用。在您创建链接之前，什么都不会被分享。
share-new = 新链接
share-once = 仅显示这一次，请立即复制。
share-no-result = 目前还没有结果。链接将从第一个结果起可用。
share-links = 链接
share-link = 链接
share-until = 有效期至（UTC）
share-made = 由 { $who } 于 { $date } 创建
share-open = 有效
share-over = 已过期
share-ended = 已于 { $date } 停用
share-end = 停用
share-make = 创建链接
share-how-long = 有效多久？
share-days = { $n } 天
share-make-button = 创建链接
shared-note = 通过链接与您分享：截至 UTC { $at } 的结果。
example-note = 示例数据：一个模拟的实验，并未真正进行。不会存储其中任何内容。
did-share = 通过链接分享了结果页，有效 { $n } 天
did-unshare = 停用了一个结果页链接
example-data = 发送您的数据
example-guide = 阅读指南
