"""migrator: brings a Python project from requirements.txt, Pipenv or pypi2nix to Poetry and poetry2nix."""

__version__ = "0.1.0"
