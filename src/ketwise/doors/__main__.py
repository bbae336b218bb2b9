"""``python -m ketwise.doors``: the same as the ``ketwise`` command."""

from ketwise.doors.cli import main

main()
