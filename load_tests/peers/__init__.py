"""Other media servers under the same load, each behind a module that starts it and joins it."""
