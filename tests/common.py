"""Helpers for the tests of this addon and of addons that extend it."""
