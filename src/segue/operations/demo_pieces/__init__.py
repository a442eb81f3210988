"""Generated music whose right neighbours are known: the library of `segue demo` and of the tests."""

from segue.operations.demo_pieces.library import DemoPiece, Kind, make_demo

__all__ = ["DemoPiece", "Kind", "make_demo"]
