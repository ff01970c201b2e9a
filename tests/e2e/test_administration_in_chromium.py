"""The pages for people who plan, in Chromium, over a county with its schools; axe finds nothing grave."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.classroom_api.house import API, House, open_planning_house
from tests.classroom_api.identity_provider import CLIENT, SECRET, open_provider
from tests.e2e.accessibility import findings
from tests.e2e.browser import chromium, open_page
from tests.e2e.county_school import PASSWORD, County, open_county

pytestmark = pytest.mark.timeout(180)

WAIT_MS = 20_000
expect.set_options(timeout=WAIT_MS)


@dataclass(frozen=True, slots=True)
class Office:
    """A county, and a browser to plan it in."""

    house: House
    county: County
    browser: Browser

    def open(self, path: str, login: str | None = None) -> Page:
        page = open_page(self.browser, self.house.url + path, size=(1440, 900), language="zh-CN")
        page.set_default_timeout(WAIT_MS)
        if login is not None:
            sign_in(page, login)
            expect(page.get_by_test_id("account")).to_be_visible()
        return page

    def table(self, *lines: str) -> FilePayload:
        """A timetable as a spreadsheet in China saves it."""
        text = "日期,开始,结束,标题,教师,教室,班级\n" + "".join(f"{line}\n" for line in lines)
        return {"name": "课程表.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}


def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    page.get_by_test_id("login").fill(login)
    page.get_by_test_id("password").fill(password)
    page.get_by_test_id("sign-in").click()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    database = f"sqlite:///{folder / 'tandem.db'}"
    with (
        open_provider() as provider,
        open_planning_house(
            folder,
            database,
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
        ) as house,
        chromium() as browser,
    ):
        provider.login = "sun.li"
        yield Office(house, open_county(house), browser)


@pytest.fixture
def visit(office: Office) -> Iterator[Callable[..., Page]]:
    """Pages that are closed with the test."""
    pages: list[Page] = []

    def open_one(path: str, login: str | None = None) -> Page:
        pages.append(office.open(path, login))
        return pages[-1]

    yield open_one
    for page in pages:
        page.context.close()


def test_a_timetable_is_imported_shown_and_kept_free_of_clashes(
    office: Office, visit: Callable[..., Page]
) -> None:
    monday, tuesday = office.county.monday, office.county.monday + timedelta(days=1)
    first = f"{monday},08:20,09:00,分数的初步认识,lin.mei,录播教室一,云岭小学三四年级"
    page = visit("/timetable", "zhou.min")
    expect(page.get_by_test_id("empty-week")).to_be_visible()
    assert findings(page) == []

    page.get_by_test_id("import").click()
    bad = office.table(first, f"{tuesday},09:10,09:50,几分之一,nobody,录播教室一,")
    page.get_by_test_id("import-file").set_input_files([bad])
    problems = page.get_by_test_id("import-problems")
    expect(problems).to_contain_text("nobody")
    expect(problems.locator("tbody tr td").nth(0)).to_have_text("3")
    expect(problems.locator("tbody tr td").nth(1)).to_have_text("教师")
    expect(page.get_by_test_id("import-now")).to_be_disabled()
    assert findings(page) == []
    good = office.table(first, f"{tuesday},09:10,09:50,几分之一,lin.mei,录播教室一,云岭小学三四年级")
    page.get_by_test_id("import-file").set_input_files([good])
    page.get_by_test_id("import-now").click()
    expect(page.get_by_test_id("import-stored")).to_be_visible()
    page.get_by_test_id("close-import").click()

    slots = page.locator("[data-lesson]")
    expect(slots).to_have_count(2)
    expect(slots.nth(0)).to_contain_text("林梅 · 云岭小学三四年级")
    assert findings(page) == []

    page.keyboard.press("n")
    page.get_by_test_id("plan-title").fill("茉莉花")
    page.get_by_test_id("plan-date").fill(str(monday))
    page.get_by_test_id("plan-start").fill("08:40")
    page.get_by_test_id("plan-end").fill("09:20")
    page.get_by_test_id("plan-teacher").select_option(label="陈雨")
    page.get_by_label("云岭小学三四年级").check()
    page.get_by_test_id("save-lesson").click()
    taken = page.locator("fieldset[data-fault=true]")
    expect(taken).to_contain_text("“分数的初步认识”占用（08:20–09:00）")
    assert findings(page) == []
    page.get_by_test_id("plan-start").fill("09:00")
    page.get_by_test_id("plan-end").fill("09:40")
    page.get_by_test_id("save-lesson").click()
    page.get_by_test_id("make-links").click()
    expect(page.locator(".made-links code").first).to_contain_text("/teach/les_")
    expect(page.locator(".made-links code")).to_have_count(3)
    page.keyboard.press("Escape")
    expect(slots).to_have_count(3)


def test_the_week_is_walked_by_keys_and_found_by_search(office: Office, visit: Callable[..., Page]) -> None:
    starts_at_ms = int(office.house.service.planning.now_ms() // 86_400_000 + 400) * 86_400_000
    plan = {"organization_id": office.county.region, "master_id": office.county.users["孙丽"]}
    for day, title in enumerate(("节奏练习", "圆的周长")):
        at_ms = starts_at_ms + day * 86_400_000
        office.house.make("lessons", title=title, starts_at_ms=at_ms, ends_at_ms=at_ms + 2_400_000, **plan)
    page = visit("/timetable", "zhou.min")
    page.keyboard.press("/")
    page.keyboard.type("的周")
    expect(page.get_by_test_id("search-result")).to_contain_text("圆的周长")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="圆的周长")).to_be_visible()
    page.keyboard.press("Escape")
    found = page.locator("[data-lesson]").filter(has_text="圆的周长")
    other = page.locator("[data-lesson]").filter(has_text="节奏练习")
    found.focus()
    if other.count() == 0:  # a week ends between the two days
        page.keyboard.press("[")
        expect(other).to_be_visible()
        other.focus()
    else:
        page.keyboard.press("ArrowLeft")
    expect(other).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="节奏练习")).to_be_visible()


def test_a_device_is_enrolled_a_consent_granted_and_no_change_overwritten(
    office: Office, visit: Callable[..., Page]
) -> None:
    county, house = office.county, office.house
    page = visit("/school?kind=endpoints", "zhou.min")
    expect(page.get_by_test_id("records").locator("tbody tr")).to_have_count(4)
    assert findings(page) == []
    page.get_by_test_id(f"enrol-{county.devices[0]}").click()
    page.get_by_test_id("make-code").click()
    code = page.get_by_test_id("secret").inner_text()
    enrolled = house.anyone.post(f"{API}/device/enrol", json={"code": code.upper()})
    assert enrolled.raise_for_status().json()["endpoint_id"] == county.devices[0]
    assert findings(page) == []
    page.keyboard.press("Escape")

    page.get_by_test_id("kind-student-groups").click()
    group = county.groups[1]
    page.get_by_test_id(f"consents-{group}").click()
    recording = page.get_by_test_id("consent-recording")
    expect(recording).to_have_attribute("data-decision", "none")
    page.get_by_test_id("granted-recording").click()
    expect(recording).to_have_attribute("data-decision", "granted")
    assert findings(page) == []
    [consent] = house.admin.get(f"{API}/consents", params={"student_group_id": group}).json()
    assert (consent["kind"], consent["decision"]) == ("recording", "granted")
    page.keyboard.press("Escape")

    row = page.get_by_test_id(f"record-{group}")
    row.get_by_role("button", name=re.compile("修改")).click()
    page.get_by_test_id("field-size").fill("10")
    known = house.admin.get(f"{API}/student-groups/{group}").json()
    draft = {**known, "name": "石桥三年级"}
    house.admin.put(f"{API}/student-groups/{group}", json=draft, headers={"If-Match": "*"}).raise_for_status()
    page.get_by_test_id("save-record").click()
    page.get_by_test_id("outdated").get_by_role("button").click()
    expect(page.get_by_test_id("field-name")).to_have_value("石桥三年级")
    page.get_by_test_id("field-size").fill("10")
    page.get_by_test_id("save-record").click()
    expect(row).to_contain_text("10")
    assert house.admin.get(f"{API}/student-groups/{group}").json()["name"] == "石桥三年级"


def test_who_signs_in_sees_what_the_role_allows(office: Office, visit: Callable[..., Page]) -> None:
    page = visit("/school")
    sign_in(page, "lin.mei", "wrong password")
    expect(page.get_by_test_id("sign-in-fault")).to_contain_text("登录名或密码不正确")
    assert findings(page) == []
    sign_in(page, "lin.mei")
    expect(page.get_by_test_id("kind-courses")).to_be_visible()
    expect(page.get_by_test_id("kind-users")).to_have_count(0)
    expect(page.get_by_test_id("new-record")).to_have_count(0)
    page.get_by_test_id("account").click()
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_test_id("login")).to_be_visible()

    for _ in range(10):
        refused = office.house.anyone.post(
            f"{API}/sign-in", json={"login": "chen.yu", "password": "wrong password"}
        )
        assert refused.status_code == 401
    sign_in(page, "chen.yu")
    expect(page.get_by_test_id("locked")).to_contain_text(re.compile(r"1[45]:\d\d"))
    expect(page.get_by_test_id("sign-in")).to_be_disabled()


def test_the_schools_own_sign_in_leaves_no_token_in_the_address(
    office: Office, visit: Callable[..., Page]
) -> None:
    page = visit("/")
    page.get_by_role("link", name="用学校统一账号登录").click()
    expect(page.get_by_test_id("account")).to_contain_text("孙丽")
    assert page.evaluate("location.hash") == ""
    token = page.evaluate("sessionStorage.getItem('tandem.credential')")
    signed_out = office.house.anyone.post(f"{API}/sign-out", headers={"Authorization": f"Bearer {token}"})
    signed_out.raise_for_status()
    page.reload()
    expect(page.get_by_text("登录已失效")).to_be_visible()


def test_axe_finds_nothing_grave_on_any_page(office: Office, visit: Callable[..., Page]) -> None:
    page = visit("/", "zhou.min")
    ready = {
        "/": "main h1",
        "/timetable": ".week",
        "/school?kind=users": "[data-testid=records]",
        "/watch/res_unknown": "[role=alert]",
    }
    for path, sign in ready.items():
        page.goto(office.house.url + path)
        page.wait_for_selector(sign)
        assert findings(page) == [], path
        page.emulate_media(color_scheme="dark")
        assert findings(page) == [], f"{path} when dark"
        page.emulate_media(color_scheme="light")
    page.evaluate("document.querySelector('main').append(new Image())")
    assert [found.split()[0] for found in findings(page)] == ["image-alt"]
