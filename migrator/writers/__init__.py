"""One module for each file written: plan in, :class:`~migrator.model.artifact.Artifact` out."""
