### Figures, dates and lists.

# As in "23 Nov 2026".
date = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
} { $year }
# As in "Nov 2026".
month = { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
} { $year }
date-time = { $date }, { $time }

wait-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
wait-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
wait-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}

promise-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
promise-working-hours = { $n ->
    [one] { $n } working hour
   *[other] { $n } working hours
}
promise-working-days = { $n ->
    [1] one working day
    [2] two working days
    [3] three working days
    [4] four working days
    [5] five working days
   *[other] { $n } working days
}

more-days = { $n ->
    [one] { $n } more day
   *[other] { $n } more days
}
more-weeks = { $n ->
    [one] { $n } more week
   *[other] { $n } more weeks
}

# Lists: the last two things, and those before them.
list-last = { $list } and { $next }
list-more = { $list }, { $next }
