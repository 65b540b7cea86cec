"""Grouping whole archives out of core: on one machine or on Apache Spark, by the functions of ``dedup``."""
