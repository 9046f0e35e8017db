"""What `make` runs before there is anything to run: set-up, front-end files, the browser for tests.

Only the standard library is imported here, and nothing newer than Python 3.8 is used at the top of
`setup.py`, so that an old interpreter gets a sentence and not a syntax error.
"""
