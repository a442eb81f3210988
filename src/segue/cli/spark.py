"""`segue spark`: the same jobs on a cluster."""

from __future__ import annotations

import click

from segue.cli.spark_embed import embed
from segue.cli.spark_evaluate import evaluate
from segue.cli.spark_factors import factors
from segue.cli.spark_recommend import recommend


@click.group()
def spark() -> None:
    """Run the jobs of a large library on Apache Spark (needs Java and segue[spark])."""


spark.add_command(embed)
spark.add_command(factors)
spark.add_command(recommend)
spark.add_command(evaluate)
