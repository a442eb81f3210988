"""The same jobs on Spark: analyse files, factorise plays, place content, score. Needs ``segue[spark]``."""
