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
sign-in-continue = Continue
sign-in-no-email = Enter your email address.
sign-in-other = Another address
sign-in-password = Password
sign-in-wrong = Check your email address and password. They do not fit together.
sign-in-wait = Too many tries. Try again in { $n ->
    [one] 1 second
   *[other] { $n } seconds
}, or use a one-time link.
sign-in-no-password = No password yet? An admin can give you a one-time link, and so can <code>{ $command }</code>.
sign-in-passkey = Sign in with a passkey
sign-in-passkey-wrong = This passkey cannot be used here. Try again, or sign in in another way.
passkey-failed = Your browser gave no passkey. Try again, or go another way.
sign-in-send-link = Email me a link instead
sign-in-sent = Check your email
sign-in-sent-if = If { $email } may sign in here, a link is on its way there. It works once, for 15 minutes.
sign-in-sent-not = Nothing there after a minute? Look among the spam, or <a>try another address</a>.
sign-in-link-wait = Too many links were asked for. Try again in { $n ->
    [one] { $n } second
   *[other] { $n } seconds
}.
sign-in-link-heading = Sign in to Patience
sign-in-link-as = As { $email }. The link works once.
sign-in-link-dead = This link does not work any more
sign-in-link-dead-why = It was used already, or it is out of date. Nothing was changed.
sign-in-link-dead-again = <a>Sign in</a>, or have a new one sent to you there.
sign-in-link-dead-mend = Ask an admin for a new one, or <a>sign in with your password</a>.

## Single sign-on

sso-away = Sign in with your organisation’s account
sso-away-to = You go on to { $host } and come back from there.
sso-unreachable = { $host } does not answer now. Try again in a moment, or ask an admin for a one-time link.
sso-refused = { $host } did not let you in. Try again, or ask an admin for a one-time link.
sso-not-vouched = { $host } does not vouch for your email address. Ask whoever looks after the accounts there.
sso-not-known = { $email } is not among the people here. Ask an admin to add you.
sso-anew = This sign-in was begun elsewhere, or too long ago. Begin anew.

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
