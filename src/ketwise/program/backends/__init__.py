"""Where programs run. A backend is a value with ``compile`` and ``run``; the rest is optional and derived."""
