"""How good the answers are: metrics on arrays, controls, protocols, intervals, reports."""

from segue.evaluation.baselines import MFCC_SAMPLE_RATE, mfcc_statistics
from segue.evaluation.bootstrap import interval, intervals_of_means, mean_of
from segue.evaluation.class_metrics import (
    ClassCounts,
    accuracies,
    class_counts,
    class_scores,
    confusion_matrix,
    kappas,
    macro_f1s,
    mcnemar,
)
from segue.evaluation.cold import ColdResult, ColdTask, evaluate_cold, split_by_artist
from segue.evaluation.controls import random_vectors, shuffled_vectors
from segue.evaluation.in_time import TimeSplit, evaluate_in_time, ranked_lists, split_in_time
from segue.evaluation.judging import Exam, Judgement, judge, make_exam
from segue.evaluation.metrics import (
    Ranked,
    TrackLists,
    auc,
    average_precision_at_k,
    ndcg_at_k,
    precision_at_k,
    rank_relevant,
    recall_at_k,
    track_lists,
)
from segue.evaluation.overlap import (
    Overlap,
    Shares,
    overlap_by_cosine,
    overlap_by_dot,
    shares_by_cosine,
    shares_by_dot,
)
from segue.evaluation.own_tags import GivenTags, without_own_tags
from segue.evaluation.page import ranking_as_page
from segue.evaluation.prediction import group_folds, predict_genres, predict_moods
from segue.evaluation.ranking_report import (
    Entry,
    Figure,
    ModelFigures,
    RankingReport,
    compare,
    ranking_as_json,
    ranking_as_table,
)
from segue.evaluation.report import report_as_json, report_as_table
from segue.evaluation.scorers import RandomScorer, SameForAll
from segue.evaluation.similarity import MEASURES, Labels, Measure, SimilarityReport, measure_similarity
from segue.evaluation.tag_metrics import roc_and_precision
from segue.evaluation.vector_metrics import (
    accuracy,
    hit_at_k,
    label_precision_at_k,
    occurrences,
    pearson_r,
    r_precision,
    skewness,
)
from segue.evaluation.warm import evaluate_warm

__all__ = [
    "MEASURES",
    "MFCC_SAMPLE_RATE",
    "ClassCounts",
    "ColdResult",
    "ColdTask",
    "Entry",
    "Exam",
    "Figure",
    "GivenTags",
    "Judgement",
    "Labels",
    "Measure",
    "ModelFigures",
    "Overlap",
    "RandomScorer",
    "Ranked",
    "RankingReport",
    "SameForAll",
    "Shares",
    "SimilarityReport",
    "TimeSplit",
    "TrackLists",
    "accuracies",
    "accuracy",
    "auc",
    "average_precision_at_k",
    "class_counts",
    "class_scores",
    "compare",
    "confusion_matrix",
    "evaluate_cold",
    "evaluate_in_time",
    "evaluate_warm",
    "group_folds",
    "hit_at_k",
    "interval",
    "intervals_of_means",
    "judge",
    "kappas",
    "label_precision_at_k",
    "macro_f1s",
    "make_exam",
    "mcnemar",
    "mean_of",
    "measure_similarity",
    "mfcc_statistics",
    "ndcg_at_k",
    "occurrences",
    "overlap_by_cosine",
    "overlap_by_dot",
    "pearson_r",
    "precision_at_k",
    "predict_genres",
    "predict_moods",
    "r_precision",
    "random_vectors",
    "rank_relevant",
    "ranked_lists",
    "ranking_as_json",
    "ranking_as_page",
    "ranking_as_table",
    "recall_at_k",
    "report_as_json",
    "report_as_table",
    "roc_and_precision",
    "shares_by_cosine",
    "shares_by_dot",
    "shuffled_vectors",
    "skewness",
    "split_by_artist",
    "split_in_time",
    "track_lists",
    "without_own_tags",
]
