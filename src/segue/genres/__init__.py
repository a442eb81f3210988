"""Genres told from vectors: classifiers, votes, probabilities, models on disk, a song's course."""

from segue.genres.calibration import fit_temperature, fit_temperature_of_each
from segue.genres.classifiers import classifier_kind, classifier_names
from segue.genres.fitting import Fitted, HeldOut, Parts, Plan, cross_validated, fit_plan
from segue.genres.labels import GenreLabels, folded, genre_labels
from segue.genres.model import Classifier, GenreModel, Member, up_the_tree
from segue.genres.selection import Selection, check_selection, permutation_importance, uncorrelated_columns
from segue.genres.several import HeldOutSeveral, best_thresholds, cross_validated_several, fit_several
from segue.genres.storing import Draft, is_genre_folder, load_model, save_model
from segue.genres.timeline import STEP_S, Moment, timeline
from segue.genres.trials import (
    GenreTask,
    Trial,
    family_importance,
    fit_trial,
    learning_curve,
    thresholds_of,
    try_classifier,
)
from segue.genres.votes import Vote, check_voters, vote_of, voted, voters

__all__ = [
    "STEP_S",
    "Classifier",
    "Draft",
    "Fitted",
    "GenreLabels",
    "GenreModel",
    "GenreTask",
    "HeldOut",
    "HeldOutSeveral",
    "Member",
    "Moment",
    "Parts",
    "Plan",
    "Selection",
    "Trial",
    "Vote",
    "best_thresholds",
    "check_selection",
    "check_voters",
    "classifier_kind",
    "classifier_names",
    "cross_validated",
    "cross_validated_several",
    "family_importance",
    "fit_plan",
    "fit_several",
    "fit_temperature",
    "fit_temperature_of_each",
    "fit_trial",
    "folded",
    "genre_labels",
    "is_genre_folder",
    "learning_curve",
    "load_model",
    "permutation_importance",
    "save_model",
    "thresholds_of",
    "timeline",
    "try_classifier",
    "uncorrelated_columns",
    "up_the_tree",
    "vote_of",
    "voted",
    "voters",
]
