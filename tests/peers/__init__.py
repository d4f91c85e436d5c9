"""Tests beside other people's addons, in a database of their own; ``make test`` fetches them."""

from . import test_takeover_contract
