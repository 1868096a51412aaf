"""Shapes of the files of a project's work, as JSON Schema: the training set and the manifests."""
