"""The values that travel through the program. Nothing in here acts, reads or prints.

All classes are frozen, keyword-only and slotted; collections are tuples and frozensets. A module a noun:

* :mod:`~migrator.model.origin`: where a fact stood
* :mod:`~migrator.model.url`: an address that never shows its credentials
* :mod:`~migrator.model.version`: versions and specifiers, also those that PEP 440 refuses
* :mod:`~migrator.model.source`: where a distribution comes from
* :mod:`~migrator.model.project`: the normal form that every reader yields
* :mod:`~migrator.model.finding`: what a person should know
* :mod:`~migrator.model.evidence`: what the index says of the pins
* :mod:`~migrator.model.plan`: what is going to be written
* :mod:`~migrator.model.locking`: the question to Poetry and its answer
* :mod:`~migrator.model.change`: what differs between two projects
* :mod:`~migrator.model.outcome`: all that a report may look at
* :mod:`~migrator.model.tree`: files as bytes
* :mod:`~migrator.model.trouble`: what is wrong with the world
"""
