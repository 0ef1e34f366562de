### Patience 是怎么算的。文中可含 HTML。

help-title = Patience 是怎么算的
help-contents = { $part ->
    [fair] 公平的比较
    [counted] 什么计入
    [ranges] 合理范围
    [limits] 限度
    [looking] 在结束之前查看
    [before] 此前的时间
    [waits] 等待
    [checks] 检查
    [silent] 不回应的客户
    [many] 许多数字
    [money] 金额
    [recommendation] 建议
    [planning] 规划
    [check] 自己核对
   *[other] { $part }
}
help-more-is-better = 越大越好。
help-less-is-better = 越小越好。
help-formula = 公式

## 页首

help-top-1 = Patience 是怎么算的
help-top-2 = 用平实的话说明，让您能在会议上为每个数字作答。公式及其出处折叠在每个回答下面。

## 公平的比较

help-fair-1 = 公平的比较
help-fair-2 = 符合条件的客户随机分到常规水平和较慢水平。进入某一组后就一直留在那里，无论其套餐、消费或回答怎样变化。因此两组之间只有等待时间不同。
help-fair-3 = 有九个工单的客户是一次观察，不是九次：一个人的九次回答不如九个人的回答说明问题。按整个账户分组时，一个账户是一次观察。
help-fair-4 = 客户如何抽取
help-fair-5 = 抽签结果是由客户编号和实验所保存的随机盐值算出的一个数，因此任何人都可以重新抽一次。SHA-256 的前 8 个字节作为整数，落在按权重划出的某个区间内。
help-fair-6 = 分析遵循<em>意向性分析</em>原则：单位计入其被分配的组。适用例外的工单仍然计入，因为被分组的是客户，而不是工单。

## 什么计入

help-counted-1 = 什么计入，从何时起
help-counted-2 = 客户从被分配的那一刻起计入，直到分析的那一刻。此前 90 天的情况只用于去除噪声，以及让每组与自己比较。
help-counted-3 = 工单的一切都归于它发起的时间：一周后才来的评价仍随其工单计入。月份和日期按 UTC 计。
help-counted-4 = 比率的公式
help-counted-5 = 除等待时间外，每个数字都是各单位合计之比，例如满意评价数除以评价数：
help-counted-6 = N<sub>i</sub> 与 D<sub>i</sub>：单位 i 对分子和分母的贡献；K：D 大于零的单位数；v、c：单位之间的方差与协方差（除以 K − 1）；D̄：D 的平均值。Deng、Knoblich 与 Lu（2018），arXiv:1803.06336。平均值就是每个单位分母为 1 的比率。

## 合理范围

help-ranges-1 = 合理范围
help-ranges-2 = 如果偶然加入的是另一些客户，差异会略有不同。范围说明会差多少：以 95% 计，这样的范围在 100 次实验中有 95 次包含真实差异。单独一个最佳估计说明的比看起来少；请看范围。
help-ranges-3 = 以百分比表示的变化也计入常规水平的噪声。如果常规水平太接近零，就不存在百分比变化的范围，Patience 会如实说明。
help-ranges-4 = 公式
help-ranges-5 = 对于百分比尺度上的变化 m，对比量
help-ranges-6 = 在 m 为真实变化时为零。范围包含 c(m) = 0 的 t 检验不能拒绝的所有 m，自由度为
help-ranges-7 = 当常规水平自身的噪声触及零时，范围无界。Fieller（1954）；Sasabuchi（1988）；Hauschke（1999）。
help-ranges-8 = 绝对差异为 R<sub>T</sub> − R<sub>C</sub>，方差为 V<sub>T</sub> + V<sub>C</sub>，采用 Welch 自由度。T：较慢水平；C：常规水平；V：一组估计值的方差。

## 限度

help-limits-1 = 限度
help-limits-2 = 开始之前，您说明一项指标最多可以变差多少。当整个范围都在安全一侧时，限度<strong>守住</strong>；当整个范围都超出限度时，限度<strong>被突破</strong>。除此之外问题悬而未决：既不证明安全，也不证明有害。
help-limits-3 = “无明显差异”从不意味着“没有差异”。只有守住的限度才说明超出它的损害极不可能。
help-limits-4 = 公式
help-limits-5 = 界值为 m 的非劣效：越大越好的指标用对比量 c(−m)，越小越好的用 c(+m)，单侧检验，水平为 (1 − 置信度)/2。因此，当范围较差的一端在限度之内时，限度恰好守住。Laster 与 Johnson（2003）。
help-limits-6 = 每项限度和每项希望改善的指标都按您的置信度检验，而所有限度必须同时守住；因此误差不在它们之间分摊。得出明确结论的机会则要分摊：见“规划”。Schultzberg、Ankargren 与 Frånberg（2024）。

## 在结束之前查看

help-looking-1 = 在结束之前查看
help-looking-2 = 每天查看并在第一个好日子停下的人，会发现并不存在的东西：用普通的 95% 范围查看十次，100 次实验中会有 19 次发现虚假的差异。因此计划会写明如何查看。
help-looking-3 = <strong>在计划结束时：</strong>范围最窄，只在计划结束时计一次。
help-looking-4 = <strong>任何一天：</strong>范围较宽，在所有日子里同时成立。它们是为已结束的观察制定的；客户仍在跟踪期间是近似值。
help-looking-5 = <strong>在计划的查看时点：</strong>误差分摊到各次查看，大部分用在后期。比计划多看一次是允许的，但要为此付出代价。
help-looking-6 = 公式
help-looking-7 = 任何一天采用渐近置信序列（Waudby-Smith、Arbour、Sinha、Kennedy 与 Ramdas，arXiv:2103.06476，式 9），s：标准误，N：两组的单位数，N*：计划单位数，α = 1 − 置信度：
help-looking-8 = 在计划的查看时点（Lan 与 DeMets 1983），信息量 t = N / N*，每侧 a = α / 2，到 t 为止用掉的误差为（左：O’Brien–Fleming 型，右：Pocock 型）
help-looking-9 = 每次查看的界由所有已进行的查看的联合分布得出。范围为重复置信区间（Jennison 与 Turnbull 1989）。

## 此前的时间

help-before-1 = 用此前的时间去除噪声
help-before-2 = 开始之前提问多的客户，之后也提问多。Patience 去除差异中可由此前 90 天解释的部分。这使范围变窄，而不改变真实差异。每组的数值按原样显示；只有差异经过调整。
help-before-3 = 公式
help-before-4 = 设 L 与 L₀ 为单位在之后与之前的线性化数值，即 (N − R·D) 除以 D 的平均值：
help-before-5 = 此前没有任何记录的单位取平均值，并对一个标示该情况的变量也作调整。Deng、Xu、Kohavi 与 Walker（2013）。

## 等待

help-waits-1 = 尚未结束的等待
help-waits-2 = 尚未答复的工单<em>至少</em>已等待这么久。把它排除或算作零，都会美化较慢的一组。因此它留在曲线中直到今天。未经答复就关闭的工单也留在其中：离开不应美化任何一方。机器人的回复只是确认收到，从不计入。
help-waits-3 = 等待时间显示两次：一次按该组日历的营业时间，即承诺的方式；一次按自然时间，即客户的感受。
help-waits-4 = 公式
help-waits-5 = h 小时后仍在等待的比例是 Kaplan 与 Meier（1958）在各个答复时刻 t 上的乘积，其中等待了这么久的 r<sub>t</sub> 个里有 d<sub>t</sub> 个得到答复：
help-waits-6 = 中位数是 S 降到 ½ 之处；限制平均是到某一界限为止 S 下的面积。其噪声是单位之间的噪声：每个工单的影响在其单位内相加（Ying 与 Wei 1994）。中位数的区间为 Woodruff（1952）区间：S 穿过 ½ ± 其自身范围处的等待时间。

## 检查

help-checks-1 = 给出建议之前的检查
help-checks-2 = <strong>分组均匀吗？</strong>公平抽签出现这种偏差的机会不到千分之一时，就是有某种因素筛选了客户，任何数字都不可信。
help-checks-3 = <strong>较慢水平真的落实了吗？</strong>如果客服提早答复了较慢的一组，就什么也没有检验。Patience 比较该组实际多等了多久与承诺多等多久。
help-checks-4 = <strong>数据完整吗？</strong>收入缺失或大量记录被拒收时，在修正之前不给出建议。
help-checks-5 = 头七天完全没有数字：几天的数据可能偏向任何一边。
help-checks-6 = 公式
help-checks-7 = 分组：各组的 Pearson χ² = Σ (观察值 − 期望值)² / 期望值；p &lt; 0.001 时报警，某组期望 5 个以上却为空时也报警。
help-checks-8 = 落实：d = 按自然时间、截至最长承诺的限制平均等待之差；p = 承诺的平均之差。每组至少有 50 个已答复的工单，且 d 的范围上端低于 0.25·p 时，判为未落实。
help-checks-9 = 收入：起始收入中超过 5% 没有最近一个整月的记录，或两组的这一比例在 p &lt; 0.001 上有差异时，不作判断。

## 不回应的客户

help-silent-1 = 不回应调查的客户
help-silent-2 = 满意度只来自回应调查的客户。两组回应率不同时，满意度比较的是不同的人群。Patience 把两组的回应率并排显示，并说明如果回应更多的那组多出来的是最满意或最不满意的人，真实差异最多会有多大。
help-silent-3 = 公式
help-silent-4 = Lee（2009）界限：在回应更多的一组中，从顶端或底端截去 1 − (较低回应率 / 较高回应率) 的评价；并列的按所需比例截取。其范围为 Imbens 与 Manski（2004）范围。

## 许多数字

help-many-1 = 许多数字、多个水平、小群体
help-many-2 = 看二十个数字的人，总会偶然发现一个。供参考的数字按其数量作校正。客户群体（某个套餐、某个渠道）是值得追查的线索，从不是结论。多个较慢水平对一个常规水平时，共同分摊误差。
help-many-3 = 账户很少时，普通的范围太窄。一组少于 40 个单位时，Patience 采用专为此制定的较宽范围，每天查看时更宽。
help-many-4 = 公式
help-many-5 = 供参考的指标：按计划采用 Holm（1979）校正或 Benjamini 与 Hochberg（1995）校正。多个水平：Dunnett（1955）校正，由各比较与共同常规水平的联合分布得出。群体：对一项指标的所有群体作 Benjamini–Hochberg 校正；Cochran Q、I²，以及向共同均值收缩的估计（DerSimonian 与 Laird 1986）。
help-many-6 = 单位少、查看多：临界值 z 换成尾部相同的 t（Pocock 1977），统计量则反之。
help-many-7 = 单位少：设 h<sub>i</sub> = D<sub>i</sub> / ΣD，r<sub>i</sub> = N<sub>i</sub> − R·D<sub>i</sub>，采用 Bell 与 McCaffrey（2002）自由度，

## 金额

help-money-1 = 金额
help-money-2 = 净价值把两方面放在同一尺度上，按每位客户 30 天计：客户收入的毛利，减去为其花费的客服时间，再减去补充每位流失客户的成本。只计入加入当月之后的整月。
help-money-3 = 节省与损失是在同样的客户和日子上衡量的，因此两者之差包含了它们的相互关联。页面还说明续费损失到多少时节省就被抵消。
help-money-4 = 公式
help-money-5 = g：毛利率；a：一个客服工时；w：补充一位流失客户。节省是较慢水平少用的工时折合的金额；损失是其余部分减少的金额；两者之差即净价值之差。一年为此数的 365 / 30 倍，再乘以该水平将适用的所有客户。盈亏平衡：节省除以常规水平的收入 × 毛利率。
help-money-6 = 效率的提高只适用于目前快慢两种水平的组合：较慢一组腾出的客服也会更快地答复常规一组。

## 建议

help-recommendation-1 = 建议是如何选出的
help-recommendation-2 = 由最先适用的一行决定：
help-recommendation-3 = 有一项检查未通过：不给出建议。
help-recommendation-4 = 头 7 天：为时过早。
help-recommendation-5 = 有一项限度被突破，或推行条件被证实不成立：不要推行。
help-recommendation-6 = 推行条件被证实成立，且每一项限度都守住：推行。
help-recommendation-7 = 在计划结束时：等待续费，或安全但未能证明划算，或没有明确结论。
help-recommendation-8 = 在此之前：等待续费、调整计划，或继续运行。
help-recommendation-9 = 每句话只在得到证实之处出现。标题结论每天最多改变一次，以免反复跳动。
help-recommendation-10 = 推行条件的逻辑
help-recommendation-11 = 每个条件或被证实，或被否定，或悬而未决。“且”与其最弱的部分一样弱，“或”与其最强的部分一样强，“非”把证实与否定对调，悬而未决的不变（Kleene 1952）。如果只在计划结束时查看，在此之前既不说“推行”，也不说“不要推行”。

## 规划

help-planning-1 = 规划
help-planning-2 = 得出明确结论的机会说明：如果较慢水平没有害处，这么长的实验有多大机会证实每一项限度都守住。限度更窄、指标噪声更大或客户更少，都需要更多的周数。
help-planning-3 = 较长的承诺能省下多少客服，取决于工作何时到来、必须何时完成：较长的承诺把上午的高峰移到清闲的时段。如果工作均匀到来，任何承诺都省不下什么。
help-planning-4 = 公式
help-planning-5 = 界值为 m、机会为 1 − β、百分比尺度、真实变化为零时每组的单位数（Laster 与 Johnson 2003；比例用 Farrington 与 Manning 1990）：
help-planning-6 = 其中 z<sub>α</sub> 为单侧 (1 − 置信度)/2 分位数，V 为单个单位的方差。任何一天查看和按计划查看各用自己的宽度。有多项限度必须守住时，β 在它们之间分摊。
help-planning-7 = 客服人数：最少的固定人数 S，使得对任何一段营业时间 [s, e]，在其中到来且须在其结束前完成的工作不超过 S·(e − s)。

## 自己核对

help-check-1 = 自己核对
help-check-2 = 每个数字都可以用您自己的工具从原始数据得出。每次分析都连同其编号、数据和所依据的定义一起保存。实验页上的<em>报告</em>提供各张表格；程序可以回答单个问题：
