"""The exit statuses, the same for every command."""

DONE, STOPPED, USAGE, EYES, INTERRUPTED = 0, 1, 2, 3, 130
