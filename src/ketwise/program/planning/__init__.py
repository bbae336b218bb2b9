"""What each backend would cost for a program, before anything is run: `kw.plan`."""
