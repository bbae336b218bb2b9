"""Encodings judged on data: the card of one, a ranking of all, and what is classically easy about each."""
