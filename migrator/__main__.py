"""``python -m migrator``."""

import os
import sys

if not sys.flags.safe_path:
    # the folder where the user stands is a project to be read, and no place to import from
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from migrator.cli import main

if __name__ == "__main__":
    main()
