### The audit log: its page, and what can have been done.


log-title = Audit log
log-lede = Who did what, and when, the newest first. Lines are added and never changed. Each entry carries the checksum of the one before. No secrets stand here, and no ticket text.
log-when = When
log-who = Who
log-what = What
log-where = Where
log-command-line = the command line
log-filter = Show
log-check = Check the chain
log-whole = { $lines ->
    [one] The chain is whole: 1 line, as it was written
   *[other] The chain is whole: { $lines } lines, each as it was written
}
log-whole-head = This is the checksum of the last line. Note it elsewhere: a log that was cut off at its end will not lead to it any more.
log-broken = The chain is broken at line { $line }
log-broken-why = That line, or the one before it, is not what was written, or one was taken out. Compare with a backup.
log-empty = No line fits
log-older = Older
log-download = Download as { $format }

## What can have been done

did-experiment = { $what }
did-add-person = added { $email } as { $role }
did-change-role = made { $email } { $role }
did-make-link = made a one-time link for { $email }
did-create-key = made the key “{ $key }” for { $role }
did-revoke-key = revoked the key “{ $key }”
did-set-password = set a password
did-sign-in = signed in
did-use-passkey = signed in with the passkey “{ $name }”
did-add-passkey = added the passkey “{ $name }”
did-remove-passkey = removed the passkey “{ $name }”
did-sign-on = signed in by single sign-on
did-come = came by single sign-on, as { $role }
did-ask-link = asked for a sign-in link by email
did-want-weekly = asked for the weekly email
did-want-no-weekly = asked for no weekly email any more
did-take-report = took version { $version } with single customers, as { $format }
did-upload = imported { $n } rows of { $kind } from a file
did-rotate-key = replaced the key “{ $key }”
did-remove-person = removed { $email }
did-set-company = set the company’s name to “{ $name }”
did-set-currency = set the currency of new plans to { $currency }
did-need-approval = decided that plans need approval
did-need-no-approval = decided that plans need no approval
