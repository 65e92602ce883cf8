"""One module for each report form: :class:`~migrator.model.outcome.Outcome` in, text out."""
