"""Connected components of a graph that no machine holds, in logarithmically many rounds.

Randomised contraction (Bögeholz, Brand, Todor: In-database connected component analysis, ICDE 2020): every node joins
the one of its neighbourhood, itself included, that comes first in an order drawn anew for the round, and the graph of
those joined goes into the next round. Each round takes on average a constant share of the nodes that still have an
edge, whatever the graph: a chain of a million costs 20 rounds or so, where passing on the least number costs a
million. All rounds together cost as much as a few. Of a node with a million edges
only the least has to be found, so that no star stalls a round either.
"""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

# Keeps a table under a name and returns it as kept.
Keep = Callable[[str, "DataFrame"], "DataFrame"]


def components(edges: DataFrame, keep: Keep) -> DataFrame:
    """Return (node, component) of every node of the edges (a, b); a component is named by one of its nodes."""
    both = edges.select(fn.col("a").alias("node"), fn.col("b").alias("other"))
    graph = keep("graph-0", both.union(both.select("other", "node")).distinct())
    rounds: list[DataFrame] = []
    while not graph.isEmpty():
        number = len(rounds) + 1

        def drawn(name: str, number: int = number) -> Column:
            return fn.struct(fn.xxhash64(fn.col(name), fn.lit(number)), fn.col(name).alias("node"))

        first = fn.least(drawn("node"), fn.min(drawn("other")))
        joins = keep(f"joins-{number}", graph.groupBy("node").agg(first["node"].alias("component")))
        rounds.append(joins)
        far = joins.select(fn.col("node").alias("other"), fn.col("component").alias("far"))
        contracted = graph.join(joins, "node").join(far, "other").where("component <> far")
        ends = contracted.select(fn.col("component").alias("node"), fn.col("far").alias("other"))
        graph = keep(f"graph-{number}", ends.distinct())
    if not rounds:
        return graph.select("node", fn.col("other").alias("component"))
    found = rounds.pop()
    while rounds:  # from the last, smallest round back to the nodes of the first
        later = found.select(fn.col("node").alias("component"), fn.col("component").alias("final"))
        one = rounds.pop().join(later, "component", "left")
        found = one.select("node", fn.coalesce("final", "component").alias("component"))
    return found
