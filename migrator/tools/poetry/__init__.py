"""The door to Poetry.

* :mod:`~migrator.tools.poetry.door`: what the rest of the program sees: gather, lock, check
* :mod:`~migrator.tools.poetry.bundled`: the Poetry that came with the tool, in a process of its own
* :mod:`~migrator.tools.poetry.command`: any other Poetry, through its command line
* :mod:`~migrator.tools.poetry.process`: a child process and its place for temporary files
* :mod:`~migrator.tools.poetry.start`: the process of ``worker``, started before anything is asked of it
* :mod:`~migrator.tools.poetry.layout`: a copy of the project's surroundings for the command line
* :mod:`~migrator.tools.poetry.worker`: the child process of ``bundled``: questions in, answers out
* :mod:`~migrator.tools.poetry.session`: what it does for one project, with Poetry's own code
* :mod:`~migrator.tools.poetry.failure`: Poetry's errors, as answers
* :mod:`~migrator.tools.poetry.index`: Poetry's repositories, taught to read a plain mirror and to fetch side by side
* :mod:`~migrator.tools.poetry.building`: the leave to run a build, and what a build told
* :mod:`~migrator.tools.poetry.lookups`: what Poetry looks for at an address, named in messages
* :mod:`~migrator.tools.poetry.trust`: one TLS context for all connections
* :mod:`~migrator.tools.poetry.postponed`: what most locks never use is imported when it is used

The last seven and ``worker`` alone import Poetry's internals.
"""
