"""Genres told from vectors: classifiers, votes, probabilities, models on disk, how they move in a song."""

from segue.genres.calibration import fit_temperature, fit_temperature_of_each
from segue.genres.classifiers import classifier_kind, classifier_names
from segue.genres.fitting import Fitted, HeldOut, Parts, Plan, best_setting, cross_validated, fit_plan
from segue.genres.labels import GenreLabels, folded, genre_labels
from segue.genres.model import Classifier, GenreModel, Member, up_the_tree
from segue.genres.selection import Selection, check_selection, permutation_importance, uncorrelated_columns
from segue.genres.several import HeldOutSeveral, best_thresholds, cross_validated_several, fit_several
from segue.genres.storing import Draft, is_genre_folder, load_model, save_model
from segue.genres.votes import Vote, vote_of, voted, voters

__all__ = [
    "Classifier",
    "Draft",
    "Fitted",
    "GenreLabels",
    "GenreModel",
    "HeldOut",
    "HeldOutSeveral",
    "Member",
    "Parts",
    "Plan",
    "Selection",
    "Vote",
    "best_setting",
    "best_thresholds",
    "check_selection",
    "classifier_kind",
    "classifier_names",
    "cross_validated",
    "cross_validated_several",
    "fit_plan",
    "fit_several",
    "fit_temperature",
    "fit_temperature_of_each",
    "folded",
    "genre_labels",
    "is_genre_folder",
    "load_model",
    "permutation_importance",
    "save_model",
    "uncorrelated_columns",
    "up_the_tree",
    "vote_of",
    "voted",
    "voters",
]
