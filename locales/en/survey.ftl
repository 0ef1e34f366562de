### What the customer sees after a conversation. The same words for everybody; nothing of speed or experiments.


survey-title = How was our help?
survey-question-of = Your question of { $date }
survey-question-about = Your question of { $date }: “{ $subject }”
survey-subject = Your question: “{ $subject }”
survey-rating = { $score ->
    [5] Very good
    [4] Good
    [3] OK
    [2] Bad
   *[1] Very bad
}
survey-marked = Marked from your mail. It is not sent yet.
survey-send-rating = Send: { $score ->
    [5] Very good
    [4] Good
    [3] OK
    [2] Bad
   *[1] Very bad
}
survey-one-tap = One tap is enough. Your answer goes to us only.
survey-thanks = Thank you. You said: { $score ->
    [5] Very good
    [4] Good
    [3] OK
    [2] Bad
   *[1] Very bad
}
survey-change = Change your answer
survey-better = What could we have done better? (optional)
survey-no-secrets = Do not include card or bank details.
survey-send = Send
survey-saved = You can close this page. Your rating is saved.
survey-thanks-comment = Thank you for telling us.
survey-closed = This survey has closed
survey-closed-why = It was open for 14 days. You can still write to us.
