"""The ways in from outside Python: the command line."""
