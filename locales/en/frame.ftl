### What stands around every page: navigation, footer, signing in, errors.


# Before the title of a page on which something is to be mended.
error-prefix = Error: {""}
skip-to-content = Skip to the content
nav-main = Main
nav-experiments = Experiments
nav-planner = Planner
nav-data = Data
nav-reports = Reports
nav-settings = Settings
sign-out = Sign out
help-link = Help: how Patience does the sums
problem-heading = There is a problem

role-name = { $role ->
    [viewer] viewer
    [analyst] analyst
    [lead] lead
   *[admin] admin
}

## Signing in

sign-in = Sign in
sign-in-email = Email address
sign-in-password = Password
sign-in-wrong = Check your email address and password. They do not fit together.
sign-in-wait = Too many tries. Try again in { $n ->
    [one] 1 second
   *[other] { $n } seconds
}, or use a one-time link.
sign-in-no-password = No password yet? An admin can give you a one-time link, and so can <code>{ $command }</code>.
sign-in-link-heading = Sign in to Patience
sign-in-link-as = As { $email }. The link works once.
sign-in-link-dead = This link does not work any more
sign-in-link-dead-why = It was used already, or it is out of date. Nothing was changed.
sign-in-link-dead-mend = Ask an admin for a new one, or <a>sign in with your password</a>.

## When something did not work

error-signed-out = Sign in first
error-forbidden = You may not do this
error-not-found = There is nothing here
error-not-found-why = The address may be mistyped, or what stood here was removed.
error-refused = That did not work
error-unavailable = Patience cannot answer at the moment
error-unavailable-kept = What was recorded before is kept. Try again in a while.
error-ours = Something failed on our side
error-ours-kept = What was recorded before is kept.
error-nothing-changed = Nothing was changed.
error-way-out = Go to the experiments
error-reference = Reference: { $id }

## The guide

guide = Guide
guide-sums = How the sums are done
copy-link = Copy link
copy-latest = Always latest
copy-key = Copy the key
copied = : copied
