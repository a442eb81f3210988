"""Walk folders, hear what is new in worker processes, record results and problems, resume, watch."""

from segue.scanning.analyse import analyse_file
from segue.scanning.hearing import as_given, hear, hear_file
from segue.scanning.report import ProblemSeen, ScanReport, ScanSettings
from segue.scanning.roots import known_as, remember_roots
from segue.scanning.scan import scan
from segue.scanning.watch import watch

__all__ = [
    "ProblemSeen",
    "ScanReport",
    "ScanSettings",
    "analyse_file",
    "as_given",
    "hear",
    "hear_file",
    "known_as",
    "remember_roots",
    "scan",
    "watch",
]
