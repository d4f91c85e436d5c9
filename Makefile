# Every target is a command of the package dev/, which reads the variables from its environment:
# ARGS, BENCH, CONTACT_GAP, DB, DISPUTES, FILE, GAP, LEVELS, ODOO_SOURCE, PORT, SERVE.
PYTHON ?= python3
TARGETS := bench clean demo format help lint prepare replay serve shell stop terms test test-host

.DEFAULT_GOAL := help
.PHONY: $(TARGETS)

$(TARGETS):
	@$(PYTHON) -m dev $@
