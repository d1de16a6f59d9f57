"""PostgreSQL and Valkey of our own: started from binaries that come with the packages, kept in the data folder.

`folder` is the data folder and its lock, `processes` how children die with us, `postgres` and `valkey` one server
each, `servers` both of them together: which are needed, where they are, and how other commands find running ones.
"""
