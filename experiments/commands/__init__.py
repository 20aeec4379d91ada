"""What each command of the command line does: progress to stderr, results to stdout."""
