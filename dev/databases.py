"""Databases: templates that are made once, and copies of them that are used."""

import hashlib
import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path

from .cache import locked
from .console import Failure, step
from .environment import prepare
from .locations import CHECKOUT, EXTENSIONS, STATE
from .odoo_source import odoo_identity
from .settings import ADDON, DEMO_DATABASE, DEPENDENCIES, EXTENSION, LANGUAGES

# Folders of the checkout that do not decide how a database with the addon looks.
OTHER_FOLDERS = {"benchmarks", "build", "demo", "dev", "dist", "docs", "tests"}
ADDON_SUFFIXES = {".py", ".xml", ".csv", ".po", ".sql", ".png", ".svg", ".js", ".scss"}

# Copies of a database share no files with it, so its attachments must lie in its tables.
ATTACHMENTS_INTO_DATABASE = """
env["ir.config_parameter"].set_param("ir_attachment.location", "db")
env["ir.attachment"].force_storage()
"""
# Every copy would otherwise build the same at its first page.
BUILD_ALL = """
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
"""
# Those that this addon changes, and that nearly every page and test of a page needs: left out,
# each test of a page would build its own, and ``make test-host`` count that as the addon's cost.
BUILD_CHANGED = """
bundles = ("web.assets_web", "web.assets_web_print", "web.assets_frontend", "web.assets_tests")
for name in bundles:
    bundle = env["ir.qweb"]._get_asset_bundle(name, css=True, js=True)
    bundle.js()
    bundle.css()
env.cr.commit()
"""


def prepare_all():
    """Fetch what is missing and make the template database that every other command needs."""
    dependencies_template(prepare(browser=True))


def shell():
    """Odoo's shell: it runs what is piped into it, or talks to the person at the keyboard."""
    environment = prepare()
    database = os.environ.get("DB", DEMO_DATABASE)
    require(environment, database)
    options = ["shell", "-d", database, "--no-http", "--log-level=warn"]
    return environment.run(environment.odoo_command(*options), check=False).returncode


def exists(environment, name):
    return name in environment.query("postgres", "SELECT datname FROM pg_database")


def require(environment, name):
    """Refuse a database that is not there, with the command that makes it."""
    if not exists(environment, name):
        hint = " 'make demo' makes it." if name == DEMO_DATABASE else ""
        raise Failure(f"There is no database '{name}' in this checkout.{hint}")


def drop(environment, name):
    environment.run(["dropdb", "--if-exists", "--force", name], capture_output=True)
    shutil.rmtree(STATE / "data" / "filestore" / name, ignore_errors=True)


def copy(environment, source, name):
    """Make ``name`` anew as a copy of ``source``."""
    drop(environment, name)
    environment.run(["createdb", "-T", source, name])


@contextmanager
def temporary_copy(environment, source, purpose):
    """The name of a copy that no other run uses, and that is gone afterwards."""
    _drop_abandoned(environment, purpose)
    name = f"{purpose}_{os.getpid()}"
    copy(environment, source, name)
    try:
        yield name
    finally:
        drop(environment, name)


def _drop_abandoned(environment, purpose):
    """Drop the copies of runs that were killed, those of their test workers too."""
    for name in environment.query("postgres", "SELECT datname FROM pg_database"):
        match = re.fullmatch(rf"{purpose}_(\d+)(-gw\d+)?", name)
        if match and not Path("/proc", match.group(1)).exists():
            drop(environment, name)


def dependencies_template(environment):
    """A database with the addons this one depends on: the slow part of every database."""
    key = _digest([*odoo_identity(environment.odoo_folder), *DEPENDENCIES, LANGUAGES])
    name = f"template_dependencies_{key}"
    return _template(environment, name, lambda partial: _install_dependencies(environment, partial))


def addon_template(environment):
    """A database with this addon in it as the checkout has it now."""
    base = dependencies_template(environment)

    def build(partial):
        copy(environment, base, partial)
        install(environment, partial, ADDON)
        _build_scripts(environment, partial, BUILD_CHANGED)

    return _template(environment, f"template_addon_{_digest([base, addon_digest()])}", build)


def extension_template(environment):
    """A database with the addon and the extension that tests its doors."""
    return template_with(environment, "extension", [EXTENSION], _digest_files([EXTENSIONS]))


def template_with(environment, family, modules, *versions):
    """A database with this addon and ``modules`` beside it, which have these ``versions``."""
    base = addon_template(environment)

    def build(partial):
        copy(environment, base, partial)
        install(environment, partial, *modules)

    name = f"template_{family}_{_digest([base, *modules, *versions])}"
    return _template(environment, name, build)


def install(environment, name, *modules):
    """Install ``modules`` into an existing database."""
    label = f"Installing {', '.join(modules)}"
    options = ["--stop-after-init", "--without-demo", "--no-http"]
    log = environment.run_odoo(label, "-d", name, "-i", ",".join(modules), *options)
    _refuse_warnings(log, label)


def _refuse_warnings(log, label):
    """Fail where Odoo warned of something: nobody reads the log of what went well."""
    lines = log.read_text(errors="replace").splitlines()
    warnings = [line for line in lines if re.search(r"^\S+ \S+ \d+ (WARNING|ERROR) ", line)]
    if warnings:
        raise Failure("\n".join([*warnings, f"{label}: warnings in {log}"]))


def addon_digest():
    """A key that changes with every file of the addon that shapes its database."""
    folders = [path for path in CHECKOUT.glob("[!.]*/") if path.name not in OTHER_FOLDERS]
    return _digest_files(folders, CHECKOUT.glob("*.py"))


def _digest_files(folders, files=()):
    files = [*files, *(path for folder in folders for path in folder.rglob("*"))]
    parts = []
    for path in sorted(files):
        if path.suffix in ADDON_SUFFIXES and path.is_file():
            parts += [str(path.relative_to(CHECKOUT)), path.read_bytes()]
    return _digest(parts)


def _install_dependencies(environment, partial):
    drop(environment, partial)
    environment.run(["createdb", "-T", "template0", "-E", "UTF8", partial])
    options = ["--stop-after-init", "--without-demo", "--no-http", f"--load-language={LANGUAGES}"]
    modules = ",".join(DEPENDENCIES)
    environment.run_odoo("Installing Odoo's own addons", "-d", partial, "-i", modules, *options)
    _build_scripts(environment, partial, ATTACHMENTS_INTO_DATABASE + BUILD_ALL)
    shutil.rmtree(STATE / "data" / "filestore" / partial, ignore_errors=True)


def _build_scripts(environment, partial, script):
    options = ["shell", "-d", partial, "--no-http"]
    environment.run_odoo("Building scripts and styles", *options, script=script)


def _template(environment, name, build):
    """The template ``name``, made under another name first: half a template is never used."""
    with locked(STATE / "templates.lock"):
        if not exists(environment, name):
            step(f"Making the template database {name}")
            partial = f"{name}_partial"
            build(partial)
            environment.query("postgres", f'ALTER DATABASE "{partial}" RENAME TO "{name}"')
            _drop_older(environment, name)
    return name


def _drop_older(environment, name):
    """Templates of earlier versions of the addon or of Odoo are of no use any more."""
    family = name.rsplit("_", 1)[0]
    sql = f"SELECT datname FROM pg_database WHERE datname LIKE '{family}%'"
    for other in environment.query("postgres", sql):
        if other != name:
            drop(environment, other)


def _digest(parts):
    digest = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else part.encode()
        digest.update(b"%d:%b" % (len(content), content))
    return digest.hexdigest()[:12]
