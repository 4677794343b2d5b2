"""`rookery rule …`: the rules that people agree to."""

from typing import Annotated

from cyclopts import App, Parameter

from rookery.cli.sessions import with_services
from rookery.domain.rules import Rule
from rookery.services import Services
from rookery.usecases import rules

app = App(name="rule", help="Set the rules that people agree to when they sign up.")

Number = Annotated[int, Parameter(help="The rule's number, as the list shows it.")]
Text = Annotated[str, Parameter(help="The rule, in a sentence.")]
Hint = Annotated[str, Parameter(help="A longer explanation.", show_default=False)]


@app.command
def add(text: Text, /, *, hint: Hint = "") -> None:
    """Add a rule behind the others."""

    async def work(services: Services) -> None:
        await rules.add_rule(services, text=text, hint=hint)

    with_services(work)
    print("The rule is added.")


@app.command
def edit(number: Number, /, *, text: Text | None = None, hint: Hint | None = None) -> None:
    """Let a rule say something else; what is left out stays as it is."""

    async def work(services: Services) -> None:
        await rules.edit_rule(services, number, text=text, hint=hint)

    with_services(work)
    print(f"Rule {number} is changed.")


@app.command
def remove(number: Number, /) -> None:
    """Remove a rule; those behind it move up."""

    async def work(services: Services) -> None:
        await rules.remove_rule(services, number)

    with_services(work)
    print(f"Rule {number} is removed.")


@app.command
def move(number: Number, to: Annotated[int, Parameter(help="The number it shall have.")], /) -> None:
    """Move a rule to another place."""

    async def work(services: Services) -> None:
        await rules.move_rule(services, number, to=to)

    with_services(work)
    print(f"Rule {number} is rule {to} now.")


@app.command(name="list")
def list_rules() -> None:
    """List the rules in their order, in columns separated by tabs: number, rule, hint."""

    async def work(services: Services) -> list[Rule]:
        return await rules.list_rules(services)

    for number, rule in enumerate(with_services(work), start=1):
        print(
            "\t".join(" ".join(column.split()) for column in (str(number), rule.text, rule.hint)).rstrip("\t")
        )
