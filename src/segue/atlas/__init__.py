"""A library seen from above: kinds of music that stay, orders of tracks, the map, the study."""

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
from segue.atlas.map_page import map_page
from segue.atlas.map_picture import map_picture
from segue.atlas.map_view import Labels, MapView, labels_of
from segue.atlas.naming import Evidence, Words, evidence, named
from segue.atlas.nearest import nearest_rows, nearest_to
from segue.atlas.numbering import Numbering, match_clusters
from segue.atlas.ordering import Transitions, smooth_order, step_costs, way_cost
from segue.atlas.projection import place, project
from segue.atlas.stored_map import StoredMap, read_map, write_map

__all__ = [
    "MOST_KINDS",
    "Clustering",
    "Clusters",
    "Curve",
    "Evidence",
    "Kind",
    "Labels",
    "MapView",
    "Numbering",
    "StoredMap",
    "Transitions",
    "Words",
    "check_number",
    "draw_curve",
    "evidence",
    "find_clusters",
    "labels_of",
    "load_clustering",
    "map_page",
    "map_picture",
    "match_clusters",
    "named",
    "nearest_centres",
    "nearest_rows",
    "nearest_to",
    "place",
    "project",
    "read_map",
    "save_clustering",
    "smooth_order",
    "step_costs",
    "way_cost",
    "write_map",
]
