"""What people are told before customers tell them: which alerts there are, and when one is worth a message.

`kinds` says what there is, `signals` reads it from events, `sights` from the state; the `register` decides
what begins, ends and is told; `messages` are what goes out, and `words` puts it in a language.
"""
