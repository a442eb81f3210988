"""A library seen from above: kinds of music, their names, and an order of tracks."""

from segue.atlas.clustering import Clustering, Kind, load_clustering, save_clustering
from segue.atlas.kinds import (
    MOST_KINDS,
    Clusters,
    Curve,
    check_number,
    draw_curve,
    find_clusters,
    nearest_centres,
)
from segue.atlas.naming import Evidence, Words, evidence, named
from segue.atlas.numbering import Numbering, match_clusters
from segue.atlas.ordering import Transitions, smooth_order, step_costs, way_cost

__all__ = [
    "MOST_KINDS",
    "Clustering",
    "Clusters",
    "Curve",
    "Evidence",
    "Kind",
    "Numbering",
    "Transitions",
    "Words",
    "check_number",
    "draw_curve",
    "evidence",
    "find_clusters",
    "load_clustering",
    "match_clusters",
    "named",
    "nearest_centres",
    "save_clustering",
    "smooth_order",
    "step_costs",
    "way_cost",
]
