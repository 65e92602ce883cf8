"""``python -m migrator``, and where the installed ``migrate`` starts."""

import os
import sys
from typing import NoReturn

if __name__ == "__main__" and not sys.flags.safe_path:
    # the folder where the user stands is a project to be read, and no place to import from
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main() -> NoReturn:
    """Run the command line; a Poetry that will be needed is started before even that is imported."""
    from migrator.tools.poetry.start import discard_early, start_early

    try:
        start_early(sys.argv[1:])
        from migrator.cli import main as run

        run()
    except KeyboardInterrupt:  # the command line itself handles it, once it is there
        sys.stderr.write("migrate: Stopped; nothing was changed\n")
        sys.exit(130)
    finally:
        discard_early()


if __name__ == "__main__":
    main()
