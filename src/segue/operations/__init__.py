"""One function for each thing a person can ask; each opens the catalogue, composes rooms and returns data."""

from __future__ import annotations
