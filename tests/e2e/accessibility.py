"""What axe-core finds on a page: WCAG 2.2 A and AA, and its best practices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "web_client" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
RUN = """async () => {
    const report = await axe.run(document, {resultTypes: ["violations"]});
    return report.violations.map(({id, impact, help, nodes}) =>
        ({id, impact, help, nodes: nodes.map(({target, failureSummary}) => `${target}: ${failureSummary}`)}));
}"""
AT_REST = """async () => {
    const ends = (one) => one.effect?.getComputedTiming().endTime !== Infinity;
    await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished));
}"""


def findings(page: Page, impacts: tuple[str, ...] = GRAVE) -> list[str]:
    """One line per element that breaks a rule of these `impacts`, the rule's name first. Nothing is left out.

    Waits for transitions to end: a colour half way between two is neither.
    """
    # Not wait_for_function, which the page's own security policy refuses at its second look.
    page.evaluate(AT_REST)
    if not page.evaluate("() => 'axe' in window"):
        # Not add_script_tag, for the same reason.
        page.evaluate("source => { (0, eval)(source); }", AXE.read_text(encoding="utf-8"))
    violations: list[dict[str, Any]] = page.evaluate(RUN)
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: {node}"
        for found in violations
        if found["impact"] in impacts
        for node in found["nodes"]
    ]
