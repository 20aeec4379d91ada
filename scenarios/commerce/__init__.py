"""Real shops' data as a market's starting point: import, learned columns, and their store.

`tables.import_tables` reads a shop's own CSV files, `completejourney.import_completejourney` a
published year of grocery shopping; `library.find` and `store.load` give back what either has
written.
"""
