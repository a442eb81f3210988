"""A library seen from above. Arrays in, arrays and pages out; it knows no catalogue."""

from segue.atlas.map_page import map_page
from segue.atlas.map_picture import map_picture
from segue.atlas.map_view import Labels, MapView, labels_of
from segue.atlas.nearest import nearest_rows, nearest_to
from segue.atlas.projection import place, project
from segue.atlas.stored_map import StoredMap, read_map, write_map

__all__ = [
    "Labels",
    "MapView",
    "StoredMap",
    "labels_of",
    "map_page",
    "map_picture",
    "nearest_rows",
    "nearest_to",
    "place",
    "project",
    "read_map",
    "write_map",
]
