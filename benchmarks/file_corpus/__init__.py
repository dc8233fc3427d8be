"""A corpus of small files as countries, spreadsheets, banks, laboratories, loggers and offices write them."""
