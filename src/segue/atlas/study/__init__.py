"""The data study of a table of descriptors: arrays in, findings, a page and tables out."""

from segue.atlas.study.facts import TrialFigure, study_as_json, study_tables, table_as_csv
from segue.atlas.study.page import study_page
from segue.atlas.study.portraits import Portrait, portrait_of
from segue.atlas.study.whole import Study, study_table

__all__ = [
    "Portrait",
    "Study",
    "TrialFigure",
    "portrait_of",
    "study_as_json",
    "study_page",
    "study_table",
    "study_tables",
    "table_as_csv",
]
