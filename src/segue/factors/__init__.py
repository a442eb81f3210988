"""Plays to factors: what learns from who plays what, fold-in of a listener, and how factors are kept."""

from segue.factors.bpr import fit_bpr
from segue.factors.ease import fit_ease
from segue.factors.folding import Solver, fold_in
from segue.factors.model import Factors, load_factors, save_factors
from segue.factors.names import Names, names_of_labels, save_names
from segue.factors.neighbourhoods import fit_item_knn, fit_listener_knn
from segue.factors.next_evidence import PastPlays
from segue.factors.popularity import fit_popularity
from segue.factors.repeats import NextScorer, fit_next
from segue.factors.scorers import FactorScorer, Scorer
from segue.factors.tuning import Trial, Tuning, tune
from segue.factors.usage import checked, fingerprint_of, hold_out
from segue.factors.validation import Judgement, judge
from segue.factors.warm import DEFAULT_WARM, warm_models
from segue.factors.wmf import CONFIDENCES, WMFSettings, fit_wmf, objective, settled

__all__ = [
    "CONFIDENCES",
    "DEFAULT_WARM",
    "FactorScorer",
    "Factors",
    "Judgement",
    "Names",
    "NextScorer",
    "PastPlays",
    "Scorer",
    "Solver",
    "Trial",
    "Tuning",
    "WMFSettings",
    "checked",
    "fingerprint_of",
    "fit_bpr",
    "fit_ease",
    "fit_item_knn",
    "fit_listener_knn",
    "fit_next",
    "fit_popularity",
    "fit_wmf",
    "fold_in",
    "hold_out",
    "judge",
    "load_factors",
    "names_of_labels",
    "objective",
    "save_factors",
    "save_names",
    "settled",
    "tune",
    "warm_models",
]
