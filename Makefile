# Every target is a command of the package dev/, which reads the variables from its environment:
# ARGS, BENCH, CALLS, CONTACT_GAP, COUNT, DB, DISPUTES, FILE, GAP, LEVELS, N, ODOO_SOURCE, PORT, SEED, SERVE.
PYTHON ?= python3
TARGETS := bench clean demo format fuzz help lint prepare replay serve shell stop terms test test-host test-upgrade torture

.DEFAULT_GOAL := help
.PHONY: $(TARGETS)

$(TARGETS):
	@$(PYTHON) -m dev $@
