"""Doors to other frameworks: one room a vendor, each imported by name when it is used."""
