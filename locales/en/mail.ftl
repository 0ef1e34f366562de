### Letters by email.

## A link to sign in by

mail-link-subject = Sign in to Patience
mail-link-open = Open this link to sign in to Patience:
mail-link-lasts = It works once, for { $minutes } minutes.
mail-link-not-you = If you did not ask for it, do nothing: without the link nobody is signed in.

## The weekly letter

mail-weekly-subject = { $n ->
    [one] Patience: how your running experiment stands
   *[other] Patience: how your { $n } running experiments stand
}
mail-weekly-open = How the running experiments stand this Monday.
mail-nearest = Nearest its limit: { $metric }, difference { $range }, limit { $limit }.
mail-days-left = { $days ->
    [one] { $days } day to go.
   *[other] { $days } days to go.
}
mail-complete = Complete: nothing to wait for.
mail-weekly-why = You get this letter each Monday because you asked for it. Change that here:
