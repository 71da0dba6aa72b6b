"""From decided facts to the texts of all files.

`render_plan` runs every renderer; each module decides nothing and lays out one kind of
file.
"""
