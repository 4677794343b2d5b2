"""The program keeps the rules of the house, and each rule can fail."""

import pytest

from tests.house.rules import RULES, Module, Rule, modules

EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@EVERY_RULE
def test_the_program_keeps_the_rule(rule: Rule):
    complaints = [complaint for module in modules() for complaint in rule.complaints(module)]
    assert not complaints, f"{rule.check.__doc__}\n" + "\n".join(complaints)


@EVERY_RULE
def test_the_good_example_passes(rule: Rule):
    assert not rule.complaints(Module.of(rule.good, rule.good_path))


@EVERY_RULE
def test_the_bad_example_fails(rule: Rule):
    assert rule.complaints(Module.of(rule.bad, rule.path))
