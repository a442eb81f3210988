"""Recipes, runs, comparison, and the report against published figures."""
