"""A library seen from above: the study of its descriptors."""
