"""Objectives: what a network's embedding or outputs are judged by while it learns, by name."""

from segue.training.objectives.registry import make_objective, objective_names

__all__ = ["make_objective", "objective_names"]
