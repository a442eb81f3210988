"""Segue: a music recommender that a person can own."""

from __future__ import annotations

__version__ = "0.1.0"
