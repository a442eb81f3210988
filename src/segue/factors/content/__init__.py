"""Content to factors: what is known of a track says where it stands among the tastes of listeners."""

from segue.factors.content.artists import ArtistMeans, fit_artists
from segue.factors.content.inputs import Content
from segue.factors.content.placing import WAYS
from segue.factors.content.regression import METHODS, ContentModel, Usage, fit_content

__all__ = ["METHODS", "WAYS", "ArtistMeans", "Content", "ContentModel", "Usage", "fit_artists", "fit_content"]
