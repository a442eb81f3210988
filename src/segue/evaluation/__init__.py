"""How good the answers are: metrics on arrays, random controls, intervals over artists, reports."""

from segue.evaluation.baselines import MFCC_SAMPLE_RATE, mfcc_statistics
from segue.evaluation.bootstrap import interval, mean_of
from segue.evaluation.controls import random_vectors, shuffled_vectors
from segue.evaluation.metrics import (
    accuracy,
    hit_at_k,
    occurrences,
    pearson_r,
    precision_at_k,
    r_precision,
    skewness,
)
from segue.evaluation.prediction import group_folds, predict_genres, predict_moods
from segue.evaluation.report import report_as_json, report_as_table
from segue.evaluation.similarity import MEASURES, Labels, Measure, SimilarityReport, measure_similarity

__all__ = [
    "MEASURES",
    "MFCC_SAMPLE_RATE",
    "Labels",
    "Measure",
    "SimilarityReport",
    "accuracy",
    "group_folds",
    "hit_at_k",
    "interval",
    "mean_of",
    "measure_similarity",
    "mfcc_statistics",
    "occurrences",
    "pearson_r",
    "precision_at_k",
    "predict_genres",
    "predict_moods",
    "r_precision",
    "random_vectors",
    "report_as_json",
    "report_as_table",
    "shuffled_vectors",
    "skewness",
]
