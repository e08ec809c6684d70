"""Trains a spam filter on one exact version of the Delta table `messages` and keeps it, with its lineage, in MLflow."""
