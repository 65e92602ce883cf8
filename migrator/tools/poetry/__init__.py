"""The door to Poetry.

* :mod:`~migrator.tools.poetry.door`: what the rest of the program sees: gather, lock, check
* :mod:`~migrator.tools.poetry.bundled`: the Poetry that came with the tool, in a process of its own
* :mod:`~migrator.tools.poetry.command`: any other Poetry, through its command line
* :mod:`~migrator.tools.poetry.process`: a child process and its place for temporary files
* :mod:`~migrator.tools.poetry.layout`: a copy of the project's surroundings for the command line
* :mod:`~migrator.tools.poetry.worker`: the child process of ``bundled``, which runs Poetry's own code
* :mod:`~migrator.tools.poetry.failure`: Poetry's errors, as answers
* :mod:`~migrator.tools.poetry.index`: Poetry's repositories, taught to read a plain mirror and to fetch side by side

``worker``, ``failure`` and ``index`` alone import Poetry's internals.
"""
