"""Readers of data sets for training: folders, tables and Segue's own library in, one `Dataset` out."""

from segue.training.datasets.contract import Dataset, Kind, Target
from segue.training.datasets.opening import open_dataset, reader_names

__all__ = ["Dataset", "Kind", "Target", "open_dataset", "reader_names"]
