"""The desk: what organisers decide, who stands aside, and what everybody may read of it.

`reports` and `cases` say what waits, `recusal` who stands aside and why, `decisions` and `seconds` decide, `appeals`
look again. `held` and `applications` are what only waits for a yes. `public` is what all members read.
"""
