"""The command line: `simpul …`."""

import typer

from hub.cli import (
    access,
    administration,
    contracts,
    demonstration,
    exchange,
    judging,
    keyring,
    proving,
    pulling,
    replaying,
    serving,
)

app = typer.Typer(
    name="simpul",
    help="The hub through which the agencies of a regency exchange data and services.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _group(name: str, help: str) -> typer.Typer:
    group = typer.Typer(help=help, no_args_is_help=True)
    app.add_typer(group, name=name)
    return group


app.command()(serving.serve)
app.command()(serving.worker)
app.command()(demonstration.demo)
app.command()(replaying.replay)
app.command()(serving.doctor)
_group("db", "The control plane's database.").command("upgrade")(serving.db_upgrade)

app.command()(administration.init)
_group("agency", "Agencies.").command("add")(administration.agency_add)
_person = _group("person", "People and their posts.")
_person.command("add")(administration.person_add)
_person.command("reset-factor")(administration.person_reset_factor)
_group("client", "Programs and their posts.").command("add")(administration.client_add)
_keys = _group("keys", "Keys that sign tokens.")
_keys.command("list")(keyring.listed)
_keys.command("rotate")(keyring.rotate)
_keys.command("remove")(keyring.remove)

app.command()(exchange.login)
app.command()(exchange.push)
app.command()(exchange.pull)
app.command()(exchange.search)
app.command()(exchange.sql)
_source = _group("source", "Pull sources.")
_source.command("test")(pulling.check)
_source.command("run")(pulling.run)

app.command()(judging.validate)
_schema = _group("schema", "Published schemas.")
_schema.command("publish")(judging.publish)
_schema.command("check")(judging.check)
_schema.command("mode")(judging.mode)
_schema.command("list")(judging.listed)
_schema.command("template")(judging.template)

_grant = _group("grant", "Contracts and the keys that sign them.")
_grant.command()(contracts.key)
_grant.command()(contracts.register)
_grant.command()(contracts.contract)
_grant.command()(contracts.sign)
_grant.command()(contracts.verify)

_group("ledger", "The exchange record.").command("verify")(proving.verify)

_access = _group("access", "Who may read what.")
_access.command("replay")(access.replay)
_access.command("check")(access.check)
