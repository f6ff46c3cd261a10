"""Losses: pure functions, each with its paper."""
