"""Fitted models as files and back: what each class is made of, written as data, never as code."""
