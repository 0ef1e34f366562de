### How Patience does the sums. Texts may hold HTML.

help-title = How Patience does the sums
help-contents = { $part ->
    [fair] A fair comparison
    [counted] What counts
    [ranges] Plausible ranges
    [limits] Limits
    [looking] Looking before the end
    [before] The time before
    [waits] Waits
    [checks] Checks
    [silent] Silent customers
    [many] Many figures
    [money] Money
    [recommendation] The recommendation
    [planning] Planning
    [check] Check it yourself
   *[other] { $part }
}
help-more-is-better = More is better.
help-less-is-better = Less is better.
help-formula = Formula

## Top

help-top-1 = How Patience does the sums
help-top-2 = In plain words, so that you can defend each figure in a meeting. The formulas are folded away under each answer, with their sources.

## Fair

help-fair-1 = A fair comparison
help-fair-2 = Customers who fit are split by chance into the usual level and the slower one. Whoever is in a group stays there, whatever becomes of their plan, their spending or their answers. So the groups differ in nothing but the wait.
help-fair-3 = A customer with nine tickets is one observation, not nine: nine answers by one person say less than nine people’s. Where whole accounts are split, the account is the one observation.
help-fair-4 = How a customer is drawn
help-fair-5 = The draw is a number made from the customer’s id and a random salt that the experiment keeps, so anyone can draw it again. The first 8 bytes of SHA-256, read as a whole number, fall into one of the ranges that the weights cut out.
help-fair-6 = The analysis is by <em>intention to treat</em>: units count in the group to which they were assigned. Tickets to which an exception applied stay in, because the customer was split, not the ticket.

## Counted

help-counted-1 = What counts, and from when
help-counted-2 = A customer counts from the moment of being assigned until the moment of the analysis. What happened in the 90 days before is used only to take noise out, and to compare each group with itself.
help-counted-3 = Everything about a ticket belongs to the time in which it was opened: a rating that comes a week later counts with its ticket. Months and days are those of UTC.
help-counted-4 = The formula of a rate
help-counted-5 = Each figure but the waits is a ratio of sums over units, for instance satisfied ratings over ratings:
help-counted-6 = N<sub>i</sub> and D<sub>i</sub>: what unit i brings to the top and to the bottom; K: units with D above zero; v, c: variance and covariance between units (over K − 1); D̄: mean of D. Deng, Knoblich &amp; Lu (2018), arXiv:1803.06336. A mean is the ratio whose bottom is 1 for each unit.

## Ranges

help-ranges-1 = Plausible ranges
help-ranges-2 = Had other customers joined by chance, the difference would have come out a little differently. The range says by how much: with 95%, such ranges hold the true difference in 95 of 100 experiments. A single best estimate says less than it seems; read the range.
help-ranges-3 = A change in per cent counts the noise of the usual level too. Where that level is too near to zero, no range of a per cent change exists, and Patience says so.
help-ranges-4 = The formula
help-ranges-5 = For a change m on the scale of per cent, the contrast
help-ranges-6 = is zero where m is the true change. The range holds all m that a t test of c(m) = 0 does not reject, with the degrees of freedom
help-ranges-7 = and is unbounded where the usual level’s own noise reaches down to zero. Fieller (1954); Sasabuchi (1988); Hauschke (1999).
help-ranges-8 = The absolute difference is R<sub>T</sub> − R<sub>C</sub> with variance V<sub>T</sub> + V<sub>C</sub> and Welch’s degrees of freedom. T: slower level; C: usual level; V: variance of a group’s estimate.

## Limits

help-limits-1 = Limits
help-limits-2 = Before the start you say how much worse a measure may get. The limit <strong>holds</strong> when the whole range lies on its safe side, and is <strong>broken</strong> when the whole range lies beyond it. Otherwise the question is open: that is no proof of safety, and none of harm.
help-limits-3 = “No clear difference” never means “no difference”. Only a limit that holds says that harm beyond it is very unlikely.
help-limits-4 = The formula
help-limits-5 = Non-inferiority with the margin m: the contrast c(−m) for measures of which more is better, c(+m) for those of which less is better, tested one-sided at (1 − confidence)/2. So the limit holds exactly when the worse end of the range is inside it. Laster &amp; Johnson (2003).
help-limits-6 = Every limit and every measure that you hope to improve is tested at your confidence, and all limits must hold together; therefore the error is not split among them. The chance of a clear answer is: see “Planning”. Schultzberg, Ankargren &amp; Frånberg (2024).

## Looking

help-looking-1 = Looking before the end
help-looking-2 = Who looks every day and stops at the first good day will find things that are not there: looking ten times at ordinary 95% ranges finds a false difference in 19 of 100 experiments. So the plan says how it will be looked at.
help-looking-3 = <strong>At the planned end:</strong> the narrowest ranges, and they count once, at the planned end.
help-looking-4 = <strong>On any day:</strong> wider ranges that hold on all days together. They are made for closed observations; while customers are still being followed they are an approximation.
help-looking-5 = <strong>At planned looks:</strong> the error is spent over the looks, most of it late. A look more than planned is allowed and paid for.
help-looking-6 = The formulas
help-looking-7 = On any day, an asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy &amp; Ramdas, arXiv:2103.06476, eq. 9), s: standard error, N: units of both groups, N*: planned units, α = 1 − confidence:
help-looking-8 = At planned looks (Lan &amp; DeMets 1983), with information t = N / N* and a = α / 2 on each side, the error spent until t is (left: O’Brien–Fleming type, right: Pocock type)
help-looking-9 = and the bound of each look follows from the joint law of all looks taken. Ranges are repeated confidence intervals (Jennison &amp; Turnbull 1989).

## Before

help-before-1 = Taking out noise with the time before
help-before-2 = Customers who asked much before the start ask much after it. Patience takes out that part of the difference which the 90 days before explain. It makes ranges narrower and moves no true difference. The values of each group are shown as they are; only the differences are adjusted.
help-before-3 = The formula
help-before-4 = With L and L₀ the linearised figures of a unit, (N − R·D) over the mean of D, after and before:
help-before-5 = A unit about which nothing is known from before takes the mean, and an indicator of that is adjusted for too. Deng, Xu, Kohavi &amp; Walker (2013).

## Waits

help-waits-1 = Waits that have not ended
help-waits-2 = A ticket that is not answered yet has waited <em>at least</em> so long. Leaving it out, or counting it as zero, would flatter the slower group. So it stays in the curve until today. A ticket closed without an answer stays in too: leaving must not flatter anyone. Replies by bots are acknowledgements and never count.
help-waits-3 = Waits are shown twice: in the open hours of the group’s calendar, as it was promised, and on the clock on the wall, as the customer feels it.
help-waits-4 = The formula
help-waits-5 = The share still waiting after h hours is Kaplan &amp; Meier’s (1958) product over the moments t at which someone was answered, with d<sub>t</sub> answered of the r<sub>t</sub> who had waited so long:
help-waits-6 = The median is where S falls to ½; the restricted mean is the area under S up to a horizon. Their noise is that between units: the influence of each ticket is summed within its unit (Ying &amp; Wei 1994). The interval of a median is Woodruff’s (1952): the waits at which S crosses ½ ± its own range.

## Checks

help-checks-1 = The checks before any recommendation
help-checks-2 = <strong>Is the split even?</strong> A fair draw would be this uneven less than once in 1,000 tries: then something sorts the customers, and no figure can be trusted.
help-checks-3 = <strong>Was the slower level really given?</strong> If agents answer the slower group early, nothing was tested. Patience compares how much longer that group truly waited with how much longer it was promised.
help-checks-4 = <strong>Is the data complete?</strong> Missing revenue or many refused lines stop the recommendation until they are mended.
help-checks-5 = In the first seven days there are no figures at all: a few days can point either way.
help-checks-6 = The formulas
help-checks-7 = Split: Pearson’s χ² = Σ (observed − expected)² / expected over the groups; alarm at p &lt; 0.001, and for a group that is empty though 5 or more were expected.
help-checks-8 = Delivery: d = difference of the restricted mean waits on the wall clock up to the longest promise; p = mean difference of the promises. Not delivered when, with at least 50 answered tickets in each group, the upper end of d’s range is below 0.25·p.
help-checks-9 = Revenue: not judged when more than 5% of the revenue at the start has no record for the last whole month, or when the groups’ shares of that differ at p &lt; 0.001.

## Silent

help-silent-1 = Customers who do not answer the survey
help-silent-2 = Satisfaction is known of those who answer. When the groups answer the survey at different rates, satisfaction compares different people. Patience shows the rates side by side, and how far the true difference could go if those who answer more often were the happiest, or the unhappiest.
help-silent-3 = The formula
help-silent-4 = Lee’s (2009) bounds: of the group that answers more often, the share 1 − (lower rate / higher rate) of its ratings is cut off at the top, or at the bottom; ties are cut by the fraction needed. Their range is that of Imbens &amp; Manski (2004).

## Many

help-many-1 = Many figures, several levels, small groups
help-many-2 = Who looks at twenty figures will find one by chance. Figures for information are corrected for their number. Groups of customers (a plan, a channel) are leads to follow, never a verdict. Several slower levels against one usual level share their error.
help-many-3 = With few accounts, ordinary ranges are too narrow. Below 40 units in a group, Patience uses wider ones made for that, the more so where it looks every day.
help-many-4 = The formulas
help-many-5 = For information: Holm’s (1979) correction, or Benjamini &amp; Hochberg’s (1995), as the plan says. Several levels: Dunnett’s (1955) allowance, from the joint law of the comparisons with the shared usual level. Groups: Benjamini &amp; Hochberg over all groups of a measure; Cochran’s Q, I², and estimates drawn towards their common mean (DerSimonian &amp; Laird 1986).
help-many-6 = Few units, many looks: a critical value z becomes the t with the same tail (Pocock 1977), and a statistic the other way.
help-many-7 = Few units: with h<sub>i</sub> = D<sub>i</sub> / ΣD and r<sub>i</sub> = N<sub>i</sub> − R·D<sub>i</sub>, and Bell &amp; McCaffrey’s (2002) degrees of freedom,

## Money

help-money-1 = Money
help-money-2 = Net value puts both sides on one scale, per customer and 30 days: the margin of their revenue, less the agents’ time for them, less what it costs to win a customer in place of each one lost. Only whole months after the month of joining count.
help-money-3 = The saving and the loss are measured on the same customers and days, so their difference carries the way in which they hang together. The page also says at which loss of renewals the saving would be gone.
help-money-4 = The formula
help-money-5 = g: gross margin; a: an agent hour; w: winning one customer in place of a lost one. The saving is what the slower level has less of hours, in money; the loss is what it has less of the rest; their difference is that of net value. A year is 365 / 30 of this, times all customers to whom the level would apply. Break-even: the saving over the usual level’s revenue × gross margin.
help-money-6 = The gain in efficiency holds for this mix of fast and slow: agents freed by the slower group answer the usual one faster too.

## Recommendation

help-recommendation-1 = How the recommendation is chosen
help-recommendation-2 = The first line that applies decides:
help-recommendation-3 = A check failed: no recommendation.
help-recommendation-4 = The first 7 days: too early.
help-recommendation-5 = A limit is broken, or your rule for shipping is shown not to hold: do not ship.
help-recommendation-6 = Your rule is shown to hold, and every limit with it: ship.
help-recommendation-7 = At the planned end: wait for renewals, or safe but not shown to pay, or no clear answer.
help-recommendation-8 = Before it: wait for renewals, change the plan, or keep running.
help-recommendation-9 = Every sentence stands only where it is shown. The headline changes at most once a day, so that it does not flicker.
help-recommendation-10 = The logic of your rule
help-recommendation-11 = Each condition is shown, refuted or open. “And” is as weak as its weakest part, “or” as strong as its strongest, “not” turns shown and refuted about and leaves open as it is (Kleene 1952). With looks at the planned end only, neither “ship” nor “do not ship” is said before it.

## Planning

help-planning-1 = Planning
help-planning-2 = The chance of a clear answer says how often an experiment of this length would show that every limit holds, if the slower level did no harm. A narrower limit, a noisier measure or fewer customers need more weeks.
help-planning-3 = How many agents a longer promise saves comes from when work arrives and by when it must be done: a longer promise carries the morning’s peak into the quiet hours. If work arrived evenly, no promise would save anything.
help-planning-4 = The formulas
help-planning-5 = Units per group for a margin m at the chance 1 − β, on the scale of per cent, for a true change of zero (Laster &amp; Johnson 2003; for shares Farrington &amp; Manning 1990):
help-planning-6 = with z<sub>α</sub> one-sided at (1 − confidence)/2 and V the variance of one unit. Looks on any day and at planned looks use their own widths. Where several limits must hold, β is split among them.
help-planning-7 = Agents: the least constant staff S such that for every stretch of open time [s, e] the work that arrives in it and is due by its end fits into S·(e − s).

## Check

help-check-1 = Check it yourself
help-check-2 = Every figure can be had from the raw data with your own tools. Each analysis is kept with its number, its data and the definition it was made from. <em>Reports</em> on an experiment’s page has the tables; the program answers single questions:
