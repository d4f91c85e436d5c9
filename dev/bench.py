"""bench"""


def bench():
    pass
