"""Nearest ids and their distances: exact, approximate, with hubs corrected. Arrays and index files only."""

from segue.neighbours.approximate import ApproximateIndex
from segue.neighbours.building import APPROXIMATE_FROM, build_index, open_index
from segue.neighbours.calibration import Calibration, similarity_quantiles
from segue.neighbours.contract import Index
from segue.neighbours.exact import ExactIndex
from segue.neighbours.hubs import HubStatistics, fit_hubs, hubness, mutual_proximity
from segue.neighbours.neighbourhood import (
    Neighbourhood,
    add_tracks,
    fit_neighbourhood,
    open_neighbourhood,
    remove_tracks,
    save_neighbourhood,
    stored_revision,
)
from segue.neighbours.scaling import fit_scaling, standardise

__all__ = [
    "APPROXIMATE_FROM",
    "ApproximateIndex",
    "Calibration",
    "ExactIndex",
    "HubStatistics",
    "Index",
    "Neighbourhood",
    "add_tracks",
    "build_index",
    "fit_hubs",
    "fit_neighbourhood",
    "fit_scaling",
    "hubness",
    "mutual_proximity",
    "open_index",
    "open_neighbourhood",
    "remove_tracks",
    "save_neighbourhood",
    "similarity_quantiles",
    "standardise",
    "stored_revision",
]
