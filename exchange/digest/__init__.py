"""The weekly letter: gathered for many readers at once, composed by a pure function, written as an e-mail."""
