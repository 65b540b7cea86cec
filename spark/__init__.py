"""Grouping a corpus on Apache Spark: the steps of ``corpus``, each a table, decided by the functions of ``dedup``.

    read      files, one a task                                  spark.reading
    learn     what recurs at each outlet, from a sample of it    spark.sketching
    sketch    signatures, numbered in order of time and content  spark.sketching
    pairs     a join on the keys of bands, within the window     spark.buckets
    matches   pairs of one block of time, with their texts       spark.verifying
    clusters  connected components, then weak bridges            spark.components, spark.results

Rows reach Python as Arrow batches. No step holds more than a batch, a block or a cluster in one process, and
nothing but counts, and what recurs, comes back to the driver.
"""
