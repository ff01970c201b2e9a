"""A county with its schools, teachers and classrooms, as an administrator would have entered them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.classroom_api.house import API, House

ZONE = ZoneInfo("Asia/Shanghai")
PASSWORD = "yunling mountain school"
STAFF = (
    ("lin.mei", "林梅", "master"),
    ("zhao.guoqing", "赵国庆", "master"),
    ("chen.yu", "陈雨", "master"),
    ("sun.li", "孙丽", "master"),
    ("wang.xiulan", "王秀兰", "assistant"),
    ("yang.bo", "杨波", "assistant"),
    ("a.zhen", "阿珍", "assistant"),
    ("li.yong", "李勇", "assistant"),
    ("zhou.min", "周敏", "admin"),
)
SCHOOLS = (
    ("云岭小学", "school", ("三四年级", (3, 4), 12)),
    ("石桥村教学点", "teaching_point", ("三年级", (3,), 9)),
    ("青沟小学", "school", ("四年级", (4,), 17)),
    ("龙泉希望小学", "school", ("五六年级", (5, 6), 14)),
)
COURSES = (
    ("三年级数学上册", "数学", 3, ("分数的初步认识", "几分之一", "周长", "长方形和正方形")),
    ("三年级英语上册", "英语", 3, ("Unit 1 Hello", "Unit 2 Colours")),
    ("四年级音乐", "音乐", 4, ("茉莉花", "节奏练习")),
)
# day of the week, start, minutes, title, teacher, room, classrooms
WEEK = (
    (0, "08:20", 40, "分数的初步认识", "林梅", "录播教室一", (0, 1)),
    (0, "08:20", 40, "茉莉花", "陈雨", "音乐教室", (2,)),
    (0, "10:10", 40, "Unit 1 Hello", "孙丽", "录播教室一", (0, 1, 2)),
    (1, "09:10", 40, "几分之一", "林梅", "录播教室一", (0, 1)),
    (1, "14:00", 40, "科学：水的三态", "赵国庆", "实验室", (3,)),
    (2, "08:20", 40, "分数的简单计算", "林梅", "录播教室一", (0, 1)),
    (2, "08:20", 40, "节奏练习", "陈雨", "音乐教室", (2,)),
    (2, "08:40", 40, "科学：电路", "赵国庆", "实验室", (3,)),
    (2, "10:10", 40, "Unit 2 Colours", "孙丽", "录播教室一", (0, 1, 2)),
    (3, "09:10", 40, "周长", "林梅", "录播教室一", (0, 1)),
    (3, "15:00", 60, "县级英语教研", "孙丽", "录播教室二", ()),
    (4, "08:20", 40, "长方形和正方形", "林梅", "录播教室一", (0, 1)),
    (4, "13:30", 80, "艺术节彩排", "陈雨", "礼堂", (0, 2, 3)),
)


@dataclass(frozen=True, slots=True)
class County:
    """Ids by name. `monday`: of the week that the lessons lie in."""

    region: str
    users: dict[str, str]
    pairings: tuple[str, ...]
    groups: tuple[str, ...]
    devices: tuple[str, ...]
    monday: date


def this_monday() -> date:
    today = datetime.now(ZONE).date()
    return today - timedelta(days=today.weekday())


def open_county(house: House) -> County:
    """The county without lessons."""
    region = house.make("organizations", kind="region", name="山谷县")
    house.make("organizations", kind="studio", name="县实验小学录播中心", parent_id=region)
    users = {}
    for login, name, role in STAFF:
        users[name] = house.make("users", organization_id=region, login=login, name=name)
        house.make("role-grants", organization_id=region, user_id=users[name], role=role)
        path = f"{API}/users/{users[name]}/password"
        if role != "assistant":
            house.admin.put(path, json={"password": PASSWORD}).raise_for_status()
    assistants = [users[name] for _, name, role in STAFF if role == "assistant"]
    groups, devices, pairings = [], [], []
    for number, (name, kind, (group, grades, size)) in enumerate(SCHOOLS):
        school = house.make("organizations", kind=kind, name=name, parent_id=region)
        groups.append(
            house.make(
                "student-groups", organization_id=school, name=name + group, grade_levels=grades, size=size
            )
        )
        devices.append(house.make("endpoints", organization_id=school, name=f"{name}大屏", room="多媒体教室"))
        pairings.append(
            house.make(
                "pairings",
                organization_id=region,
                name=name + group,
                student_group_id=groups[-1],
                endpoint_id=devices[-1],
                assistant_id=assistants[number],
            )
        )
    for title, subject, grade, units in COURSES:
        course = house.make(
            "courses", organization_id=region, title=title, subject=subject, grade=grade, edition="人教版"
        )
        for number, unit in enumerate(units, 1):
            house.make("units", course_id=course, title=unit, node=f"1.{number}", week=number)
    return County(region, users, tuple(pairings), tuple(groups), tuple(devices), this_monday())


def moment_ms(day: date, clock: str) -> int:
    """UTC milliseconds of a clock time in the county."""
    return int(datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=ZONE).timestamp() * 1000)


def fill_week(house: House, county: County) -> None:
    """Lessons of one week, one of them a draft."""
    for day, clock, minutes, title, teacher, room, classrooms in WEEK:
        starts_at_ms = moment_ms(county.monday + timedelta(days=day), clock)
        house.make(
            "lessons",
            title=title,
            organization_id=county.region,
            master_id=county.users[teacher],
            room=room,
            starts_at_ms=starts_at_ms,
            ends_at_ms=starts_at_ms + minutes * 60_000,
            pairings=[county.pairings[number] for number in classrooms],
            recording_policy="master_only",
            state="draft" if title == "县级英语教研" else "scheduled",
        )
