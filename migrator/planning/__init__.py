"""Decisions, all pure: values in, values out."""
