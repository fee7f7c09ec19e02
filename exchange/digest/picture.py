"""The small picture of a year: what was given, what was received, and with how many people."""
